"""The one door through which money becomes known: webhook, return page, reconciliation, sweep."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from billing.errors import ProviderRefused
from billing.models import Order, OrderEvent, Payment, Refund
from billing.services.ledger import SaleAccounts, post_entry, sale_accounts
from billing.services.notices import queue_failure, queue_review, withdraw_failure
from billing.services.orders import move_order, record_event
from billing.services.refunds import start_refund
from billing.services.renewals import apply_order
from billing.stripe_client import IntentSnapshot, SessionSnapshot, read_session
from plans.models import Line

logger = logging.getLogger(__name__)

# Minutes between two readings of a session that is open and of which we hear nothing.
READ_AGAIN = timedelta(minutes=5)
# A hosted page closes some seconds after its time.
AFTER_EXPIRY = timedelta(seconds=5)


def settle_payment(*, payment_id: int, now: datetime, session_id: str = "") -> Payment:
    """Read a payment's session from Stripe and bring our rows to the same truth, once.

    `session_id` is what an event names, for a payment whose own row does not know its session
    yet. The reading is outside any transaction; then, under the locks of line, order and
    payment in this order, everything that follows from it is one transaction. Calling again
    changes nothing. A session that Stripe refuses to show puts the order in review. Raises
    ProviderUnavailable when Stripe cannot be read.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    session_id = payment.stripe_session_id or session_id
    if payment.state in {Payment.State.PAID, Payment.State.REFUNDING, Payment.State.REFUNDED}:
        return payment
    if not session_id:
        return _close_without_session(payment, now=now)
    try:
        session = read_session(session_id)
    except ProviderRefused as error:
        return _record_unreadable(payment_id, error, now=now)
    return settle_as(payment_id=payment_id, session=session, now=now)


def settle_as(*, payment_id: int, session: SessionSnapshot, now: datetime) -> Payment:
    """Bring our rows to what a reading of the session says: the transaction of settle_payment."""
    with transaction.atomic():
        payment = _locked(payment_id)
        _settle(payment, session, now=now)
    return payment


