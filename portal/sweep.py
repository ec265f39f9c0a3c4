"""Finds every row that is due and not done: the safety net under the bell.

Two ways to use the same list of work: the beat rings for each row, and `manage.py sweep` does
the work itself, with no broker at all (DESIGN.md section 4).
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from billing.models import Order, OrderEvent, Payment, Refund, Renewal, StripeEvent
from billing.services.reconciliation import read_due_payment
from billing.services.refunds import push_refund
from billing.services.renewals import push_renewal
from billing.services.settlement import expire_due_order
from billing.services.stripe_events import process_stripe_event
from billing.services.usage_charges import post_usage_charge
from messaging.models import Message
from messaging.services.delivery import deliver_due
from plans.models import LineNotice, Reminder, ServiceOrder, UsageCharge
from plans.services.lifecycle_run import run_lifecycle
from plans.services.line_notices import queue_line_notice
from plans.services.periods import advance_periods
from plans.services.reminders import queue_reminder
from portal.ring import ring

logger = logging.getLogger(__name__)

# Rows of one kind that one sweep takes; the next sweep takes the rest.
BATCH = 500
# Work older than this without an owner is an alarm (invariant I12).
STUCK_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of row that is work."""

    name: str
    # Registered name of the task that the bell rings.
    task: str
    due: Callable[[datetime], list[int]]
    do: Callable[[int, datetime], object]


def _renewals_due(now: datetime) -> list[int]:
    """Not effective, and the network's order is due, or done or refused without us having noted
    it."""
    noted = OrderEvent.objects.filter(order=OuterRef("order"), kind=OrderEvent.Kind.NETWORK_REFUSED)
    return _ids(
        Renewal.objects.filter(effective_at__isnull=True, order__state=Order.State.APPLIED).filter(
            Q(service_order__in=ServiceOrder.objects.due(now))
            | Q(service_order__state=ServiceOrder.State.COMPLETED)
            | (Q(service_order__state=ServiceOrder.State.REFUSED) & ~Exists(noted))
        )
    )


def _orders_due(now: datetime) -> list[int]:
    return _ids(Order.objects.filter(state=Order.State.AWAITING_PAYMENT, expires_at__lte=now))


def _ids[Row: Model](rows: QuerySet[Row]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


WORK = (
    Work(
        "events",
        "billing.process_stripe_event",
        lambda now: _ids(StripeEvent.objects.due(now)),
        lambda pk, now: process_stripe_event(event_pk=pk, now=now),
    ),
    Work(
        "payments",
        "billing.read_payment",
        lambda now: _ids(Payment.objects.due(now)),
        lambda pk, now: read_due_payment(payment_id=pk, now=now),
    ),
    Work(
        "orders",
        "billing.expire_order",
        _orders_due,
        lambda pk, now: expire_due_order(order_id=pk, now=now),
    ),
    Work(
        "renewals",
        "billing.push_renewal",
        _renewals_due,
        lambda pk, now: push_renewal(renewal_id=pk, now=now),
    ),
    Work(
        "refunds",
        "billing.push_refund",
        lambda now: _ids(Refund.objects.due(now)),
        lambda pk, now: push_refund(refund_id=pk, now=now),
    ),
    # What imported usage records take from a balance.
    Work(
        "usage charges",
        "billing.post_usage_charge",
        lambda now: _ids(UsageCharge.objects.due(now)),
        lambda pk, now: post_usage_charge(charge_id=pk, now=now),
    ),
    # What `send_reminders` found and could not finish.
    Work(
        "reminders",
        "plans.queue_reminder",
        lambda now: _ids(Reminder.objects.due(now)),
        lambda pk, now: queue_reminder(reminder_id=pk, now=now),
    ),
    # What `run_lifecycle` noted and could not finish.
    Work(
        "notices",
        "plans.queue_line_notice",
        lambda now: _ids(LineNotice.objects.due(now)),
        lambda pk, now: queue_line_notice(notice_id=pk, now=now),
    ),
)


def ring_due(*, now: datetime) -> int:
    """Ring for every due row and move periods on; return how many bells."""
    advance_periods(now=now)
    bells = 0
    for work in WORK:
        for pk in work.due(now):
            ring(work.task, pk)
            bells += 1
    for pk in _ids(Message.objects.due(now)):
        ring("messaging.deliver_message", pk)
        bells += 1
    return bells


def sweep(*, now: datetime) -> dict[str, int]:
    """Do all due work in this process, without any broker; return counts by kind.

    One row's failure is written to the log and leaves the others their turn.
    """
    started = time.monotonic()

    def moment() -> datetime:
        """The caller's clock moves on with the work, else late leases would be born dead."""
        return now + timedelta(seconds=time.monotonic() - started)

    done = {"periods": advance_periods(now=now), "lines": run_lifecycle(now=now).total}
    for work in WORK:
        done[work.name] = sum(1 for pk in work.due(moment()) if _did(work, pk, moment()))
    # Messages that this very sweep queued are younger than `now`; they need not wait for the next.
    done["messages"] = deliver_due(now=moment())
    return done


def _did(work: Work, pk: int, now: datetime) -> bool:
    try:
        work.do(pk, now)
    # Process edge: one broken row must not stop the sweep; the error is in the log.
    except Exception:
        logger.exception("sweep failed", extra={"work": work.name, "pk": pk})
        return False
    return True


def stuck_work(*, now: datetime) -> Iterator[tuple[str, int]]:
    """Rows due for over 15 minutes that nobody owns (invariant I12)."""
    for work in WORK:
        for pk in work.due(now - STUCK_AFTER):
            yield work.name, pk
