"""Two orders that would replace the same running period, paid at the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import Order, Payment
from billing.sandbox.server import SandboxServer
from billing.services.checkout import start_checkout
from plans.models import Bucket, Line, Plan, PlanVersion
from plans.services.periods import grant_period
from tests.concurrency.contenders import contending
from tests.processes.fixtures import Install
from tests.processes.gate import Gate
from tests.processes.shop import IN_ORDER, NUMBERS, pay, sweep_once, the_books

pytestmark = pytest.mark.processes

# Settlements of each of the two payments.
EACH = 10


def line_with_little_left() -> tuple[Line, PlanVersion]:
    """A line whose eight-day plan, bought two days ago, has no data left."""
    plan = Plan.objects.select_related("brand").get(sku="HE-TOUR-8")
    version = plan.current
    assert version is not None
    owner = Line.objects.get(msisdn=NUMBERS[0]).customer
    line = Line.objects.create(
        brand=plan.brand, customer=owner, msisdn="+66899990001", is_demo=True
    )
    then = timezone.now() - timedelta(days=2)
    period = grant_period(line=line, version=version, paid_at=then, now=then)
    data = Bucket.objects.get(period=period, kind="data")
    Bucket.objects.filter(pk=data.pk).update(used=data.granted, measured_at=then)
    return line, version


def order_replacement(line: Line, version: PlanVersion, currency: str) -> Order:
    assert line.customer is not None
    start_checkout(
        line=line,
        version=version,
        currency=currency,
        method=Payment.Method.CARD,
        customer=line.customer,
        language="zh-hans",
        return_base="http://127.0.0.1",
        now=timezone.now(),
        may_replace=True,
    )
    return Order.objects.filter(line=line).latest("pk")


def test_two_replacements_paid_at_once_replace_once_and_queue_once(
    install: Install, stripe: SandboxServer, gate: Gate
) -> None:
    installation = install(STRIPE_API_BASE=gate.url)
    with installation.opened():
        line, version = line_with_little_left()
        old = line.periods.get()
        orders = [order_replacement(line, version, currency) for currency in ("THB", "CNY")]
        for order in orders:
            pay(stripe, order)
        first, second = (order.payments.get().pk for order in orders)
    gate.shut()
    with (
        contending(installation, "settle_payment", first, count=EACH) as one,
        contending(installation, "settle_payment", second, count=EACH) as other,
    ):
        gate.wait_for(2 * EACH)
        gate.open()
        ended = one.outcomes() + other.outcomes()

    with installation.opened():
        sweep_once()
        assert ended == {"ok": 2 * EACH}
        ended_early, running, waiting = line.periods.order_by("sequence")
        assert ended_early == old
        assert ended_early.end_at == running.start_at < timezone.now()
        assert running.end_at == waiting.start_at
        states = Order.objects.filter(line=line).values_list("state", flat=True)
        assert set(states) == {"effective"}
        assert Order.objects.filter(line=line, is_possible_duplicate=True).count() == 1
        assert the_books() == IN_ORDER
