"""What webhooks did not tell: events listed there and unknown here, payments unread for long."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min, QuerySet

from billing.errors import ProviderRefused, ProviderUnavailable
from billing.models import Order, Payment, StripeEvent
from billing.services.settlement import settle_payment
from billing.services.stripe_events import process_stripe_event, store_event
from billing.stripe_client import list_events

logger = logging.getLogger(__name__)

# How far back the first run looks, and how far each run looks behind the newest known event:
# events do not arrive in order.
FIRST_LOOK = timedelta(days=3)
OVERLAP = timedelta(hours=1)


@dataclass(slots=True)
class ReconciliationReport:
    """What one run found and did; counts."""

    events_listed: int = 0
    events_missed: int = 0
    payments_read: int = 0
    unreachable: int = 0


def reconcile_stripe(*, now: datetime) -> ReconciliationReport:
    """Fetch the events we missed and read every open payment, whatever webhooks did.

    Works with webhooks switched off. What Stripe cannot answer now stays due.
    """
    report = ReconciliationReport()
    try:
        _fetch_missed_events(report, now=now)
    except (ProviderUnavailable, ProviderRefused) as error:
        report.unreachable += 1
        logger.warning("events not listed", extra={"reason": str(error)})
    unread = _open_payments().filter(created_at__lte=now - timedelta(minutes=1))
    for payment_id in unread.values_list("pk", flat=True):
        report.payments_read += 1
        if not read_payment(payment_id=payment_id, now=now):
            report.unreachable += 1
    return report


def _fetch_missed_events(report: ReconciliationReport, *, now: datetime) -> None:
    since = _look_since(now).replace(microsecond=0)
    recent = StripeEvent.objects.filter(created_at__gte=since)
    known = set(recent.values_list("event_id", flat=True))
    # Oldest first, so that the story is told in its order.
    for event in reversed(list(list_events(since=since))):
        report.events_listed += 1
        if event.event_id in known:
            continue
        report.events_missed += 1
        row = store_event(event, source=StripeEvent.Source.RECONCILIATION, now=now)
        try:
            process_stripe_event(event_pk=row.pk, now=now)
        except Exception:
            # Process edge: one broken event must not hide the others; its row stays due.
            logger.exception("event not processed", extra={"event": event.event_id})


def _open_payments() -> QuerySet[Payment]:
    """Payments that may still be paid; what is in review waits for a person, not for a reading."""
    return Payment.objects.filter(state__in=Payment.due_states).exclude(
        order__state=Order.State.IN_REVIEW
    )


def _look_since(now: datetime) -> datetime:
    """From when on to list events: an hour before the newest we know, but always back to the
    oldest payment that is still open, whose own event may be among the missed ones."""
    newest = StripeEvent.objects.aggregate(at=Max("created_at"))["at"]
    if newest is None:
        return now - FIRST_LOOK
    oldest_open = _open_payments().aggregate(at=Min("created_at"))["at"]
    # An event's time is Stripe's; one ahead of ours must not hide what comes until then.
    since: datetime = min(newest - OVERLAP, now - OVERLAP, oldest_open or now)
    return max(since, now - FIRST_LOOK)


def read_payment(*, payment_id: int, now: datetime) -> bool:
    """Settle one payment from what Stripe says now; False when it could not be asked."""
    try:
        settle_payment(payment_id=payment_id, now=now)
    except ProviderUnavailable as error:
        Payment.objects.filter(pk=payment_id).update(
            next_try_at=now + timedelta(minutes=1), leased_until=None, error=str(error)
        )
        return False
    return True


def read_due_payment(*, payment_id: int, now: datetime) -> None:
    """The same for a worker: only when the row is due, and one worker at a time."""
    if Payment.objects.claim(payment_id, now=now):
        read_payment(payment_id=payment_id, now=now)
