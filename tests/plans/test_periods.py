"""Where a bought period lies, what it writes, and how time moves it on."""

from datetime import UTC, datetime, timedelta

import pytest

from plans.errors import LineCannotTake, PeriodLimitReached
from plans.models import Bucket, Line, Period, PlanVersion
from plans.services.periods import advance_periods, grant_period, next_period
from tests.factories import LineFactory, PeriodFactory, PlanVersionFactory
from tests.plans.vectors import rows, scenario

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
OLD_END = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """A time as the scenarios write it: 2026-12-01T17:00Z."""
    return datetime.fromisoformat(text)


def line_with_period(version: PlanVersion, *, end_at: datetime = OLD_END) -> Line:
    """A line whose last period of 30 days ends at `end_at`."""
    line = LineFactory.create(brand=version.plan.brand, valid_until=end_at)
    PeriodFactory.create(
        line=line, version=version, start_at=end_at - timedelta(days=30), end_at=end_at
    )
    return line


# Scenario → (paid at, processed at); the file holds what must come out.
CASES = {
    "S01": ("2026-11-21T03:00Z", "2026-11-21T03:00Z"),
    "S07": ("2026-12-05T03:00Z", "2026-12-05T03:00Z"),
    "S08": ("2026-12-01T16:59:58Z", "2026-12-01T17:12:00Z"),
}


@pytest.mark.parametrize("number", CASES)
def test_reference_scenario_puts_the_period_where_it_belongs(number: str) -> None:
    row, (paid_at, now) = scenario(number), CASES[number]
    assert paid_at in row["event"]
    version = PlanVersionFactory.create()
    period = grant_period(
        line=line_with_period(version), version=version, paid_at=at(paid_at), now=at(now)
    )
    assert period.start_at == at(row["expected_period_start"])
    assert period.end_at == at(row["expected_period_end_exclusive"])
    assert not period.has_delay_credit


def test_s05_asking_twice_for_the_same_payment_names_the_same_place() -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)
    row = scenario("S05")
    first = next_period(line=line, version=version, paid_at=NOON, applied_at=NOON)
    again = next_period(line=line, version=version, paid_at=NOON, applied_at=NOON)
    assert first == again
    assert first.start_at == at(row["expected_period_start"])
    assert first.end_at == at(row["expected_period_end_exclusive"])
    assert line.periods.count() == 1


def test_s29_monthly_chain_from_31_january_never_drifts() -> None:
    version = PlanVersionFactory.create(
        plan__brand__time_zone="Europe/London", validity_count=1, validity_unit="month"
    )
    line = LineFactory.create(brand=version.plan.brand)
    paid_at = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
    periods = [
        grant_period(line=line, version=version, paid_at=paid_at, now=paid_at) for _ in range(4)
    ]
    zone = line.brand.zone
    assert [f"{period.start_at.astimezone(zone):%d %b %H:%M}" for period in periods] == [
        "31 Jan 00:00",
        "28 Feb 00:00",
        "31 Mar 00:00",
        "30 Apr 00:00",
    ]
    ends = {row["id"]: row["end_exclusive_utc"] for row in rows("renewal-date-vectors")}
    assert periods[0].end_at == at(ends["V101"])
    assert periods[1].end_at == at(ends["V102"])
    assert periods[3].end_at == at(ends["V104"])
    assert [period.chain_index for period in periods] == [1, 2, 3, 4]
    assert {period.anchor_at for period in periods} == {periods[0].start_at}


def test_another_length_starts_a_chain_of_its_own() -> None:
    month = PlanVersionFactory.create(validity_count=1, validity_unit="month")
    week = PlanVersionFactory.create(plan__brand=month.plan.brand, validity_count=7)
    line = LineFactory.create(brand=month.plan.brand)
    paid_at = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
    first = grant_period(line=line, version=month, paid_at=paid_at, now=paid_at)
    second = grant_period(line=line, version=week, paid_at=paid_at, now=paid_at)
    third = grant_period(line=line, version=month, paid_at=paid_at, now=paid_at)
    assert (second.start_at, second.anchor_at, second.chain_index) == (
        first.end_at,
        first.end_at,
        1,
    )
    assert (third.start_at, third.anchor_at, third.chain_index) == (
        second.end_at,
        second.end_at,
        1,
    )


def test_a_gap_starts_a_new_chain() -> None:
    version = PlanVersionFactory.create()
    late = OLD_END + timedelta(days=4, hours=10)
    place = next_period(line=line_with_period(version), version=version, paid_at=late)
    assert place.start_at == OLD_END + timedelta(days=4)
    assert (place.anchor_at, place.chain_index) == (place.start_at, 1)


