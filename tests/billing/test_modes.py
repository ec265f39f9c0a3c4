"""Renewals that stack, replace or run beside, from the checkout to the paid order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing.errors import CheckoutRefused
from billing.models import Order, OrderLine, Payment
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants, check_ledger
from billing.services.quotes import quote_renewal
from billing.services.settlement import settle_payment
from plans.models import Bucket, Line, Period, PlanVersion
from tests.billing.conftest import NOW
from tests.factories import (
    GIGABYTE,
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
)

Clock = time_machine.Traveller
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
OLD_END = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def version(db: None) -> PlanVersion:
    """A plan of 30 days that replaces what runs."""
    return PlanVersionFactory.create(early_renewal="replace")


@pytest.fixture
def line(version: PlanVersion) -> Line:
    """A line with five days and 1 of 20 GB left."""
    line = LineFactory.create(brand=version.plan.brand, valid_until=OLD_END)
    period = PeriodFactory.create(
        line=line, version=version, start_at=OLD_END - 30 * DAY, end_at=OLD_END
    )
    BucketFactory.create(period=period, used=19 * GIGABYTE)
    return line


def paid(sandbox: SandboxServer, order: Order) -> Order:
    payment = order.payments.get()
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=datetime.now(UTC))
    order.refresh_from_db()
    return order


def spans(line: Line) -> list[tuple[datetime, datetime]]:
    return list(line.periods.order_by("sequence").values_list("start_at", "end_at"))


def books() -> list[str]:
    return [str(difference) for difference in [*check_ledger(), *check_invariants()]]


def item_of(order: Order) -> OrderLine:
    return order.lines.get(kind="plan")


def test_quote_says_what_a_replacement_loses(version: PlanVersion, line: Line) -> None:
    quote = quote_renewal(line=line, version=version, currency="THB", now=NOW)

    assert quote.mode == "replace"
    assert quote.loses is not None
    assert quote.loses.period == line.periods.get()
    assert (quote.loses.days_lost, quote.loses.data_left_bytes) == (5, GIGABYTE)
    assert (quote.loses.ends_at, quote.ends_at) == (OLD_END, MIDNIGHT + 30 * DAY)


def test_replacement_is_refused_without_consent_and_nothing_is_written(
    clock: Clock, line: Line, order_for: Callable[..., Order]
) -> None:
    with pytest.raises(CheckoutRefused):
        order_for(line)

    assert not Order.objects.exists()
    assert not Payment.objects.exists()


def test_agreed_replacement_ends_the_running_period(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    order = order_for(line, may_replace=True)
    running = line.periods.get()
    assert (item_of(order).mode, item_of(order).replaces) == ("replace", running)

    paid(sandbox, order)

    assert order.state == Order.State.APPLIED
    assert spans(line) == [(OLD_END - 30 * DAY, MIDNIGHT), (MIDNIGHT, MIDNIGHT + 30 * DAY)]
    assert order.promised_end_at == MIDNIGHT + 30 * DAY
    assert books() == []


def test_what_was_ordered_to_queue_never_replaces(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    Bucket.objects.update(used=0)
    order = order_for(line)
    Bucket.objects.update(used=20 * GIGABYTE)

    paid(sandbox, order)

    assert (item_of(order).mode, item_of(order).replaces) == ("queue", None)
    assert spans(line) == [(OLD_END - 30 * DAY, OLD_END), (OLD_END, OLD_END + 30 * DAY)]
    assert order.promised_end_at == OLD_END + 30 * DAY


def test_two_payments_for_one_replacement_replace_once_and_queue_once(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    first = order_for(line, may_replace=True)
    second = order_for(line, may_replace=True, currency="CNY")
    assert first != second

    paid(sandbox, first)
    paid(sandbox, second)

    end = MIDNIGHT + 30 * DAY
    assert spans(line) == [
        (OLD_END - 30 * DAY, MIDNIGHT),
        (MIDNIGHT, end),
        (end, end + 30 * DAY),
    ]
    assert [order.is_possible_duplicate for order in (first, second)] == [False, True]
    assert books() == []


def test_money_for_a_replacement_replaces_only_the_period_it_named(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    order = order_for(line, may_replace=True)
    named, began_at = line.periods.get(), NOW - timedelta(hours=1)
    Period.objects.filter(pk=named.pk).update(end_at=began_at)
    other = PeriodFactory.create(line=line, version=named.version, start_at=began_at)
    BucketFactory.create(period=other, used=20 * GIGABYTE)

    paid(sandbox, order)

    assert spans(line)[1:] == [
        (began_at, other.end_at),
        (other.end_at, order.renewal.period.end_at),
    ]


def test_second_click_finds_the_same_order_only_while_it_means_the_same(
    clock: Clock, line: Line, order_for: Callable[..., Order]
) -> None:
    first = order_for(line, may_replace=True)
    assert order_for(line, may_replace=True) == first

    Bucket.objects.update(used=0)

    assert order_for(line) != first


def test_stack_is_paid_like_any_other_and_its_data_can_be_used_at_once(
    clock: Clock, sandbox: SandboxServer, order_for: Callable[..., Order]
) -> None:
    version = PlanVersionFactory.create(early_renewal="stack")
    line = LineFactory.create(brand=version.plan.brand)
    PeriodFactory.create(line=line, version=version, start_at=OLD_END - 30 * DAY, end_at=OLD_END)

    order = paid(sandbox, order_for(line, version=version))

    period = order.renewal.period
    assert item_of(order).mode == "stack"
    assert (period.is_stacked, period.end_at) == (True, OLD_END + 30 * DAY)
    assert period.buckets.get(kind="data").valid_from == order.paid_at
    assert order.promised_end_at == period.end_at


def test_pack_beside_the_plan_is_paid_and_applied(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    plan = PlanFactory.create(brand=line.brand, kind="data_pack")
    pack = PlanVersionFactory.create(
        plan=plan, early_renewal="parallel", validity_mode="rolling", validity_count=7
    )

    order = paid(sandbox, order_for(line, version=pack))

    period = order.renewal.period
    assert order.state == Order.State.APPLIED
    assert (period.is_parallel, period.start_at) == (True, order.paid_at)
    assert period.end_at == period.start_at + 7 * DAY
    assert books() == []


def test_pack_over_the_limit_becomes_balance(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    plan = PlanFactory.create(brand=line.brand, kind="data_pack")
    pack = PlanVersionFactory.create(plan=plan, early_renewal="parallel", max_queued=1)
    first, second = order_for(line, version=pack), order_for(line, version=pack, currency="CNY")
    third = Order.objects.exclude(pk__in=[first.pk, second.pk]).first()
    assert third is None

    paid(sandbox, second)
    paid(sandbox, first)

    line.refresh_from_db()
    assert (second.state, first.state) == (Order.State.APPLIED, Order.State.CREDITED)
    assert line.balance_minor == first.total_minor
    assert line.periods.filter(is_parallel=True).count() == 1
    assert books() == []
