"""A key that is no longer good, a proxy's page, a session that is gone: nothing is lost by it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from billing.errors import CheckoutRefused, ProviderUnavailable
from billing.models import Order, Payment, Refund
from billing.sandbox.server import SandboxServer
from billing.services.checkout import cancel_order, open_session, resume_checkout
from billing.services.reconciliation import reconcile_stripe
from billing.services.settlement import settle_payment
from billing.stripe_client import read_session
from messaging.models import Message
from plans.models import Line
from portal.sweep import sweep
from tests.billing.edges.conftest import Answer

Clock = time_machine.Traveller
BACK = "http://testserver"
# Matches the pattern of test keys; the stand-in answers 401 to it, as Stripe does to a revoked one.
REVOKED_KEY = "sk_test_revoked"


def now() -> datetime:
    return datetime.now(UTC)


def test_revoked_key_leaves_paid_orders_waiting_and_not_in_review(
    sandbox: SandboxServer, settings: LazySettings, clock: Clock, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    good_key, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, REVOKED_KEY
    clock.shift(timedelta(minutes=6))
    reconcile_stripe(now=now())
    sweep(now=now())
    assert Order.objects.get().state == Order.State.AWAITING_PAYMENT
    assert not Message.objects.exists()
    settings.STRIPE_SECRET_KEY = good_key
    clock.shift(timedelta(minutes=2))
    sweep(now=now())
    assert Order.objects.get().state == Order.State.EFFECTIVE


def test_revoked_key_does_not_end_a_refund(
    sandbox: SandboxServer, settings: LazySettings, clock: Clock, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.update(state=Line.State.TERMINATED)
    settle_payment(payment_id=payment.pk, now=now())
    good_key, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, REVOKED_KEY
    sweep(now=now())
    assert Refund.objects.get().state == Refund.State.CREATED
    settings.STRIPE_SECRET_KEY = good_key
    for _ in range(2):
        clock.shift(timedelta(minutes=1))
        sweep(now=now())
    assert Refund.objects.get().state == Refund.State.SUCCEEDED


def test_revoked_key_is_an_alarm(
    sandbox: SandboxServer,
    settings: LazySettings,
    payment: Payment,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.STRIPE_SECRET_KEY = REVOKED_KEY
    with pytest.raises(ProviderUnavailable):
        settle_payment(payment_id=payment.pk, now=now())
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert REVOKED_KEY not in caplog.text


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>please log in to the hotel's network</html>"),
        (404, b"<html>no such host here</html>"),
        (403, b"<html>blocked</html>"),
        (400, b'{"problem": "not in the form of Stripe"}'),
        (403, b'{"error": {"type": "invalid_request_error", "message": "not permitted"}}'),
        (429, b'{"error": {"type": "invalid_request_error", "code": "lock_timeout"}}'),
    ],
)
def test_answer_that_is_not_stripes_own_leaves_everything_due(
    stripe_answers: Answer, clock: Clock, payment: Payment, status: int, body: bytes
) -> None:
    stripe_answers(status, body)
    with pytest.raises(ProviderUnavailable):
        read_session("cs_test_1")
    clock.shift(timedelta(minutes=6))
    sweep(now=now())
    payment.refresh_from_db()
    assert (payment.state, payment.next_try_at is None) == (Payment.State.PENDING, False)
    assert Order.objects.get().state == Order.State.AWAITING_PAYMENT


def test_pay_return_and_cancel_answer_when_stripe_has_lost_the_session(
    client: Client, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    client.force_login(order.customer)
    for action in ("pay", "cancel"):
        Order.objects.update(state=Order.State.AWAITING_PAYMENT, review_reason="")
        sandbox.reset()
        answer = client.post(f"/orders/{order.number}/{action}/")
        assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order.number}/")
    Order.objects.update(state=Order.State.AWAITING_PAYMENT, review_reason="")
    assert client.get(f"/orders/{order.number}/return/").status_code == 303
    assert Order.objects.get().state == Order.State.IN_REVIEW


def test_order_whose_session_is_lost_is_not_left_to_expire_for_ever(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    Payment.objects.update(next_try_at=None)
    clock.shift(timedelta(minutes=40))
    sandbox.reset()
    assert sweep(now=now())["orders"] == 1
    order.refresh_from_db()
    assert (order.state, order.review_reason) == (
        Order.State.IN_REVIEW,
        "unreadable_resource_missing",
    )


def test_cancelling_answers_when_stripe_falls_silent_half_way(
    stripe_answers: Answer, order: Order, payment: Payment
) -> None:
    stripe_answers(500, b"")
    cancel_order(order=order, by="customer", now=now())
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED


def test_second_try_after_a_minute_gets_a_page_at_once(
    clock: Clock,
    sandbox: SandboxServer,
    settings: LazySettings,
    line: Line,
    order_for: Callable[..., Order],
) -> None:
    """Stripe sells no page for less than 30 minutes, so an unopened attempt ages quickly."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(ProviderUnavailable):
        order_for(line)
    settings.STRIPE_API_BASE = sandbox.base_url
    clock.shift(timedelta(minutes=2))
    order = Order.objects.get()
    url = resume_checkout(order=order, return_base=BACK, now=now())
    assert order.payments.get(checkout_url=url).state == Payment.State.PENDING


def test_second_order_after_a_minute_gets_a_page_at_once(
    clock: Clock,
    sandbox: SandboxServer,
    settings: LazySettings,
    line: Line,
    order_for: Callable[..., Order],
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(ProviderUnavailable):
        order_for(line)
    settings.STRIPE_API_BASE = sandbox.base_url
    clock.shift(timedelta(minutes=2))
    assert order_for(line).payments.get().state == Payment.State.PENDING


def test_unopened_attempt_is_opened_with_its_own_key_while_there_is_time(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    Payment.objects.update(stripe_session_id=None, checkout_url="", state="created")
    payment.refresh_from_db()
    clock.shift(timedelta(seconds=20))
    url = resume_checkout(order=order, return_base=BACK, now=now())
    payment.refresh_from_db()
    assert order.payments.count() == 1
    assert payment.checkout_url == url == open_session(payment, now=now())


def test_review_of_a_lost_session_refuses_a_further_attempt(
    en: object, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    sandbox.reset()
    with pytest.raises(CheckoutRefused, match="can no longer be paid"):
        resume_checkout(order=order, return_base=BACK, now=now())
    assert Payment.objects.count() == 1
