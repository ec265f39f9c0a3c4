"""Money going back: the row and its key exist before Stripe is asked."""

import logging
from datetime import datetime

from django.db import transaction

from billing.errors import ProviderRefused, ProviderUnavailable
from billing.models import Order, OrderEvent, Payment, Refund
from billing.services.ledger import cash_account, post_entry, prepaid_account
from billing.services.notices import queue_refund
from billing.services.orders import record_event
from billing.stripe_client import RefundSnapshot, create_refund, read_refund
from messaging.models import retry_at
from plans.models import Line
from portal.ring import ring

logger = logging.getLogger(__name__)

# Stripe's words for money that will not arrive.
FAILED_STATUSES = frozenset({"failed", "canceled"})


def start_refund(payment: Payment, *, reason: Refund.Reason, now: datetime) -> Refund:
    """Decide, within the caller's transaction and locks, that a whole payment goes back.

    A refund belongs to its payment and never touches another one of the same order.
    """
    payment.state = Payment.State.REFUNDING
    payment.save(update_fields=["state"])
    refund, _ = Refund.objects.get_or_create(
        payment=payment,
        reason=reason,
        defaults={
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "next_try_at": now,
        },
    )
    record_event(
        payment.order, OrderEvent.Kind.REFUND_STARTED, at=now, refund=str(refund.public_id)
    )
    queue_refund(refund)
    ring("billing.push_refund", refund.pk)
    return refund


def push_refund(*, refund_id: int, now: datetime) -> None:
    """Ask Stripe for the refund, or how it stands, and write down the answer; once at a time."""
    if not Refund.objects.claim(refund_id, now=now):
        return
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    try:
        answer = (
            read_refund(refund.stripe_refund_id)
            if refund.stripe_refund_id
            else create_refund(
                idempotency_key=f"refund:{refund.public_id}",
                intent_id=refund.payment.stripe_payment_intent_id or "",
                amount_minor=refund.amount_minor,
                refund_id=str(refund.public_id),
            )
        )
    except ProviderUnavailable as error:
        Refund.objects.filter(pk=refund_id).update(
            error=str(error), next_try_at=retry_at(now, refund.attempts), leased_until=None
        )
        return
    except ProviderRefused as error:
        _record_failed(refund_id, str(error), now=now)
        return
    _record_answer(refund_id, answer, now=now)


def check_sent_refund(*, refund_id: int, now: datetime) -> None:
    """Look again at a refund that was sent: a bank may return it days later (Stripe's rule).

    Then the order's story says so, once, and the alarm rings; what was booked stays booked until
    a person has found another way. Raises ProviderUnavailable when Stripe cannot be read.
    """
    refund = Refund.objects.get(pk=refund_id)
    try:
        answer = read_refund(refund.stripe_refund_id or "")
    except ProviderRefused as error:
        extra = {"refund": str(refund), "reason": error.code}
        logger.error("refund not shown", extra=extra)  # noqa: TRY400 (the code says it all)
        return
    if answer.status not in FAILED_STATUSES:
        return
    reason, mark = (answer.failure_reason or answer.status)[:200], str(refund.public_id)
    with transaction.atomic():
        order = _locked(refund_id).payment.order
        if order.events.filter(kind=OrderEvent.Kind.REFUND_FAILED, detail__refund=mark).exists():
            return
        record_event(order, OrderEvent.Kind.REFUND_FAILED, at=now, refund=mark, reason=reason)
    logger.error("refund came back", extra={"order": order.number, "reason": reason})


def _record_answer(refund_id: int, answer: RefundSnapshot, *, now: datetime) -> None:
    if answer.status in FAILED_STATUSES:
        _record_failed(refund_id, answer.failure_reason or answer.status, now=now)
        return
    with transaction.atomic():
        refund = _locked(refund_id)
        if refund.state in {Refund.State.SUCCEEDED, Refund.State.FAILED}:
            return
        refund.stripe_refund_id = answer.refund_id
        refund.error = ""
        refund.leased_until = None
        refund.state = Refund.State.PENDING
        refund.next_try_at = retry_at(now, refund.attempts)
        if answer.status == "succeeded":
            _record_succeeded(refund, now=now)
        refund.save()


def _record_succeeded(refund: Refund, *, now: datetime) -> None:
    payment, order = refund.payment, refund.payment.order
    refund.state = Refund.State.SUCCEEDED
    refund.succeeded_at = now
    refund.next_try_at = None
    payment.state = Payment.State.REFUNDED
    payment.save(update_fields=["state"])
    post_entry(
        key=f"refund:{refund.public_id}",
        debit=prepaid_account(order.line.brand, refund.currency),
        credit=cash_account(refund.currency),
        amount_minor=refund.amount_minor,
        order=order,
        payment=payment,
    )
    record_event(order, OrderEvent.Kind.REFUNDED, at=now, refund=str(refund.public_id))


def _record_failed(refund_id: int, reason: str, *, now: datetime) -> None:
    """Stripe will not send the money back: a person must, so the alarm rings."""
    with transaction.atomic():
        refund = _locked(refund_id)
        if refund.state in {Refund.State.SUCCEEDED, Refund.State.FAILED}:
            return
        refund.state = Refund.State.FAILED
        refund.error = reason[:500]
        refund.next_try_at = refund.leased_until = None
        refund.save()
        order = refund.payment.order
        record_event(order, OrderEvent.Kind.REFUND_FAILED, at=now, reason=reason[:200])
    logger.error("refund failed", extra={"order": order.number, "reason": reason[:200]})


def _locked(refund_id: int) -> Refund:
    """The refund with everything above it locked in the written order."""
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    Line.objects.lock(refund.payment.order.line_id)
    order = Order.objects.lock(refund.payment.order_id)
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    payment.order = order
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.payment = payment
    return refund
