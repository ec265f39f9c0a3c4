"""From the click to the hosted page: what is frozen, what is asked of Stripe, what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings

from billing.checks import check_stripe_keys
from billing.errors import CheckoutRefused, LiveModeRefused, ProviderUnavailable
from billing.models import Order, OrderEvent, Payment
from billing.sandbox.server import SandboxServer
from billing.services.checkout import cancel_order, resume_checkout
from billing.services.settlement import settle_payment
from billing.stripe_client import read_session
from plans.models import Line, PlanVersion
from tests.billing.conftest import NOW
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory

OrderFor = Callable[..., Order]
Clock = time_machine.Traveller
BACK = "http://testserver"


def now() -> datetime:
    return datetime.now(UTC)


def test_order_freezes_price_promise_and_language(order: Order, line: Line) -> None:
    assert order.state == Order.State.AWAITING_PAYMENT
    assert (order.currency, order.total_minor) == ("THB", 35_900)
    assert order.promised_start_at == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert order.promised_end_at == datetime(2026, 12, 20, 17, tzinfo=UTC)
    assert order.language == "en"
    item = order.lines.get()
    assert (item.kind, item.amount_minor, item.tax_minor) == ("plan", 35_900, 2_349)
    assert [event.kind for event in order.events.all()] == [OrderEvent.Kind.ORDERED]


def test_session_binds_order_amount_and_way_back(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    session = sandbox.session(payment.stripe_session_id or "")
    assert session["client_reference_id"] == order.number
    assert session["metadata"] == {"order": order.number, "payment": str(payment.public_id)}
    assert (session["amount_total"], session["currency"]) == (35_900, "thb")
    assert session["success_url"] == (
        f"http://testserver/orders/{order.number}/return/?session={{CHECKOUT_SESSION_ID}}"
    )
    assert session["cancel_url"] == f"http://testserver/orders/{order.number}/"
    assert session["adaptive_pricing"] == {"enabled": False}
    assert session["expires_at"] == int(payment.expires_at.timestamp())
    creates = [seen for seen in sandbox.requests if seen[0] == "POST"]
    assert creates == [("POST", "/v1/checkout/sessions", f"checkout:{payment.public_id}")]


def test_second_click_finds_the_same_order_and_page(
    sandbox: SandboxServer, order: Order, line: Line, order_for: OrderFor
) -> None:
    assert order_for(line) == order
    assert Order.objects.count() == Payment.objects.count() == 1
    assert len([seen for seen in sandbox.requests if seen[0] == "POST"]) == 1


def test_another_currency_is_another_order(order: Order, line: Line, order_for: OrderFor) -> None:
    other = order_for(line, currency="CNY")
    assert other != order
    assert (other.currency, other.total_minor) == ("CNY", 7_200)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"currency": "EUR"}, "This plan has no price in this currency. Choose another."),
        ({"currency": "JPY"}, "This way to pay is not available in this currency."),
        ({"method": "alipay"}, "This way to pay is not available in this currency."),
    ],
)
def test_what_cannot_be_charged_is_refused_before_anything_is_written(
    clock: Clock, en: object, line: Line, order_for: OrderFor, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(CheckoutRefused, match=message):
        order_for(line, **changes)
    assert not Order.objects.exists()


def test_terminated_line_is_refused(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: OrderFor
) -> None:
    line.state = Line.State.TERMINATED
    line.save()
    with pytest.raises(CheckoutRefused):
        order_for(line)
    assert not Order.objects.exists()
    assert sandbox.requests == []


def test_suspended_line_pays_the_reactivation_fee_in_the_same_order(
    clock: Clock, line: Line, order_for: OrderFor
) -> None:
    line.state = Line.State.SUSPENDED
    line.save()
    order = order_for(line)
    assert order.total_minor == 45_900
    assert [(item.kind, item.amount_minor) for item in order.lines.all()] == [
        ("plan", 35_900),
        ("reactivation", 10_000),
    ]
    with pytest.raises(CheckoutRefused):
        order_for(line, currency="CNY")


def test_tax_on_top_is_part_of_the_total(clock: Clock, order_for: OrderFor) -> None:
    brand = BrandFactory.create(tax_included=False, tax_rate_percent=20)
    version = PlanVersionFactory.create(plan__brand=brand)
    order = order_for(LineFactory.create(brand=brand), version=version)
    assert order.total_minor == 43_080
    assert order.lines.get().tax_minor == 7_180


def test_stripe_away_leaves_an_order_that_can_be_paid_later(
    clock: Clock,
    sandbox: SandboxServer,
    settings: LazySettings,
    line: Line,
    order_for: OrderFor,
) -> None:
    # A port nobody listens on.
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(ProviderUnavailable) as caught:
        order_for(line)
    order = Order.objects.get()
    assert caught.value.order == order
    assert order.payments.get().state == Payment.State.CREATED
    settings.STRIPE_API_BASE = sandbox.base_url
    url = resume_checkout(order=order, return_base=BACK, now=now())
    payment = order.payments.get()
    assert url == payment.checkout_url
    assert payment.state == Payment.State.PENDING


def test_resume_returns_to_the_open_page(order: Order, payment: Payment) -> None:
    assert resume_checkout(order=order, return_base=BACK, now=now()) == payment.checkout_url
    assert order.payments.count() == 1


def test_resume_after_the_page_closed_makes_a_new_attempt(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    clock.shift(timedelta(minutes=34))
    url = resume_checkout(order=order, return_base=BACK, now=now())
    assert url != payment.checkout_url
    assert order.payments.count() == 2
    order.refresh_from_db()
    assert order.expires_at > NOW + timedelta(minutes=60)


def test_resume_is_refused_when_the_promise_no_longer_holds(
    clock: Clock, en: object, order: Order
) -> None:
    # Still the same order, but midnight in Bangkok has passed.
    Order.objects.update(expires_at=NOW + timedelta(days=2))
    clock.move_to(NOW + timedelta(days=1))
    with pytest.raises(CheckoutRefused, match="Price or dates have changed"):
        resume_checkout(order=order, return_base=BACK, now=now())
    assert order.payments.count() == 1


def test_resume_of_a_paid_order_is_refused(
    en: object, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    with pytest.raises(CheckoutRefused, match="can no longer be paid"):
        resume_checkout(order=order, return_base=BACK, now=now())
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert order.payments.count() == 1


def test_cancelled_order_closes_its_page(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    cancel_order(order=order, by="customer", now=now())
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == (Order.State.CANCELLED, Payment.State.EXPIRED)
    assert sandbox.session(payment.stripe_session_id or "")["status"] == "expired"
    with pytest.raises(CheckoutRefused):
        cancel_order(order=order, by="customer", now=now())


def test_cancel_that_loses_against_the_payment_keeps_the_money(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    cancel_order(order=order, by="customer", now=now())
    settle_payment(payment_id=payment.pk, now=now())
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert order.events.filter(kind=OrderEvent.Kind.LATE_PAYMENT).count() == 1


def test_live_key_is_refused_by_the_client_and_by_the_check(
    sandbox: SandboxServer, settings: LazySettings
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_abcdefghijkl"
    with pytest.raises(LiveModeRefused) as caught:
        read_session("cs_test_1")
    assert "abcdefghijkl" not in str(caught.value)
    assert sandbox.requests == []
    found = {message.id: message.msg for message in check_stripe_keys()}
    assert "a live key" in found["billing.E001"]
    assert "abcdefghijkl" not in found["billing.E001"]


@pytest.mark.parametrize(
    ("key", "base", "expected"),
    [
        ("sk_test_sandbox_xuka", "", "billing.E002"),
        ("sk_test_51abc", "http://127.0.0.1:8010", "billing.E002"),
        ("sk_test_51abc", "", None),
        ("pk_test_51abc", "", "billing.E001"),
    ],
)
def test_keys_and_addresses_of_different_lanes_do_not_mix(
    settings: LazySettings, key: str, base: str, expected: str | None
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = key, base
    found = {message.id for message in check_stripe_keys()}
    assert found == ({expected} if expected else set())


def test_the_sdk_leaves_no_telemetry_file(
    sandbox: SandboxServer, order: Order, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    read_session(order.payments.get().stripe_session_id or "")
    assert list(tmp_path.rglob("*")) == []


def test_versions_that_are_no_longer_sold_are_refused(
    clock: Clock, line: Line, version: PlanVersion, order_for: OrderFor
) -> None:
    version.plan.is_on_sale = False
    version.plan.save()
    with pytest.raises(CheckoutRefused):
        order_for(line)
    assert not Order.objects.exists()
