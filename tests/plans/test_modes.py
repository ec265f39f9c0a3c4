"""The four ways a renewal before the end can lie: queue, stack, replace, parallel."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plans.chain import Agreed, next_period
from plans.errors import LineCannotTake, PeriodLimitReached
from plans.models import Bucket, Line, Period, PlanVersion
from plans.renewability import why_no_renewal
from plans.services.periods import grant_period
from tests.factories import (
    GIGABYTE,
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
)
from tests.plans.vectors import scenario

pytestmark = pytest.mark.django_db

MEGABYTE = 1024**2
PAID = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
OLD_END = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def line_with_period(version: PlanVersion, **bucket: Any) -> Line:
    """A line with a period of 30 days that ends on 1 December, and its data bucket."""
    line = LineFactory.create(brand=version.plan.brand, valid_until=OLD_END)
    period = PeriodFactory.create(
        line=line, version=version, start_at=OLD_END - 30 * DAY, end_at=OLD_END
    )
    BucketFactory.create(period=period, **bucket)
    return line


def grant(line: Line, version: PlanVersion, *, paid_at: datetime = PAID, **more: Any) -> Period:
    return grant_period(line=line, version=version, paid_at=paid_at, now=paid_at, **more)


def spans(line: Line) -> list[tuple[datetime, datetime]]:
    return list(line.periods.order_by("sequence").values_list("start_at", "end_at"))


def use_up(period: Period) -> None:
    Bucket.objects.filter(period=period, kind="data").update(used=20 * GIGABYTE)


def test_s02_stack_adds_days_to_the_old_end_and_allowances_now() -> None:
    row = scenario("S02")
    version = PlanVersionFactory.create(early_renewal="stack")
    line = line_with_period(version)
    old = line.periods.get()

    period = grant(line, version)

    old.refresh_from_db()
    assert row["expected_period_start"] == "(unchanged start)"
    assert (old.start_at, old.end_at) == (OLD_END - 30 * DAY, OLD_END)
    assert (period.is_stacked, period.start_at) == (True, OLD_END)
    assert period.end_at == at(row["expected_period_end_exclusive"])
    data = period.buckets.get(kind="data")
    assert (data.valid_from, data.valid_until) == (PAID, period.end_at)


def test_stack_needs_the_same_plan_else_it_queues() -> None:
    running = PlanVersionFactory.create()
    other = PlanVersionFactory.create(plan__brand=running.plan.brand, early_renewal="stack")

    period = grant(line_with_period(running), other)

    assert (period.is_stacked, period.start_at) == (False, OLD_END)
    assert period.buckets.get(kind="data").valid_from == OLD_END


def test_stack_upon_a_waiting_period_gives_its_allowances_with_that_one() -> None:
    running = PlanVersionFactory.create()
    other = PlanVersionFactory.create(plan__brand=running.plan.brand, early_renewal="stack")
    line = line_with_period(running)

    waiting, stacked, third = (grant(line, other) for _ in range(3))

    assert [p.is_stacked for p in (waiting, stacked, third)] == [False, True, True]
    assert stacked.start_at == waiting.end_at
    assert third.start_at == stacked.end_at
    starts = [p.buckets.get(kind="data").valid_from for p in (waiting, stacked, third)]
    assert starts == [OLD_END, OLD_END, OLD_END]


def test_stack_after_the_end_starts_a_period_of_its_own() -> None:
    version = PlanVersionFactory.create(early_renewal="stack")
    late = OLD_END + 4 * DAY

    period = grant(line_with_period(version), version, paid_at=late)

    assert (period.is_stacked, period.start_at) == (False, late)


def test_stack_is_not_given_to_who_agreed_to_queue() -> None:
    version = PlanVersionFactory.create(early_renewal="stack")

    period = grant(line_with_period(version), version, agreed=Agreed("queue"))

    assert (period.is_stacked, period.start_at) == (False, OLD_END)


def test_stacked_periods_count_for_the_limit_of_the_plan() -> None:
    version = PlanVersionFactory.create(early_renewal="stack", max_queued=2)
    line = line_with_period(version)
    grant(line, version)
    grant(line, version)

    with pytest.raises(PeriodLimitReached) as refused:
        grant(line, version)

    assert refused.value.refusal.code == "queue_full"
    assert line.periods.count() == 3


def test_s03_replace_starts_today_and_ends_the_old_period_there() -> None:
    row = scenario("S03")
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, used=19 * GIGABYTE)
    old = line.periods.get()

    period = grant(line, version, agreed=Agreed("replace", old.pk))

    old.refresh_from_db()
    assert period.start_at == at(row["expected_period_start"])
    assert period.end_at == at(row["expected_period_end_exclusive"])
    assert (old.end_at, old.state) == (period.start_at, Period.State.ENDED)
    assert {bucket.valid_until for bucket in old.buckets.all()} == {period.start_at}
    assert period.state == Period.State.ACTIVE


@pytest.mark.parametrize(
    ("granted", "left", "replaces"),
    [
        # Below 10 % of a large bucket, and not below.
        (20 * GIGABYTE, 2 * GIGABYTE - 1, True),
        (20 * GIGABYTE, 2 * GIGABYTE, False),
        # Below 500 MB of a small one, where 10 % would be less.
        (1 * GIGABYTE, 500 * MEGABYTE - 1, True),
        (1 * GIGABYTE, 500 * MEGABYTE, False),
        (20 * GIGABYTE, 20 * GIGABYTE, False),
    ],
)
def test_replace_is_allowed_only_when_little_data_is_left(
    granted: int, left: int, *, replaces: bool
) -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, granted=granted, used=granted - left)

    place = next_period(line=line, version=version, paid_at=PAID)

    assert (place.ends is not None) == replaces
    assert place.start_at == (MIDNIGHT if replaces else OLD_END)
    assert place.mode == ("replace" if replaces else "queue")


@pytest.mark.parametrize("kind", ["voice", "sms"])
def test_period_without_data_is_never_replaced(kind: str) -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, kind=kind)

    assert next_period(line=line, version=version, paid_at=PAID).start_at == OLD_END


def test_unlimited_data_is_never_replaced() -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, granted=0, is_unlimited=True)

    assert next_period(line=line, version=version, paid_at=PAID).start_at == OLD_END


def test_replace_queues_where_a_period_waits_already() -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, used=20 * GIGABYTE)
    PeriodFactory.create(line=line, version=version, start_at=OLD_END, state="queued")

    place = next_period(line=line, version=version, paid_at=PAID)

    assert (place.ends, place.start_at) == (None, OLD_END + 30 * DAY)


@pytest.mark.parametrize("agreed", [Agreed("queue"), Agreed("replace", 0)])
def test_nothing_is_replaced_without_consent_to_lose_just_that(agreed: Agreed) -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, used=20 * GIGABYTE)

    period = grant(line, version, agreed=agreed)

    assert spans(line) == [
        (OLD_END - 30 * DAY, OLD_END),
        (OLD_END, OLD_END + 30 * DAY),
    ]
    assert period.state == Period.State.QUEUED


def test_two_replacements_in_one_day_keep_the_time_in_force_of_each() -> None:
    version = PlanVersionFactory.create(early_renewal="replace")
    line = line_with_period(version, used=20 * GIGABYTE)
    first = grant(line, version)
    use_up(first)
    later = PAID + timedelta(hours=5)

    second = grant(line, version, paid_at=later, agreed=Agreed("replace", first.pk))

    assert spans(line) == [
        (OLD_END - 30 * DAY, MIDNIGHT),
        (MIDNIGHT, later),
        (later, MIDNIGHT + 30 * DAY),
    ]
    assert second.buckets.get(kind="data").valid_from == later


def test_rolling_plan_replaces_from_the_payment_on() -> None:
    version = PlanVersionFactory.create(early_renewal="replace", validity_mode="rolling")
    line = line_with_period(version, used=20 * GIGABYTE)

    grant(line, version)

    assert spans(line) == [(OLD_END - 30 * DAY, PAID), (PAID, PAID + 30 * DAY)]


def test_number_never_lives_shorter_by_a_replacement() -> None:
    version = PlanVersionFactory.create(early_renewal="replace", validity_count=7)
    line = line_with_period(version, used=20 * GIGABYTE)

    grant(line, version)

    line.refresh_from_db()
    assert line.valid_until == OLD_END


def pack_for(version: PlanVersion, kind: str = "data_pack", **fields: Any) -> PlanVersion:
    plan = PlanFactory.create(brand=version.plan.brand, kind=kind)
    return PlanVersionFactory.create(
        plan=plan, early_renewal="parallel", validity_mode="rolling", validity_count=7, **fields
    )


def test_pack_runs_beside_the_plan_from_the_payment_on_and_moves_nothing() -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)

    pack = grant(line, pack_for(version))
    renewal = grant(line, version)

    assert (pack.is_parallel, pack.start_at, pack.end_at) == (True, PAID, PAID + 7 * DAY)
    assert pack.buckets.get(kind="data").valid_until == PAID + 7 * DAY
    assert renewal.start_at == OLD_END
    line.refresh_from_db()
    assert line.valid_until == OLD_END + 30 * DAY


def test_pack_alone_keeps_the_number_at_least_as_long() -> None:
    pack = pack_for(PlanVersionFactory.create())
    line = LineFactory.create(brand=pack.plan.brand)

    grant(line, pack)

    line.refresh_from_db()
    assert line.valid_until == PAID + 7 * DAY


def test_only_so_many_packs_of_a_kind_run_at_once() -> None:
    version = PlanVersionFactory.create()
    line, pack = line_with_period(version), pack_for(version, max_queued=2)
    grant(line, pack)
    grant(line, pack, paid_at=PAID + DAY)
    later = PAID + 2 * DAY

    refusal = why_no_renewal(line=line, version=pack, now=later)
    with pytest.raises(PeriodLimitReached):
        grant(line, pack, paid_at=later)

    assert refusal is not None
    assert refusal.code == "too_many_beside"
    assert line.periods.filter(is_parallel=True).count() == 2
    over = PAID + 7 * DAY
    assert why_no_renewal(line=line, version=pack, now=over) is None
    assert why_no_renewal(line=line, version=pack_for(version), now=later) is None


def test_add_on_needs_a_running_plan() -> None:
    version = PlanVersionFactory.create()
    addon = pack_for(version, kind="addon")
    bare = LineFactory.create(brand=version.plan.brand)

    refusal = why_no_renewal(line=bare, version=addon, now=PAID)
    with pytest.raises(LineCannotTake) as refused:
        grant(bare, addon)

    assert refusal is not None
    assert (refusal.code, refused.value.refusal.code) == ("needs_a_plan", "needs_a_plan")
    assert not bare.periods.exists()
    line = line_with_period(version)
    assert why_no_renewal(line=line, version=addon, now=PAID) is None
    assert grant(line, addon).is_parallel


def test_add_on_paid_while_the_plan_ran_is_given_after_its_end_too() -> None:
    version = PlanVersionFactory.create()
    line, addon = line_with_period(version), pack_for(version, kind="addon")

    period = grant_period(
        line=line,
        version=addon,
        paid_at=OLD_END - timedelta(seconds=2),
        now=OLD_END + timedelta(minutes=5),
    )

    assert period.start_at == OLD_END - timedelta(seconds=2)


@pytest.mark.parametrize(
    ("kind", "rule"), [("addon", "queue"), ("topup", "queue"), ("keepalive", "parallel")]
)
def test_what_gives_no_period_cannot_renew(kind: str, rule: str) -> None:
    plan = PlanFactory.create(kind=kind)
    version = PlanVersionFactory.create(plan=plan, early_renewal=rule)
    line = LineFactory.create(brand=plan.brand)

    refusal = why_no_renewal(line=line, version=version, now=PAID)

    assert refusal is not None
    assert refusal.code == "not_a_plan"


def test_parallel_plan_is_the_chain_where_nothing_runs() -> None:
    version = PlanVersionFactory.create(early_renewal="parallel")
    line = LineFactory.create(brand=version.plan.brand)

    first, second = grant(line, version), grant(line, version)

    assert [first.is_parallel, second.is_parallel] == [False, True]
    assert first.start_at == second.start_at == MIDNIGHT