def _locked(payment_id: int) -> Payment:
    """The payment and its order, locked in the written order: line, order, payment."""
    ids = Payment.objects.values_list("order_id", "order__line_id")
    order_id, line_id = ids.get(pk=payment_id)
    line = Line.objects.lock(line_id)
    order = Order.objects.lock(order_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    order.line = line
    payment.order = order
    return payment


def mismatch(payment: Payment, session: SessionSnapshot) -> str:
    """Why a paid session does not pay this payment; "" when all fits (notes on Stripe, §5)."""
    intent = session.intent
    wrong = {
        "live_mode": session.is_live,
        "wrong_order": (session.order_number, session.payment_id)
        != (payment.order.number, str(payment.public_id)),
        "wrong_mode": session.mode != "payment",
        "wrong_currency": session.currency != payment.currency
        or session.is_presented_in_other_currency
        or (intent is not None and intent.currency != payment.currency),
        "wrong_amount": session.amount_total != payment.amount_minor
        or (intent is not None and intent.amount_received != payment.amount_minor),
        "no_money": intent is None or intent.status != "succeeded",
    }
    return next((reason for reason, is_wrong in wrong.items() if is_wrong), "")


def _settle(payment: Payment, session: SessionSnapshot, *, now: datetime) -> None:
    if payment.state in {Payment.State.PAID, Payment.State.REFUNDING, Payment.State.REFUNDED}:
        return
    if session.payment_status != "unpaid":
        reason = mismatch(payment, session)
        if reason:
            _put_in_review(payment, reason, now=now)
        else:
            _record_paid(payment, session, now=now)
        return
    if payment.state not in Payment.due_states:
        # Closed meanwhile: a reading older than that must not open it again.
        return
    if payment.stripe_session_id is None and session.payment_id == str(payment.public_id):
        payment.stripe_session_id = session.session_id
        payment.checkout_url = session.url
    if session.status == "expired":
        _record_expired(payment, now=now)
    else:
        _record_open(payment, session, now=now)


def _record_paid(payment: Payment, session: SessionSnapshot, *, now: datetime) -> None:
    """Money is there: payment, ledger and what the order becomes, in the caller's transaction."""
    intent = session.intent
    assert intent is not None  # noqa: S101 (mismatch() refuses a session without)
    order = payment.order
    # Rule 1: the provider's time counts, within what is possible by our own clock.
    paid_at = min(max(intent.succeeded_at or now, order.created_at), max(now, order.created_at))
    payment.state = Payment.State.PAID
    payment.paid_at = paid_at
    payment.stripe_session_id = session.session_id
    payment.stripe_payment_intent_id = intent.intent_id
    payment.card_brand, payment.card_last4 = intent.card_brand[:20], intent.card_last4[:4]
    payment.failure_code = ""
    payment.next_try_at = payment.leased_until = None
    payment.save()
    accounts = sale_accounts(order.line.brand, payment.currency)
    post_entry(
        key=f"capture:{payment.public_id}",
        debit=accounts.cash,
        credit=accounts.prepaid,
        amount_minor=payment.amount_minor,
        order=order,
        payment=payment,
    )
    withdraw_failure(order)
    if order.state in Order.PAYABLE:
        _order_paid(order, payment, accounts, now=now)
    elif order.state != Order.State.IN_REVIEW:
        start_refund(payment, reason=Refund.Reason.PAID_TWICE, now=now)


def _order_paid(order: Order, payment: Payment, accounts: SaleAccounts, *, now: datetime) -> None:
    if payment.amount_minor < order.total_minor and _covered_minor(order) < order.total_minor:
        return
    if order.state != Order.State.AWAITING_PAYMENT:
        record_event(order, OrderEvent.Kind.LATE_PAYMENT, at=now, was=order.state)
    move_order(order, Order.State.PAID, paid_at=payment.paid_at)
    record_event(
        order, OrderEvent.Kind.PAID, at=payment.paid_at or now, payment=str(payment.public_id)
    )
    apply_order(order, payment=payment, accounts=accounts, now=now)


def _covered_minor(order: Order) -> int:
    """What all paid payments of the order come to."""
    paid = order.payments.filter(state=Payment.State.PAID)
    covered: int = paid.aggregate(total=Sum("amount_minor", default=0))["total"]
    return covered


def _put_in_review(payment: Payment, reason: str, *, now: datetime) -> None:
    """Money that is not what the order asks for: nothing is applied, a person looks, alarm."""
    order = payment.order
    payment.error = reason
    payment.next_try_at = None
    payment.leased_until = None
    payment.save(update_fields=["error", "next_try_at", "leased_until"])
    if order.state == Order.State.IN_REVIEW:
        return
    if order.state not in Order.PAYABLE:
        logger.error("payment does not fit", extra={"order": order.number, "reason": reason})
        return
    move_order(order, Order.State.IN_REVIEW, review_reason=reason)
    record_event(order, OrderEvent.Kind.IN_REVIEW, at=now, reason=reason)
    withdraw_failure(order)
    queue_review(order)
    logger.error("order in review", extra={"order": order.number, "reason": reason})


def _record_expired(payment: Payment, *, now: datetime) -> None:
    payment.state = Payment.State.EXPIRED
    payment.next_try_at = payment.leased_until = None
    payment.save()
    expire_order(payment.order, now=now)


def expire_due_order(*, order_id: int, now: datetime) -> None:
    """Close an order whose time is over; its open payments are read from Stripe first."""
    payments = Payment.objects.filter(order_id=order_id, state__in=Payment.due_states)
    for payment_id in payments.values_list("pk", flat=True):
        settle_payment(payment_id=payment_id, now=now)
    with transaction.atomic():
        Line.objects.lock(Order.objects.only("line_id").get(pk=order_id).line_id)
        expire_order(Order.objects.lock(order_id), now=now)


def expire_order(order: Order, *, now: datetime) -> None:
    """Close a locked order that waits for money no open payment can bring any more."""
    is_open = order.payments.filter(state__in=Payment.due_states).exists()
    if order.state != Order.State.AWAITING_PAYMENT or is_open or order.expires_at > now:
        return
    move_order(order, Order.State.EXPIRED)
    record_event(order, OrderEvent.Kind.EXPIRED, at=now)


def _record_open(payment: Payment, session: SessionSnapshot, *, now: datetime) -> None:
    """Nothing paid yet: note a refused try once, and when to look again."""
    payment.state = Payment.State.PENDING
    intent = session.intent
    if intent is not None:
        payment.stripe_payment_intent_id = intent.intent_id
    if intent is not None and _is_new_failure(payment, intent):
        payment.failure_code = intent.failure_code[:60]
        payment.failed_attempt_at = intent.failed_at or now
        _record_refusal(payment, at=payment.failed_attempt_at)
    payment.next_try_at = max(
        min(now + READ_AGAIN, payment.expires_at + AFTER_EXPIRY), now + AFTER_EXPIRY
    )
    payment.leased_until = None
    payment.save()


def _is_new_failure(payment: Payment, intent: IntentSnapshot) -> bool:
    """Whether a try failed of which we do not know yet.

    A bank's question that was not answered makes no charge, hence has no time of its own: read
    again it is the same failure, unless the reason is another.
    """
    code, last_at = intent.failure_code[:60], payment.failed_attempt_at
    if not code or last_at is None:
        return bool(code)
    failed_at = intent.failed_at or last_at
    return failed_at > last_at or (failed_at == last_at and code != payment.failure_code)


def _record_refusal(payment: Payment, *, at: datetime) -> None:
    order = payment.order
    if order.state != Order.State.AWAITING_PAYMENT:
        return
    record_event(order, OrderEvent.Kind.PAYMENT_FAILED, at=at, code=payment.failure_code)
    queue_failure(order, payment)


def _close_without_session(payment: Payment, *, now: datetime) -> Payment:
    """A payment whose session was never stored: after its time nobody can pay it any more.

    Until then the row waits for the customer to try again, or for an event or the list of
    events to name its session.
    """
    if now < payment.expires_at + AFTER_EXPIRY:
        Payment.objects.filter(pk=payment.pk).update(
            next_try_at=payment.expires_at + AFTER_EXPIRY, leased_until=None
        )
        return payment
    with transaction.atomic():
        payment = _locked(payment.pk)
        if payment.state in Payment.due_states and not payment.stripe_session_id:
            _record_expired(payment, now=now)
    return payment


def _record_unreadable(payment_id: int, error: ProviderRefused, *, now: datetime) -> Payment:
    """Stripe does not know the session, or refuses to show it: a person must look."""
    with transaction.atomic():
        payment = _locked(payment_id)
        if payment.state in Payment.due_states:
            _put_in_review(payment, f"unreadable_{error.code}"[:40], now=now)
    return payment
