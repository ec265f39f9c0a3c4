"""What webhooks did not tell is found, whatever they did; and nothing waits for ever."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from billing.models import Order, Payment, Refund, Renewal, StripeEvent
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants, check_ledger
from billing.services.reconciliation import reconcile_stripe
from billing.services.settlement import settle_payment
from plans.models import Line, ServiceOrder
from portal.sweep import stuck_work, sweep
from portal.tasks import report_stuck_work

Clock = time_machine.Traveller


def now() -> datetime:
    return datetime.now(UTC)


def test_payment_of_which_no_webhook_told_is_found(
    clock: Clock, sandbox: SandboxServer, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    clock.shift(timedelta(minutes=10))
    report = reconcile_stripe(now=now())
    assert report.events_missed == report.events_listed > 0
    assert Renewal.objects.count() == 1
    assert {event.source for event in StripeEvent.objects.all()} == {"reconciliation"}
    assert reconcile_stripe(now=now()).events_missed == 0
    assert Renewal.objects.count() == 1


def test_session_whose_id_never_reached_us_is_found_by_its_event(
    clock: Clock, sandbox: SandboxServer, payment: Payment
) -> None:
    """The process died between Stripe's answer and our writing it down; the customer paid."""
    session_id = payment.stripe_session_id or ""
    Payment.objects.update(stripe_session_id=None, checkout_url="", state="created")
    sandbox.pay(session_id)
    clock.shift(timedelta(minutes=10))
    reconcile_stripe(now=now())
    payment.refresh_from_db()
    assert (payment.state, payment.stripe_session_id) == (Payment.State.PAID, session_id)


def test_payment_without_any_session_ends_with_its_time(clock: Clock, payment: Payment) -> None:
    Payment.objects.update(stripe_session_id=None, checkout_url="", state="created")
    clock.shift(timedelta(minutes=36))
    reconcile_stripe(now=now())
    payment.refresh_from_db()
    assert payment.state == Payment.State.EXPIRED
    assert Order.objects.get().state == Order.State.EXPIRED


def test_abandoned_order_is_closed_by_the_sweep(clock: Clock, payment: Payment) -> None:
    clock.shift(timedelta(minutes=36))
    sweep(now=now())
    payment.refresh_from_db()
    assert payment.state == Payment.State.EXPIRED
    assert Order.objects.get().state == Order.State.EXPIRED


def test_stripe_away_leaves_everything_due_and_the_command_says_so(
    clock: Clock, settings: LazySettings, sandbox: SandboxServer, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    clock.shift(timedelta(minutes=10))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="could not be asked"):
        call_command("reconcile_stripe")
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    settings.STRIPE_API_BASE = sandbox.base_url
    sweep(now=now() + timedelta(minutes=2))
    payment.refresh_from_db()
    assert payment.state == Payment.State.PAID


def test_sweep_alone_carries_a_paid_order_to_effective(
    clock: Clock, sandbox: SandboxServer, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    clock.shift(timedelta(minutes=6))
    for _ in range(3):
        sweep(now=now())
        clock.shift(timedelta(minutes=1))
    assert Order.objects.get().state == Order.State.EFFECTIVE
    assert list(stuck_work(now=now() + timedelta(hours=1))) == []


def test_network_done_but_not_noted_is_noted_by_the_sweep(
    sandbox: SandboxServer, payment: Payment
) -> None:
    """Killed between the network's answer and our next transaction."""
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=now())
    ServiceOrder.objects.update(state="completed", completed_at=now(), next_try_at=None)
    sweep(now=now())
    assert Order.objects.get().state == Order.State.EFFECTIVE


def test_refund_goes_on_after_stripe_was_away(
    clock: Clock, settings: LazySettings, sandbox: SandboxServer, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.update(state=Line.State.TERMINATED)
    settle_payment(payment_id=payment.pk, now=now())
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    sweep(now=now())
    refund = Refund.objects.get()
    assert (refund.state, refund.attempts) == (Refund.State.CREATED, 1)
    settings.STRIPE_API_BASE = sandbox.base_url
    for minute in range(1, 4):
        sweep(now=now() + timedelta(minutes=minute))
    refund.refresh_from_db()
    assert refund.state == Refund.State.SUCCEEDED
    assert [*check_ledger(), *check_invariants()] == []


def test_refund_event_makes_us_read_the_refund(
    sandbox: SandboxServer, payment: Payment, deliver: Callable[..., int]
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.update(state=Line.State.TERMINATED)
    settle_payment(payment_id=payment.pk, now=now())
    sweep(now=now())
    for event in sandbox.events():
        if event["type"].startswith("refund."):
            assert deliver(event) == 200
    sweep(now=now() + timedelta(minutes=1))
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    refund_events = StripeEvent.objects.filter(type__startswith="refund.")
    assert {event.state for event in refund_events} == {StripeEvent.State.DONE}


def test_event_older_than_the_newest_known_is_still_found(
    clock: Clock, sandbox: SandboxServer, payment: Payment, deliver: Callable[..., int]
) -> None:
    """Webhooks work again for hours while the one that matters had been lost before."""
    session_id = payment.stripe_session_id or ""
    sandbox.pay(session_id)
    Payment.objects.update(
        stripe_session_id=None,
        checkout_url="",
        state="created",
        expires_at=now() + timedelta(days=1),
    )
    event = sandbox.events("payment_intent.succeeded")[0]
    clock.shift(timedelta(hours=3))
    later = int(now().timestamp())
    assert deliver({**event, "id": "evt_later", "type": "invoice.paid"}, created=later) == 200
    reconcile_stripe(now=now())
    payment.refresh_from_db()
    assert (payment.state, payment.stripe_session_id) == (Payment.State.PAID, session_id)


def test_payment_in_review_is_not_read_over_and_over(
    clock: Clock, sandbox: SandboxServer, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    sandbox.tamper(payment.stripe_session_id or "", amount_total=1)
    clock.shift(timedelta(minutes=10))
    reconcile_stripe(now=now())
    assert Order.objects.get().state == Order.State.IN_REVIEW
    assert reconcile_stripe(now=now()).payments_read == 0


def test_stuck_work_is_an_alarm(
    clock: Clock, payment: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    clock.shift(timedelta(hours=2))
    report_stuck_work()
    alarms = [(record.getMessage(), record.levelname) for record in caplog.records]
    assert alarms.count(("work is stuck", "ERROR")) == 2
