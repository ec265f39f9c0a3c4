"""When a number is lost and what keeps it for the least money."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plans.models import Line, PlanVersion
from plans.selectors.number_clock import NumberClock, number_clock
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Midnight that closes 1 December in Bangkok; the factory's brand has 15, 45 and 90 days.
END = datetime(2026, 12, 1, 17, tzinfo=UTC)


def on_sale(line: Line, kind: str, price: int, **fields: Any) -> PlanVersion:
    return PlanVersionFactory.create(
        plan__brand=line.brand, plan__kind=kind, prices={"THB": price}, allowances={}, **fields
    )


def clock(line: Line, *, now: datetime = END) -> NumberClock:
    found = number_clock(line, now=now)
    assert found is not None
    return found


def test_clock_says_when_number_and_money_are_lost() -> None:
    line = LineFactory.create(valid_until=END, balance_minor=12_000)
    found = clock(line, now=END - DAY)
    assert (found.lapses_at, found.suspended_at) == (END, END + 15 * DAY)
    assert (found.number_lost_at, found.money_lost_at) == (END + 60 * DAY, END + 150 * DAY)
    assert (found.is_running_out, found.loses_money, found.cheapest) == (False, True, None)
    assert clock(line).is_running_out


def test_the_cheapest_way_is_a_keep_alive_a_top_up_or_a_plan() -> None:
    line = LineFactory.create(valid_until=END)
    plan = on_sale(line, "plan", 5_900)
    # Midnight that closes the 30th day, the day of payment included.
    saver = clock(line).cheapest
    assert saver is not None
    assert (saver.version, saver.total_minor) == (plan, 5_900)
    assert saver.kept_until == END + 30 * DAY
    top_up = on_sale(line, "topup", 5_000)
    assert clock(line).cheapest.version == top_up  # type: ignore[union-attr]  # found above
    keep = on_sale(line, "keepalive", 1_800, validity_count=180)
    saver = clock(line).cheapest
    assert saver is not None
    assert (saver.version, saver.kind, saver.kept_until) == (keep, "keepalive", END + 180 * DAY)


def test_what_does_not_lengthen_the_life_of_the_number_is_no_way() -> None:
    line = LineFactory.create(
        brand=BrandFactory.create(topup_rule="reset"), valid_until=END + 60 * DAY
    )
    on_sale(line, "topup", 1_000, validity_count=30)
    assert clock(line).cheapest is None
    longer = on_sale(line, "topup", 4_000, validity_count=90)
    assert clock(line).cheapest.version == longer  # type: ignore[union-attr]  # just put on sale


def test_packs_withdrawn_plans_and_other_brands_and_currencies_do_not_count() -> None:
    line = LineFactory.create(valid_until=END)
    on_sale(line, "data_pack", 100)
    PlanVersionFactory.create(
        plan__brand=line.brand, plan__kind="keepalive", prices={"CNY": 100}, allowances={}
    )
    withdrawn = on_sale(line, "keepalive", 100)
    withdrawn.plan.is_on_sale = False
    withdrawn.plan.save()
    PlanVersionFactory.create(plan__kind="keepalive", prices={"THB": 100}, allowances={})
    assert clock(line).cheapest is None


def test_waking_a_suspended_line_costs_the_fee_as_well() -> None:
    line = LineFactory.create(valid_until=END, state="suspended")
    on_sale(line, "keepalive", 1_800)
    saver = clock(line, now=END + 20 * DAY).cheapest
    assert saver is not None
    assert (saver.price_minor, saver.fee_minor, saver.total_minor) == (1_800, 10_000, 11_800)


@pytest.mark.parametrize("fields", [{"state": "quarantine"}, {"is_blocked": True}])
def test_what_cannot_be_bought_is_not_offered(fields: dict[str, Any]) -> None:
    line = LineFactory.create(valid_until=END, **fields)
    on_sale(line, "keepalive", 1_800)
    assert clock(line).cheapest is None


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "pre_active"},
        {"state": "terminated"},
        {"valid_until": None},
        {"brand__grace_days": 0, "brand__suspended_days": 0, "brand__quarantine_days": 0},
    ],
)
def test_no_clock_runs_for_what_does_not_age(fields: dict[str, Any]) -> None:
    line = LineFactory.create(**{"valid_until": END, **fields})
    assert number_clock(line, now=END) is None
