"""What an order's customer is told by e-mail and SMS, queued in the transaction it is about."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from billing.declines import decline_sentence
from billing.models import Order, OrderLine, Payment, Refund, Renewal
from messaging.services.outbox import queue_message, withdraw
from plans.models import Line, Period


def queue_effective(renewal: Renewal) -> None:
    """Tell that the renewal is in force, until when, and what was paid."""
    order, period = renewal.order, renewal.period
    starts_later = period.start_at > (renewal.effective_at or renewal.applied_at)
    _queue(
        order,
        "renewal_effective",
        key=f"renewal_effective:{order.number}",
        start_at=period.start_at.isoformat(),
        end_at=period.end_at.isoformat(),
        effective_at=renewal.effective_at.isoformat() if renewal.effective_at else "",
        queued=starts_later and not period.is_stacked,
        lies=_place_in_words(period, order),
    )


def _place_in_words(period: Period, order: Order) -> str:
    """How the period came to lie, by which the templates choose their sentence."""
    if period.is_parallel:
        return "beside"
    if period.is_stacked:
        return "stacked"
    # What waits behind the period that was to be replaced begins at its end as well, but later.
    is_in_force = order.paid_at is not None and period.start_at <= order.paid_at
    replaces = is_in_force and order.lines.filter(replaces__end_at=period.start_at).exists()
    return "replaced" if replaces else ""


def queue_failure(order: Order, payment: Payment) -> None:
    """Tell that a payment was refused and that the order still stands; once per payment."""
    with translation.override(order.language):
        reason = decline_sentence(payment.failure_code)
    _queue(
        order,
        "payment_failed",
        key=f"payment_failed:{payment.public_id}",
        subject=_failure_subject(order),
        reason=reason,
        expires_at=order.expires_at.isoformat(),
    )


def withdraw_failure(order: Order) -> None:
    """The order is paid, cancelled or in review: a failure not yet told would only confuse."""
    withdraw(subject=_failure_subject(order))


def queue_refund(refund: Refund) -> None:
    """Tell that money goes back, how much and why."""
    order = refund.payment.order
    with translation.override(order.language):
        reason = str(refund.Reason(refund.reason).label)
    _queue(
        order,
        "payment_refunded",
        key=f"payment_refunded:{refund.public_id}",
        reason=reason,
        amount_minor=refund.amount_minor,
    )


def queue_credit(order: Order) -> None:
    """Tell that the money stands on the line's balance."""
    _queue(order, "payment_credited", key=f"payment_credited:{order.number}")


def queue_review(order: Order) -> None:
    """Tell that a payment arrived that a person must look at, and that nothing is lost."""
    _queue(order, "order_in_review", key=f"order_in_review:{order.number}")


def _failure_subject(order: Order) -> str:
    return f"order-failed:{order.number}"


def _queue(order: Order, template: str, *, key: str, subject: str = "", **context: Any) -> None:
    """Queue one message per channel that reaches the customer, in the order's language."""
    addresses = {"sms": _number_of(order), "email": order.customer.email or ""}
    for channel, address in addresses.items():
        if address:
            queue_message(
                channel=channel,
                address=address,
                language=order.language,
                template=template,
                context=_context(order) | context,
                dedupe_key=f"{key}:{channel}",
                subject=subject,
                demo=order.line.is_demo,
            )


def _number_of(order: Order) -> str:
    """The line's number, or "" when line or number have become another customer's: lines move,
    and numbers are recycled."""
    line = order.line
    if line.customer_id != order.customer_id:
        return ""
    others = Line.objects.filter(msisdn=line.msisdn).exclude(state=Line.State.TERMINATED)
    is_recycled = line.state == Line.State.TERMINATED and others.exists()
    return "" if is_recycled else line.msisdn


def _context(order: Order) -> dict[str, Any]:
    line = order.line
    item = order.lines.select_related("version").get(kind=OrderLine.Kind.PLAN)
    with translation.override(order.language):
        brand, plan = line.brand.name, item.version.name if item.version else ""
    return {
        "order_number": order.number,
        "order_url": urljoin(settings.SITE_URL, reverse("billing:order", args=[order.number])),
        "line_url": urljoin(settings.SITE_URL, reverse("billing:line", args=[line.public_id])),
        "brand": brand,
        "plan": plan,
        "msisdn": line.msisdn,
        "amount_minor": order.total_minor,
        "currency": order.currency,
        "time_zone": line.brand.time_zone,
        # There is no other mode.
        "test_mode": True,
    }
