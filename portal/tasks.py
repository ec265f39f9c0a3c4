"""What the beat rings: look for work, check the books."""

import logging

from celery import shared_task
from django.utils import timezone

from billing.services.books import check_books
from portal import sweep as sweeping

logger = logging.getLogger(__name__)


@shared_task(name="portal.sweep")
def sweep() -> None:
    """Ring for every row that is due and not done."""
    sweeping.ring_due(now=timezone.now())


@shared_task(name="portal.report_stuck_work")
def report_stuck_work() -> None:
    """Raise an alarm for each row that is due and nobody owns for over 15 minutes (I12)."""
    for name, pk in sweeping.stuck_work(now=timezone.now()):
        logger.error("work is stuck", extra={"work": name, "pk": pk})


@shared_task(name="portal.check_books")
def check_books_nightly() -> None:
    """Re-add the ledger and check the invariants; differences are alarms in the log."""
    check_books()
