"""When each stage is due, how late it is still told, and when nobody is woken: by table."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.models import Reminder
from plans.reminders import (
    DAYS_BEFORE,
    after_quiet_hours,
    due_moment,
    has_stage,
    latest_telling,
    slices,
)

DAYS_7, DAYS_3, DAYS_1, LAST_DAY = DAYS_BEFORE
BANGKOK = ZoneInfo("Asia/Bangkok")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
# A calendar period in Bangkok whose last day is 26 November.
END = datetime(2026, 11, 26, 17, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = BANGKOK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("count", "unit", "stages"),
    [
        (1, "day", [LAST_DAY]),
        (2, "day", [LAST_DAY]),
        (3, "day", [DAYS_1, LAST_DAY]),
        (6, "day", [DAYS_1, LAST_DAY]),
        (7, "day", [DAYS_3, DAYS_1, LAST_DAY]),
        (8, "day", [DAYS_3, DAYS_1, LAST_DAY]),
        (14, "day", [DAYS_3, DAYS_1, LAST_DAY]),
        (15, "day", [DAYS_7, DAYS_3, DAYS_1, LAST_DAY]),
        (365, "day", [DAYS_7, DAYS_3, DAYS_1, LAST_DAY]),
        (1, "month", [DAYS_7, DAYS_3, DAYS_1, LAST_DAY]),
        (1, "year", [DAYS_7, DAYS_3, DAYS_1, LAST_DAY]),
    ],
)
def test_a_stage_at_or_beyond_half_of_the_validity_is_left_out(
    count: int, unit: str, stages: list[str]
) -> None:
    assert [stage for stage in DAYS_BEFORE if has_stage(stage, unit=unit, count=count)] == stages


@pytest.mark.parametrize(
    ("stage", "end_at", "zone", "due"),
    [
        (DAYS_7, END, BANGKOK, "2026-11-19T10:00"),
        (DAYS_3, END, BANGKOK, "2026-11-23T10:00"),
        (DAYS_1, END, BANGKOK, "2026-11-25T10:00"),
        (LAST_DAY, END, BANGKOK, "2026-11-26T10:00"),
        # A rolling end at half past three in the afternoon: that day is the last one.
        (LAST_DAY, at("2026-11-27T15:30"), BANGKOK, "2026-11-27T10:00"),
        # 10:00 by the clock on both sides of a change, in autumn and in spring.
        (DAYS_7, at("2026-10-28T00:00", LONDON), LONDON, "2026-10-20T10:00"),
        (DAYS_1, at("2026-10-26T00:00", LONDON), LONDON, "2026-10-24T10:00"),
        (LAST_DAY, at("2026-11-02T00:00", NEW_YORK), NEW_YORK, "2026-11-01T10:00"),
        (LAST_DAY, at("2027-03-15T00:00", NEW_YORK), NEW_YORK, "2027-03-14T10:00"),
        (DAYS_1, at("2027-03-01T00:00", NEW_YORK), NEW_YORK, "2027-02-27T10:00"),
    ],
)
def test_a_stage_is_due_at_ten_by_the_brands_clock(
    stage: str, end_at: datetime, zone: ZoneInfo, due: str
) -> None:
    assert due_moment(stage, end_at=end_at, zone=zone) == at(due, zone)


@pytest.mark.parametrize(("end", "due"), [("10:00", False), ("09:59", False), ("10:01", True)])
def test_nothing_is_due_when_the_period_is_over(end: str, due: bool) -> None:  # noqa: FBT001 (a table)
    end_at = at(f"2026-11-26T{end}")
    assert (due_moment(LAST_DAY, end_at=end_at, zone=BANGKOK) is not None) is due
    assert due_moment(DAYS_1, end_at=end_at, zone=BANGKOK) == at("2026-11-25T10:00")


@pytest.mark.parametrize(
    ("stage", "end_at", "latest"),
    [
        # 24 hours, for the next stage is further away than 36.
        (DAYS_7, END, "2026-11-20T10:00"),
        (DAYS_3, END, "2026-11-24T10:00"),
        # 12 hours before the next one.
        (DAYS_1, END, "2026-11-25T22:00"),
        (LAST_DAY, END, "2026-11-27T10:00"),
        # It ends before 10:00, hence there is no next one.
        (DAYS_1, at("2026-11-26T09:00"), "2026-11-26T10:00"),
    ],
)
def test_a_stage_is_told_late_by_a_day_and_never_shortly_before_the_next(
    stage: str, end_at: datetime, latest: str
) -> None:
    assert latest_telling(stage, end_at=end_at, zone=BANGKOK) == at(latest)


def test_what_is_never_due_is_never_told() -> None:
    assert latest_telling(LAST_DAY, end_at=at("2026-11-26T09:00"), zone=BANGKOK) is None


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-25T07:59:59", "2026-11-25T08:00"),
        ("2026-11-25T08:00", "2026-11-25T08:00"),
        ("2026-11-25T21:59:59", "2026-11-25T21:59:59"),
        ("2026-11-25T22:00", "2026-11-26T08:00"),
        ("2026-11-26T00:00", "2026-11-26T08:00"),
        ("2026-12-31T23:30", "2027-01-01T08:00"),
    ],
)
@pytest.mark.parametrize("zone", [BANGKOK, NEW_YORK])
def test_nobody_is_woken_between_ten_and_eight(now: str, leaves: str, zone: ZoneInfo) -> None:
    assert after_quiet_hours(at(now, zone), zone) == at(leaves, zone)


@pytest.mark.parametrize("stage", DAYS_BEFORE)
@pytest.mark.parametrize("zone", [BANGKOK, LONDON, NEW_YORK, ZoneInfo("Australia/Lord_Howe")])
@pytest.mark.parametrize(
    "now",
    [
        "2026-11-20T09:59",
        "2026-11-20T10:00",
        "2026-11-20T22:00",
        "2026-11-20T22:01",
        # Days on which clocks change.
        "2026-10-25T10:00",
        "2026-11-01T09:00",
        "2027-03-14T23:00",
        "2027-03-28T00:30",
    ],
)
def test_slices_hold_exactly_the_ends_that_make_the_stage_due(
    stage: str, zone: ZoneInfo, now: str
) -> None:
    """The edges of the ten days around, and the moments beside them, compared one by one."""
    moment = at(now, zone)
    pieces = slices(stage, now=moment, zone=zone)
    days = [moment.astimezone(zone).date() + timedelta(days=number) for number in range(-1, 9)]
    edges = [at(f"{day}T{clock}", zone) for day in days for clock in ("00:00", "10:00", "15:00")]
    for edge in [moment, *edges]:
        for beside in (-1, 0, 1):
            end_at = edge + timedelta(microseconds=beside)
            due_at = due_moment(stage, end_at=end_at, zone=zone)
            latest = latest_telling(stage, end_at=end_at, zone=zone)
            found = [piece for piece in pieces if piece.after < end_at <= piece.until]
            if end_at > moment and due_at is not None and latest is not None and due_at <= moment:
                assert [(piece.due_at, piece.is_told) for piece in found] == [
                    (due_at, moment <= latest)
                ]
            else:
                assert found == []


def test_every_stage_has_its_day() -> None:
    assert set(DAYS_BEFORE) == set(Reminder.Stage)
