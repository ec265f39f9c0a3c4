"""One wish is one order, whatever kind of plan; and only what can be charged is ordered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing.errors import CheckoutRefused
from billing.models import Order, Payment
from billing.sandbox.server import SandboxServer
from billing.services.checkout import LEAST_CHARGE_MINOR, resume_checkout
from billing.services.settlement import settle_payment
from plans.models import Line, Period, PlanVersion
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory

Clock = time_machine.Traveller
OrderFor = Callable[..., Order]
BACK = "http://testserver"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def rolling(line: Line) -> PlanVersion:
    """A plan of 30 times 24 hours: its end moves on with the clock."""
    return PlanVersionFactory.create(plan__brand=line.brand, validity_mode="rolling")


def test_second_click_on_a_rolling_plan_finds_the_same_order(
    clock: Clock, sandbox: SandboxServer, line: Line, rolling: PlanVersion, order_for: OrderFor
) -> None:
    order = order_for(line, version=rolling)
    clock.shift(timedelta(seconds=40))
    assert order_for(line, version=rolling) == order
    assert Order.objects.count() == Payment.objects.count() == 1
    assert len([seen for seen in sandbox.requests if seen[0] == "POST"]) == 1


def test_rolling_plan_clicked_again_the_next_day_is_another_order(
    clock: Clock, line: Line, rolling: PlanVersion, order_for: OrderFor
) -> None:
    # Twenty minutes to midnight in Bangkok.
    clock.move_to(datetime(2026, 11, 21, 16, 40, tzinfo=UTC))
    order = order_for(line, version=rolling)
    clock.shift(timedelta(minutes=21))
    assert order_for(line, version=rolling) != order


def test_further_attempt_at_a_rolling_plan_lasts_at_least_as_long_as_promised(
    clock: Clock, sandbox: SandboxServer, line: Line, rolling: PlanVersion, order_for: OrderFor
) -> None:
    order = order_for(line, version=rolling)
    clock.shift(timedelta(minutes=34))
    resume_checkout(order=order, return_base=BACK, now=now())
    second = order.payments.latest("pk")
    assert order.payments.count() == 2
    sandbox.pay(second.stripe_session_id or "")
    settle_payment(payment_id=second.pk, now=now())
    assert Period.objects.get().end_at >= order.promised_end_at


def test_way_to_pay_that_the_brand_does_not_take_is_refused(
    clock: Clock, en: object, order_for: OrderFor
) -> None:
    brand = BrandFactory.create(payment_methods=["alipay"])
    version = PlanVersionFactory.create(plan__brand=brand)
    with pytest.raises(CheckoutRefused, match="This way to pay is not available"):
        order_for(LineFactory.create(brand=brand), version=version)
    assert not Order.objects.exists()


@pytest.mark.parametrize("currency", LEAST_CHARGE_MINOR)
def test_amount_below_the_providers_least_is_refused_before_anything_is_written(
    clock: Clock, en: object, sandbox: SandboxServer, order_for: OrderFor, currency: str
) -> None:
    least = LEAST_CHARGE_MINOR[currency]
    brand = BrandFactory.create(currency=currency)
    line = LineFactory.create(brand=brand)
    cheap = PlanVersionFactory.create(plan__brand=brand, prices={currency: least - 1})
    with pytest.raises(CheckoutRefused, match="too small"):
        order_for(line, version=cheap, currency=currency)
    assert not Order.objects.exists()
    assert sandbox.requests == []
    enough = PlanVersionFactory.create(plan__brand=brand, prices={currency: least})
    assert order_for(line, version=enough, currency=currency).total_minor == least
