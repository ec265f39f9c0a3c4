"""What the beat rings: look for work, check the books."""

from celery import shared_task
from django.utils import timezone

from billing.services.books import check_books
from portal import sweep as sweeping


@shared_task(name="portal.sweep")
def sweep() -> None:
    """Ring for every row that is due and not done."""
    sweeping.ring_due(now=timezone.now())


@shared_task(name="portal.check_books")
def check_books_nightly() -> None:
    """Re-add the ledger and check the invariants; differences are alarms in the log."""
    check_books()