def test_first_period_of_a_line_starts_on_the_day_of_payment() -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand)
    place = next_period(line=line, version=version, paid_at=at("2026-01-31T16:59:59Z"))
    assert place.start_at == at("2026-01-30T17:00Z")
    assert place.end_at == at("2026-03-01T17:00Z")


def test_rolling_plan_starts_at_the_payment_and_lasts_full_days() -> None:
    version = PlanVersionFactory.create(validity_mode="rolling")
    line = LineFactory.create(brand=version.plan.brand)
    place = next_period(line=line, version=version, paid_at=NOON)
    assert (place.start_at, place.end_at) == (NOON, NOON + timedelta(days=30))


def test_rolling_plan_waits_for_the_running_period() -> None:
    version = PlanVersionFactory.create(validity_mode="rolling")
    place = next_period(line=line_with_period(version), version=version, paid_at=NOON)
    assert (place.start_at, place.end_at) == (OLD_END, OLD_END + timedelta(days=30))


def test_cancelled_and_parallel_periods_are_no_part_of_the_chain() -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)
    far = OLD_END + timedelta(days=100)
    PeriodFactory.create(line=line, version=version, start_at=far, state="cancelled")
    PeriodFactory.create(line=line, version=version, start_at=far, is_parallel=True)
    assert next_period(line=line, version=version, paid_at=NOON).start_at == OLD_END


IN_TIME = OLD_END - timedelta(seconds=2)


def test_fifteen_minutes_of_delay_change_nothing() -> None:
    version = PlanVersionFactory.create()
    place = next_period(
        line=line_with_period(version),
        version=version,
        paid_at=IN_TIME,
        applied_at=OLD_END + timedelta(minutes=15),
    )
    assert (place.start_at, place.end_at) == (OLD_END, OLD_END + timedelta(days=30))
    assert not place.is_delay_credit


@pytest.mark.parametrize(
    ("delay", "days"),
    [
        (timedelta(minutes=15, seconds=1), 1),
        (timedelta(hours=24), 1),
        (timedelta(hours=24, seconds=1), 2),
    ],
)
def test_longer_delay_gives_a_calendar_plan_whole_days(delay: timedelta, days: int) -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)
    applied_at = OLD_END + delay
    period = grant_period(line=line, version=version, paid_at=IN_TIME, now=applied_at)
    assert period.start_at == applied_at
    assert period.end_at == OLD_END + timedelta(days=30 + days)
    assert period.has_delay_credit
    assert period.state == Period.State.ACTIVE


def test_longer_delay_gives_a_rolling_plan_the_time_lost() -> None:
    version = PlanVersionFactory.create(validity_mode="rolling")
    applied_at = OLD_END + timedelta(minutes=40)
    place = next_period(
        line=line_with_period(version), version=version, paid_at=IN_TIME, applied_at=applied_at
    )
    assert (place.start_at, place.end_at) == (applied_at, applied_at + timedelta(days=30))
    assert place.is_delay_credit


def test_delay_credit_is_not_lost_with_the_next_renewal() -> None:
    version = PlanVersionFactory.create(validity_count=1, validity_unit="month")
    end_at = datetime(2026, 1, 27, 17, 0, tzinfo=UTC)
    line = line_with_period(version, end_at=end_at)
    paid_at = end_at - timedelta(hours=1)
    applied_at = end_at + timedelta(hours=3)
    credited = grant_period(line=line, version=version, paid_at=paid_at, now=applied_at)
    following = grant_period(line=line, version=version, paid_at=applied_at, now=applied_at)
    # 28 January to 28 February in Bangkok, and one day more.
    assert credited.end_at == at("2026-02-28T17:00Z")
    assert following.start_at == credited.end_at
    assert following.end_at == at("2026-03-31T17:00Z")


def test_payment_after_the_end_gets_no_delay_credit() -> None:
    version = PlanVersionFactory.create()
    place = next_period(
        line=line_with_period(version),
        version=version,
        paid_at=OLD_END,
        applied_at=OLD_END + timedelta(hours=5),
    )
    assert (place.start_at, place.end_at) == (OLD_END, OLD_END + timedelta(days=30))
    assert not place.is_delay_credit


