"""Why a line may not be renewed: each reason, its words, and that the rest still may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from plans.chain import read_chain
from plans.models import Line, Plan, PlanVersion
from plans.renewability import (
    Refusal,
    reactivation_fee_minor,
    why_line_cannot_renew,
    why_line_cannot_take,
    why_no_renewal,
)
from plans.services.periods import grant_period
from tests.factories import LineFactory, PlanFactory, PlanVersionFactory
from tests.plans.vectors import scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def line_for(version: PlanVersion, **fields: Any) -> Line:
    """A line of the plan's brand."""
    return LineFactory.create(brand=version.plan.brand, **fields)


def code(refusal: Refusal | None) -> str:
    """The code of a refusal, empty for none."""
    return refusal.code if refusal else ""


@pytest.mark.parametrize("state", ["active", "grace", "suspended"])
def test_living_line_may_be_renewed(state: str) -> None:
    version = PlanVersionFactory.create()
    line = line_for(version, state=state)
    assert why_no_renewal(line=line, version=version, now=NOW) is None
    assert why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "pre_active"}, "pre_active"),
        ({"state": "quarantine"}, "quarantine"),
        ({"state": "terminated"}, "terminated"),
        ({"is_blocked": True}, "blocked"),
    ],
)
def test_dead_or_blocked_line_is_refused_everywhere(fields: dict[str, Any], expected: str) -> None:
    version = PlanVersionFactory.create()
    line = line_for(version, **fields)
    assert code(why_line_cannot_renew(line=line, now=NOW)) == expected
    assert code(why_no_renewal(line=line, version=version, now=NOW)) == expected
    taken = why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW)
    assert code(taken) == expected


@pytest.mark.usefixtures("en")
def test_s11_line_in_quarantine_is_sent_to_customer_service() -> None:
    assert "refuse at checkout, offer restore" in scenario("S11")["expected_decision"]
    version = PlanVersionFactory.create()
    line = line_for(version, state="quarantine")
    refusal = why_no_renewal(line=line, version=version, now=NOW)
    assert refusal is not None
    assert str(refusal.message) == "This number is on hold and can no longer be renewed."
    assert str(refusal.next_step) == "Ask customer service whether it can be restored."


@pytest.mark.parametrize(
    ("begins_in", "expected"),
    [(1, ""), (0, "maintenance"), (-59, "maintenance"), (-60, "")],
)
def test_maintenance_refuses_from_its_start_until_its_end(begins_in: int, expected: str) -> None:
    begins = NOW + timedelta(minutes=begins_in)
    version = PlanVersionFactory.create(
        plan__brand__maintenance_from_at=begins,
        plan__brand__maintenance_until_at=begins + timedelta(minutes=60),
    )
    line = line_for(version)
    refusal = why_no_renewal(line=line, version=version, now=NOW)
    assert code(refusal) == expected
    # Money under way goes on.
    assert why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW) is None


@pytest.mark.usefixtures("en")
def test_maintenance_names_its_end_in_the_brands_time() -> None:
    version = PlanVersionFactory.create(
        plan__brand__maintenance_from_at=NOW - timedelta(hours=1),
        plan__brand__maintenance_until_at=datetime(2026, 11, 21, 16, 30, tzinfo=UTC),
    )
    refusal = why_no_renewal(line=line_for(version), version=version, now=NOW)
    assert refusal is not None
    assert str(refusal.next_step) == "Renewals open again on 21 Nov 23:30."


def test_reason_speaks_the_readers_language_not_the_callers() -> None:
    version = PlanVersionFactory.create(
        plan__brand__maintenance_from_at=NOW - timedelta(hours=1),
        plan__brand__maintenance_until_at=NOW + timedelta(hours=1),
    )
    refusal = why_no_renewal(line=line_for(version), version=version, now=NOW)
    assert refusal is not None
    with translation.override("en"):
        assert "21 Nov 13:00" in str(refusal.next_step)
    with translation.override("zh-hans"):
        assert "11月21日 13:00" in str(refusal.next_step)


@pytest.mark.parametrize(
    "kind",
    [Plan.Kind.DATA_PACK, Plan.Kind.ADDON, Plan.Kind.TOPUP, Plan.Kind.KEEPALIVE],
)
def test_only_plans_renew_a_line(kind: str) -> None:
    version = PlanVersionFactory.create(plan__kind=kind)
    refusal = why_no_renewal(line=line_for(version), version=version, now=NOW)
    assert code(refusal) == "not_a_plan"


def test_plan_of_another_brand_is_refused() -> None:
    version = PlanVersionFactory.create()
    refusal = why_no_renewal(line=LineFactory.create(), version=version, now=NOW)
    assert code(refusal) == "other_brand"


def test_withdrawn_plan_is_not_sold_but_money_under_way_is_honoured() -> None:
    version = PlanVersionFactory.create(plan__is_on_sale=False)
    line = line_for(version)
    assert code(why_no_renewal(line=line, version=version, now=NOW)) == "not_on_sale"
    assert why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW) is None


