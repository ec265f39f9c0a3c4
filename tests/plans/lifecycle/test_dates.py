"""In which state a line is by its dates, in the zone of its brand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.lifecycle import Ladder, StageDates, leaves_by, stage_dates, stage_end, state_at

BANGKOK = ZoneInfo("Asia/Bangkok")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
THAI = Ladder(15, 45, 90, BANGKOK)
BRITISH = Ladder(30, 150, 90, LONDON)
# Midnight that closes 1 December in Bangkok.
MIDNIGHT = datetime(2026, 12, 1, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def local(zone: ZoneInfo, year: int, month: int, day: int, *clock: int) -> datetime:
    """A moment by a wall clock."""
    hour, minute = [*clock, 0, 0][:2]
    return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def test_each_stage_begins_so_many_whole_days_after_the_validity() -> None:
    assert stage_dates(valid_until=MIDNIGHT, ladder=THAI) == StageDates(
        grace_at=MIDNIGHT,
        suspended_at=local(BANGKOK, 2026, 12, 17),
        quarantine_at=local(BANGKOK, 2027, 1, 31),
        terminated_at=local(BANGKOK, 2027, 5, 1),
    )


def test_a_validity_that_ends_within_a_day_gives_that_day_away() -> None:
    afternoon = local(BANGKOK, 2026, 12, 1, 14, 30)
    dates = stage_dates(valid_until=afternoon, ladder=THAI)
    assert dates.grace_at == afternoon
    assert dates.suspended_at == local(BANGKOK, 2026, 12, 17)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (MIDNIGHT - SECOND, "active"),
        (MIDNIGHT, "grace"),
        (local(BANGKOK, 2026, 12, 17) - SECOND, "grace"),
        (local(BANGKOK, 2026, 12, 17), "suspended"),
        (local(BANGKOK, 2027, 1, 31) - SECOND, "suspended"),
        (local(BANGKOK, 2027, 1, 31), "quarantine"),
        (local(BANGKOK, 2027, 5, 1) - SECOND, "quarantine"),
        (local(BANGKOK, 2027, 5, 1), "terminated"),
        (local(BANGKOK, 2036, 5, 1), "terminated"),
    ],
)
def test_time_takes_a_line_through_its_states(at: datetime, expected: str) -> None:
    assert state_at(state="active", valid_until=MIDNIGHT, ladder=THAI, now=at) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pre_active", "pre_active"),
        ("active", "active"),
        ("grace", "grace"),
        ("suspended", "suspended"),
        ("quarantine", "quarantine"),
        ("terminated", "terminated"),
    ],
)
def test_dates_never_wake_a_line(state: str, expected: str) -> None:
    before = MIDNIGHT - timedelta(days=1)
    assert state_at(state=state, valid_until=MIDNIGHT, ladder=THAI, now=before) == expected


def test_a_line_that_is_not_activated_or_has_no_validity_stays() -> None:
    late = MIDNIGHT + timedelta(days=4000)
    assert state_at(state="pre_active", valid_until=MIDNIGHT, ladder=THAI, now=late) == "pre_active"
    assert state_at(state="active", valid_until=None, ladder=THAI, now=late) == "active"


def test_a_stage_of_no_days_is_passed_over() -> None:
    ladder = Ladder(0, 30, 0, BANGKOK)
    noon = local(BANGKOK, 2026, 12, 1, 12)
    assert state_at(state="active", valid_until=noon, ladder=ladder, now=noon) == "suspended"
    end = local(BANGKOK, 2027, 1, 1)
    assert stage_end("grace", valid_until=noon, ladder=ladder) == noon
    assert stage_end("suspended", valid_until=noon, ladder=ladder) == end
    assert state_at(state="active", valid_until=noon, ladder=ladder, now=end) == "terminated"


def test_a_brand_that_says_nothing_about_the_end_ends_no_line() -> None:
    ladder = Ladder(0, 0, 0, BANGKOK)
    late = MIDNIGHT + timedelta(days=4000)
    assert state_at(state="active", valid_until=MIDNIGHT, ladder=ladder, now=late) == "active"


@pytest.mark.parametrize(
    ("ladder", "valid_until", "suspended_at"),
    [
        # 30 local days over the change of clocks last 30 days and an hour, or less one.
        (BRITISH, local(LONDON, 2026, 10, 11), datetime(2026, 11, 10, 0, tzinfo=UTC)),
        (BRITISH, local(LONDON, 2026, 3, 15), datetime(2026, 4, 13, 23, tzinfo=UTC)),
        (
            Ladder(7, 120, 60, NEW_YORK),
            local(NEW_YORK, 2026, 10, 28),
            datetime(2026, 11, 4, 5, tzinfo=UTC),
        ),
        # 29 February is a day like any other.
        (
            Ladder(7, 120, 60, NEW_YORK),
            local(NEW_YORK, 2028, 2, 25),
            datetime(2028, 3, 3, 5, tzinfo=UTC),
        ),
    ],
)
def test_days_are_local_days(ladder: Ladder, valid_until: datetime, suspended_at: datetime) -> None:
    assert stage_dates(valid_until=valid_until, ladder=ladder).suspended_at == suspended_at


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Europe/London", "America/Los_Angeles"])
def test_one_comparison_says_the_same_as_the_dates(zone: str) -> None:
    ladder = Ladder(7, 30, 10, ZoneInfo(zone))
    begin = datetime(2026, 10, 20, tzinfo=UTC)
    for hours in range(0, 60 * 24, 7):
        now = begin + timedelta(hours=hours)
        for stage in ("active", "grace", "suspended", "quarantine"):
            limit = leaves_by(stage, ladder=ladder, now=now)
            at_limit = stage_end(stage, valid_until=limit, ladder=ladder)
            behind = stage_end(stage, valid_until=limit + timedelta(microseconds=1), ladder=ladder)
            assert at_limit <= now < behind
