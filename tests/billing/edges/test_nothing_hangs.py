"""What was interrupted, came back, or would reach a stranger: found, told, kept from them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing.models import Order, OrderEvent, Payment, Refund, StripeEvent
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants, check_ledger
from billing.services.settlement import settle_payment
from messaging.models import Message
from plans.models import Line, ServiceOrder
from portal.sweep import sweep
from tests.billing.edges.conftest import Answer
from tests.factories import LineFactory

Clock = time_machine.Traveller
Deliver = Callable[..., int]


def now() -> datetime:
    return datetime.now(UTC)


def test_network_refused_but_not_noted_is_noted_once_by_the_sweep(
    sandbox: SandboxServer, payment: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    """Killed between the network's refusal and our next transaction."""
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=now())
    ServiceOrder.objects.update(state="refused", error="unknown_line", next_try_at=None)
    for _ in range(3):
        sweep(now=now())
    events = OrderEvent.objects.filter(kind=OrderEvent.Kind.NETWORK_REFUSED)
    assert [event.detail for event in events] == [{"reason": "unknown_line"}]
    assert [record.message for record in caplog.records] == ["network refused"]
    assert sweep(now=now())["renewals"] == 0


@pytest.fixture
def refunded(sandbox: SandboxServer, payment: Payment) -> Refund:
    """A refund that Stripe has sent."""
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.update(state=Line.State.TERMINATED)
    settle_payment(payment_id=payment.pk, now=now())
    sweep(now=now())
    for event in StripeEvent.objects.all():
        assert event.state != StripeEvent.State.DUE
    return Refund.objects.get(state=Refund.State.SUCCEEDED)


def refund_event(refund: Refund, kind: str) -> dict[str, object]:
    return {"type": kind, "data": {"object": {"id": refund.stripe_refund_id, "object": "refund"}}}


@pytest.mark.parametrize("kind", ["refund.failed", "refund.updated"])
def test_refund_that_comes_back_after_it_was_sent_is_an_alarm_and_part_of_the_story(
    sandbox: SandboxServer,
    refunded: Refund,
    deliver: Deliver,
    stripe_answers: Answer,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    told = sandbox.events("refund.created")[0]
    answer = told["data"]["object"] | {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    for number in range(2):
        assert deliver(told, id=f"evt_back_{number}", **refund_event(refunded, kind)) == 200
    stripe_answers(200, json.dumps(answer).encode())
    caplog.clear()
    for _ in range(2):
        sweep(now=now())
    failed = OrderEvent.objects.get(kind=OrderEvent.Kind.REFUND_FAILED)
    assert failed.detail["reason"] == "lost_or_stolen_card"
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["refund came back"]
    assert not StripeEvent.objects.filter(state=StripeEvent.State.DUE).exists()


def test_news_of_a_refund_that_is_well_change_nothing(
    sandbox: SandboxServer, refunded: Refund, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    for event in sandbox.events():
        if event["type"].startswith("refund."):
            assert deliver(event) == 200
    caplog.clear()
    sweep(now=now())
    assert not OrderEvent.objects.filter(kind=OrderEvent.Kind.REFUND_FAILED).exists()
    assert caplog.records == []
    assert [*check_ledger(), *check_invariants()] == []


def test_number_that_somebody_else_has_now_gets_no_message_about_the_old_line(
    sandbox: SandboxServer, payment: Payment, line: Line
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.update(state=Line.State.TERMINATED)
    LineFactory.create(brand=line.brand, msisdn=line.msisdn)
    settle_payment(payment_id=payment.pk, now=now())
    assert Order.objects.get().state == Order.State.REFUNDED
    assert line.customer is not None
    assert [(m.channel, m.address) for m in Message.objects.all()] == [
        ("email", line.customer.email)
    ]


def test_long_sweep_does_not_work_by_the_clock_of_its_beginning(
    clock: Clock, stripe_answers: Answer, order_for: Callable[..., Order], line: Line
) -> None:
    """The SDK tries a silent Stripe again for a second or more: the leases must not be stale."""
    for currency in ("THB", "CNY"):
        order_for(line, currency=currency)
    stripe_answers(500, b"")
    clock.shift(timedelta(minutes=6))
    sweep(now=now())
    first, second = Payment.objects.filter(next_try_at__isnull=False).order_by("pk")
    assert first.next_try_at is not None
    assert second.next_try_at is not None
    assert second.next_try_at - first.next_try_at >= timedelta(seconds=0.5)