def test_old_version_is_not_sold_but_money_under_way_is_honoured() -> None:
    plan = PlanFactory.create()
    old = PlanVersionFactory.create(plan=plan)
    new = PlanVersionFactory.create(plan=plan)
    line = line_for(new)
    assert code(why_no_renewal(line=line, version=old, now=NOW)) == "version_changed"
    assert why_no_renewal(line=line, version=new, now=NOW) is None
    assert why_line_cannot_take(line=line, version=old, now=NOW, paid_at=NOW) is None


def test_plan_that_needs_identity_waits_for_the_check() -> None:
    version = PlanVersionFactory.create(identity_required=True)
    line = line_for(version)
    assert code(why_no_renewal(line=line, version=version, now=NOW)) == "identity_missing"
    assert why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW) is None
    assert line.customer is not None
    line.customer.identity_verified_at = NOW
    assert why_no_renewal(line=line, version=version, now=NOW) is None


def test_line_without_customer_has_no_identity() -> None:
    version = PlanVersionFactory.create(identity_required=True)
    line = line_for(version, customer=None)
    assert code(why_no_renewal(line=line, version=version, now=NOW)) == "identity_missing"


@pytest.mark.usefixtures("en")
def test_s21_full_queue_says_when_it_is_possible_again() -> None:
    assert "refuse with date" in scenario("S21")["expected_decision"]
    version = PlanVersionFactory.create()
    line = line_for(version)
    for _ in range(4):
        grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    refusal = why_no_renewal(line=line, version=version, now=NOW)
    assert refusal is not None
    assert refusal.code == "queue_full"
    # The running period began on 21 November; the first waiting one starts 30 days later.
    assert str(refusal.next_step) == "You can renew again from Mon 21 Dec."
    then = datetime(2026, 12, 20, 17, 0, tzinfo=UTC)
    assert why_no_renewal(line=line, version=version, now=then) is None
    just_before = then - timedelta(seconds=1)
    assert code(why_no_renewal(line=line, version=version, now=just_before)) == "queue_full"


def test_plan_that_lets_nothing_wait_can_be_bought_once_the_running_period_is_over() -> None:
    version = PlanVersionFactory.create(max_queued=0)
    line = line_for(version)
    period = grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    assert code(why_no_renewal(line=line, version=version, now=NOW)) == "queue_full"
    assert why_no_renewal(line=line, version=version, now=period.end_at) is None


@pytest.mark.usefixtures("en")
def test_look_ahead_is_measured_to_the_start_in_local_days() -> None:
    version = PlanVersionFactory.create(validity_count=365, max_queued=9)
    line = line_for(version)
    # The last minute of 21 November in Bangkok.
    now = datetime(2026, 11, 21, 16, 59, tzinfo=UTC)
    grant_period(line=line, version=version, paid_at=now, now=now)
    # 365 days ahead is allowed, however long the new period itself lasts.
    grant_period(line=line, version=version, paid_at=now, now=now)
    refusal = why_no_renewal(line=line, version=version, now=now)
    assert refusal is not None
    assert refusal.code == "too_far_ahead"
    assert str(refusal.next_step) == "You can renew again from Sun 21 Nov 2027."
    then = datetime(2027, 11, 20, 17, 0, tzinfo=UTC)
    assert why_no_renewal(line=line, version=version, now=then) is None
    just_before = then - timedelta(seconds=1)
    assert code(why_no_renewal(line=line, version=version, now=just_before)) == "too_far_ahead"


def test_limits_also_hold_for_money_that_has_arrived() -> None:
    version = PlanVersionFactory.create(max_queued=1)
    line = line_for(version)
    for _ in range(2):
        grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    refusal = why_line_cannot_take(line=line, version=version, now=NOW, paid_at=NOW)
    assert code(refusal) == "queue_full"


def test_many_plans_of_one_line_cost_one_query(django_assert_num_queries: Any) -> None:
    version = PlanVersionFactory.create()
    line = line_for(version)
    grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    with django_assert_num_queries(1):
        chain = read_chain(line)
        for _ in range(5):
            assert why_no_renewal(line=line, version=version, now=NOW, chain=chain) is None


def test_waking_a_suspended_line_costs_the_brands_fee() -> None:
    version = PlanVersionFactory.create(plan__brand__reactivation_fee_minor=10_000)
    assert reactivation_fee_minor(line_for(version, state="suspended")) == 10_000


@pytest.mark.parametrize("state", ["pre_active", "active", "grace", "quarantine", "terminated"])
def test_other_lines_pay_no_fee(state: str) -> None:
    version = PlanVersionFactory.create(plan__brand__reactivation_fee_minor=10_000)
    assert reactivation_fee_minor(line_for(version, state=state)) == 0