def test_queued_payment_that_is_applied_late_but_before_the_end_is_just_queued() -> None:
    version = PlanVersionFactory.create()
    place = next_period(
        line=line_with_period(version),
        version=version,
        paid_at=NOON,
        applied_at=OLD_END - timedelta(seconds=1),
    )
    assert (place.start_at, place.is_delay_credit) == (OLD_END, False)


def test_grant_writes_the_period_with_a_bucket_for_each_allowance() -> None:
    version = PlanVersionFactory.create(
        zones=["GB", "EU"], allowances={"data": 1024, "voice": None, "sms": 60}
    )
    line = LineFactory.create(brand=version.plan.brand)
    period = grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    assert (period.sequence, period.state) == (1, Period.State.ACTIVE)
    assert list(
        period.buckets.order_by("kind").values_list("kind", "granted", "is_unlimited", "used")
    ) == [("data", 1024, False, 0), ("sms", 60, False, 0), ("voice", 0, True, 0)]
    for bucket in period.buckets.all():
        assert bucket.scope == ["GB", "EU"]
        assert (bucket.valid_from, bucket.valid_until) == (period.start_at, period.end_at)


def test_sequence_counts_cancelled_periods_too() -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)
    PeriodFactory.create(
        line=line, version=version, start_at=OLD_END, sequence=7, state="cancelled"
    )
    period = grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    assert (period.sequence, period.start_at, period.state) == (8, OLD_END, Period.State.QUEUED)


def test_number_lives_at_least_as_long_as_the_period() -> None:
    version = PlanVersionFactory.create()
    line = line_with_period(version)
    period = grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    line.refresh_from_db()
    assert line.valid_until == period.end_at


def test_longer_life_of_the_number_stays() -> None:
    version = PlanVersionFactory.create()
    long = OLD_END + timedelta(days=300)
    line = LineFactory.create(brand=version.plan.brand, valid_until=long)
    grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    line.refresh_from_db()
    assert line.valid_until == long


@pytest.mark.parametrize("state", ["grace", "suspended"])
def test_line_in_grace_or_suspended_becomes_active(state: str) -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand, state=state, valid_until=NOON)
    grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    line.refresh_from_db()
    assert line.state == Line.State.ACTIVE


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "quarantine"}, "quarantine"),
        ({"state": "terminated"}, "terminated"),
        ({"state": "pre_active"}, "pre_active"),
        ({"is_blocked": True}, "blocked"),
    ],
)
def test_line_that_may_not_have_it_gets_nothing(change: dict[str, object], code: str) -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand, valid_until=NOON, **change)
    with pytest.raises(LineCannotTake) as refused:
        grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    assert refused.value.refusal.code == code
    assert not isinstance(refused.value, PeriodLimitReached)
    line.refresh_from_db()
    assert line.valid_until == NOON
    assert not Period.objects.exists()
    assert not Bucket.objects.exists()


def test_full_queue_takes_nothing_more() -> None:
    version = PlanVersionFactory.create(max_queued=2)
    line = LineFactory.create(brand=version.plan.brand)
    for _ in range(3):
        grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    with pytest.raises(PeriodLimitReached) as refused:
        grant_period(line=line, version=version, paid_at=NOON, now=NOON)
    assert refused.value.refusal.code == "queue_full"
    assert line.periods.count() == 3


def test_payment_whose_whole_period_is_over_becomes_no_period() -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand)
    with pytest.raises(LineCannotTake) as refused:
        grant_period(line=line, version=version, paid_at=NOON, now=NOON + timedelta(days=31))
    assert refused.value.refusal.code == "period_over"
    assert not Period.objects.exists()


def test_time_moves_periods_on_once() -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand)
    day = timedelta(days=1)
    made = {
        name: PeriodFactory.create(
            line=line, version=version, start_at=NOON + start, end_at=NOON + end, state=state
        )
        for name, start, end, state in [
            ("over while waiting", -9 * day, -8 * day, "queued"),
            ("over", -2 * day, 0 * day, "active"),
            ("begins now", 0 * day, 1 * day, "queued"),
            ("waits", 1 * day, 2 * day, "queued"),
            ("cancelled", -4 * day, -3 * day, "cancelled"),
        ]
    }
    assert advance_periods(now=NOON) == 3
    for period in made.values():
        period.refresh_from_db()
    assert {name: period.state for name, period in made.items()} == {
        "over while waiting": "ended",
        "over": "ended",
        "begins now": "active",
        "waits": "queued",
        "cancelled": "cancelled",
    }
    assert advance_periods(now=NOON) == 0
