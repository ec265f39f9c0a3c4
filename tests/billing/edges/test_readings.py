"""Readings of a session that come late, twice, or without a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from billing.models import Order, OrderEvent, Payment
from billing.sandbox.server import SandboxServer
from billing.services.checkout import cancel_order
from billing.services.settlement import settle_as
from billing.stripe_client import SessionSnapshot
from messaging.models import Message

Clock = time_machine.Traveller
Reading = Callable[..., SessionSnapshot]
NOT_AUTHENTICATED = "payment_intent_authentication_failure"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def settle(payment: Payment) -> Callable[[SessionSnapshot], Payment]:
    """Bring the payment to what a reading says."""

    def settle(session: SessionSnapshot) -> Payment:
        return settle_as(payment_id=payment.pk, session=session, now=now())

    return settle


Settle = Callable[[SessionSnapshot], Payment]


def failures() -> list[Any]:
    events = OrderEvent.objects.filter(kind=OrderEvent.Kind.PAYMENT_FAILED)
    return [event.detail["code"] for event in events.order_by("pk")]


def test_reading_older_than_the_end_does_not_open_a_payment_again(
    clock: Clock, reading: Reading, settle: Settle
) -> None:
    old = reading()
    clock.shift(timedelta(minutes=36))
    assert settle(reading()).state == Payment.State.EXPIRED
    payment = settle(old)
    payment.refresh_from_db()
    assert (payment.state, payment.next_try_at) == (Payment.State.EXPIRED, None)


def test_reading_older_than_the_money_changes_nothing(
    sandbox: SandboxServer, payment: Payment, reading: Reading, settle: Settle
) -> None:
    old = reading()
    sandbox.pay(payment.stripe_session_id or "")
    settle(reading())
    for stale in (old, reading(status="expired", payment_status="unpaid")):
        assert settle(stale).state == Payment.State.PAID
    assert Order.objects.get().state == Order.State.APPLIED


def test_failure_without_a_time_is_told_once_however_often_it_is_read(
    clock: Clock, reading: Reading, settle: Settle
) -> None:
    """A bank's question left unanswered makes no charge, and a charge is what has a time."""
    failed = reading(intent={"failure_code": NOT_AUTHENTICATED})
    for _ in range(4):
        settle(failed)
        clock.shift(timedelta(minutes=5))
    assert failures() == [NOT_AUTHENTICATED]
    assert Message.objects.filter(template="payment_failed", channel="sms").count() == 1


def test_each_failure_has_its_place_in_the_story(
    clock: Clock, reading: Reading, settle: Settle
) -> None:
    charged_at = now()
    declined = {"failure_code": "insufficient_funds", "failed_at": charged_at}
    settle(reading(intent=declined))
    # The latest charge is still the one that was declined.
    settle(reading(intent={"failure_code": NOT_AUTHENTICATED, "failed_at": charged_at}))
    later = {"failure_code": NOT_AUTHENTICATED, "failed_at": charged_at + timedelta(minutes=1)}
    settle(reading(intent=later))
    settle(reading(intent=declined))
    assert failures() == ["insufficient_funds", NOT_AUTHENTICATED, NOT_AUTHENTICATED]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payment_status": "no_payment_required", "intent": None}, "no_money"),
        ({"intent": None}, "no_money"),
        ({"is_presented_in_other_currency": True}, "wrong_currency"),
        ({"mode": "setup"}, "wrong_mode"),
        ({"payment_id": "another"}, "wrong_order"),
    ],
)
def test_paid_without_money_of_ours_applies_nothing(
    sandbox: SandboxServer,
    payment: Payment,
    reading: Reading,
    changes: dict[str, Any],
    reason: str,
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    paid = reading()
    fields = {name: getattr(paid, name) for name in SessionSnapshot.__slots__}
    settle_as(payment_id=payment.pk, session=SessionSnapshot(**{**fields, **changes}), now=now())
    order = Order.objects.get()
    assert (order.state, order.review_reason) == (Order.State.IN_REVIEW, reason)
    assert order.entries.count() == order.line.periods.count() == 0


def test_complete_but_unpaid_is_not_money(reading: Reading, settle: Settle) -> None:
    payment = settle(reading(status="complete", intent={"status": "processing"}))
    assert payment.state == Payment.State.PENDING
    assert Order.objects.get().state == Order.State.AWAITING_PAYMENT


def test_first_reading_of_a_paid_session_may_lack_the_charge(
    clock: Clock, sandbox: SandboxServer, payment: Payment, reading: Reading, settle: Settle
) -> None:
    """Without the charge the provider's time is unknown: ours counts, never one in the future."""
    sandbox.pay(payment.stripe_session_id or "")
    money = {"status": "succeeded", "amount_received": 35_900}
    read_at = now()
    settle(reading(intent=money))
    order = Order.objects.get()
    assert order.paid_at is not None
    assert read_at <= order.paid_at <= now()
    assert order.state == Order.State.APPLIED


@pytest.mark.parametrize("end", ["cancelled", "review"])
def test_failure_not_yet_told_is_taken_back_when_the_order_no_longer_waits(
    clock: Clock, sandbox: SandboxServer, order: Order, reading: Reading, settle: Settle, end: str
) -> None:
    settle(reading(intent={"failure_code": "insufficient_funds"}))
    if end == "cancelled":
        cancel_order(order=order, by="customer", now=now())
    else:
        settle(reading(payment_status="paid", amount_total=1))
    told = Message.objects.filter(template="payment_failed")
    assert [message.state for message in told] == [Message.State.WITHDRAWN] * 2
    order.refresh_from_db()
    assert order.state == {"cancelled": "cancelled", "review": "in_review"}[end]
