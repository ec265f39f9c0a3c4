"""From paid to applied to effective: the one outcome of an order on its line."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from billing.models import Order, OrderEvent, OrderLine, Payment, Refund, Renewal
from billing.services.ledger import (
    SaleAccounts,
    balance_account,
    post_entry,
)
from billing.services.notices import queue_credit, queue_effective
from billing.services.orders import move_order, record_event
from billing.services.refunds import start_refund
from plans.errors import LineCannotTake
from plans.models import Line, Period
from plans.renewability import Refusal
from plans.services.network import Outcome, place_service_order, push_service_order
from plans.services.periods import grant_period
from portal.ring import ring

logger = logging.getLogger(__name__)

_MOVED = Refusal(
    "line_moved", _("This line is no longer in your account."), _("You get your money back.")
)


def apply_order(order: Order, *, payment: Payment, accounts: SaleAccounts, now: datetime) -> None:
    """Make a paid order's outcome, within the settlement's transaction and locks.

    The line takes the period, or the money becomes balance where rule 5 of DESIGN.md §4 allows
    it, or it goes back; never silence. It goes back, too, where the line has got another owner
    since the order.
    """
    if order.line.customer_id != order.customer_id:
        _return_money(order, payment, accounts, _MOVED, now=now)
        return
    item = order.lines.select_related("version__plan__brand").get(kind=OrderLine.Kind.PLAN)
    assert item.version is not None  # noqa: S101 (constraint billing_order_line_plan)
    assert order.paid_at is not None  # noqa: S101 (constraint billing_order_paid_at)
    try:
        period = grant_period(
            line=order.line,
            version=item.version,
            paid_at=order.paid_at,
            now=now,
            agreed=item.agreed,
        )
    except LineCannotTake as error:
        _return_money(order, payment, accounts, error.refusal, now=now)
    else:
        _renew(order, period, accounts, now=now)


def _return_money(
    order: Order, payment: Payment, accounts: SaleAccounts, refusal: Refusal, *, now: datetime
) -> None:
    logger.error("paid, not applicable", extra={"order": order.number, "reason": refusal.code})
    if may_credit(order):
        _credit(order, accounts, reason=refusal.code, now=now)
    else:
        move_order(order, Order.State.REFUNDED)
        start_refund(payment, reason=Refund.Reason.NOT_APPLICABLE, now=now)


def may_credit(order: Order) -> bool:
    """Whether money that cannot be applied may stand on the line's balance instead.

    Only when the payer owns the line, the line lives, the charge is in the brand's currency
    and the balance stays within the brand's limit (DESIGN.md §4, "Two orders").
    """
    line = order.line
    lives = line.state in {Line.State.ACTIVE, Line.State.GRACE, Line.State.SUSPENDED}
    owns = line.customer_id == order.customer_id
    fits = line.balance_minor + order.total_minor <= line.brand.max_balance_minor
    return lives and owns and fits and order.currency == line.brand.currency


def _renew(order: Order, period: Period, accounts: SaleAccounts, *, now: datetime) -> None:
    renewal = Renewal.objects.create(
        order=order,
        line=order.line,
        period=period,
        service_order=place_service_order(period=period, now=now),
        applied_at=now,
    )
    post_entry(
        key=f"renewal:{order.number}",
        debit=accounts.prepaid,
        credit=accounts.revenue,
        amount_minor=order.total_minor,
        order=order,
    )
    move_order(
        order,
        Order.State.APPLIED,
        applied_at=now,
        is_possible_duplicate=_is_possible_duplicate(order),
    )
    record_event(order, OrderEvent.Kind.APPLIED, at=now, end_at=period.end_at.isoformat())
    ring("billing.push_renewal", renewal.pk)


def _is_possible_duplicate(order: Order) -> bool:
    """Whether another order for the same line was paid after this one had been opened already:
    two tabs, two devices, or one click too many (DESIGN.md §4)."""
    # Stripe's times are whole seconds, ours are finer.
    opened_at = order.created_at - timedelta(seconds=1)
    return (
        Order.objects.filter(line=order.line, paid_at__gte=opened_at, renewal__isnull=False)
        .exclude(pk=order.pk)
        .exists()
    )


def _credit(order: Order, accounts: SaleAccounts, *, reason: str, now: datetime) -> None:
    line = order.line
    post_entry(
        key=f"credit:{order.number}",
        debit=accounts.prepaid,
        credit=balance_account(line),
        amount_minor=order.total_minor,
        order=order,
    )
    Line.objects.filter(pk=line.pk).update(balance_minor=F("balance_minor") + order.total_minor)
    move_order(order, Order.State.CREDITED)
    record_event(order, OrderEvent.Kind.CREDITED, at=now, reason=reason)
    queue_credit(order)


def push_renewal(*, renewal_id: int, now: datetime) -> Outcome | None:
    """Carry a renewal to the network and, when that confirms it, make the order effective.

    None when another worker is at it. Calling again changes nothing.
    """
    renewal = Renewal.objects.only("service_order_id", "effective_at").get(pk=renewal_id)
    if renewal.effective_at is not None:
        return None
    outcome = push_service_order(service_order_id=renewal.service_order_id, now=now)
    if outcome is None:
        return None
    if outcome.state == "completed":
        mark_effective(renewal_id=renewal_id, at=outcome.at or now, now=now)
    elif outcome.state == "refused":
        _record_network_refusal(renewal_id, outcome.reason, now=now)
    else:
        ring("billing.push_renewal", renewal_id, after=min(outcome.retry_in_seconds or 1, 30))
    return outcome


def mark_effective(*, renewal_id: int, at: datetime, now: datetime) -> None:
    """The network confirmed the period: order effective, customer told, in one transaction.

    Nothing happens when it is effective already, or was refunded meanwhile.
    """
    with transaction.atomic():
        renewal = Renewal.objects.select_related("order", "period").get(pk=renewal_id)
        line = Line.objects.lock(renewal.line_id)
        order = Order.objects.lock(renewal.order_id)
        renewal = (
            Renewal.objects.select_for_update(of=("self",))
            .select_related("period")
            .get(pk=renewal_id)
        )
        if renewal.effective_at is not None or order.state != Order.State.APPLIED:
            return
        order.line = line
        renewal.order = order
        renewal.effective_at = min(max(at, renewal.applied_at), max(now, renewal.applied_at))
        renewal.save(update_fields=["effective_at"])
        move_order(order, Order.State.EFFECTIVE, effective_at=renewal.effective_at)
        record_event(order, OrderEvent.Kind.EFFECTIVE, at=renewal.effective_at)
        queue_effective(renewal)


def _record_network_refusal(renewal_id: int, reason: str, *, now: datetime) -> None:
    """The network will never take it: the order hangs, visibly, and a person must decide."""
    with transaction.atomic():
        renewal = Renewal.objects.get(pk=renewal_id)
        order = Order.objects.lock(renewal.order_id)
        if order.events.filter(kind=OrderEvent.Kind.NETWORK_REFUSED).exists():
            return
        record_event(order, OrderEvent.Kind.NETWORK_REFUSED, at=now, reason=reason[:200])
    logger.error("network refused", extra={"order": order.number, "reason": reason[:200]})
