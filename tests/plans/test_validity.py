"""The end of a period: the reference vectors, and properties over zones and decades."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.validity import (
    boundary,
    last_local_day,
    local_midnight,
    start_of_local_day,
    topped_up_until,
)
from tests.plans.vectors import rows

VECTORS = rows("renewal-date-vectors")
# With and without summer time, both hemispheres, changes at midnight (Santiago, Beirut, Azores,
# Havana), half hours (Kolkata, Lord Howe), quarters (Kathmandu, Chatham), both ends of the day.
ZONES = [
    "Asia/Bangkok",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/Santiago",
    "America/Havana",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Cairo",
]

zones = st.sampled_from(ZONES).map(ZoneInfo)
starts = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2055, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    timezones=st.just(UTC),
)
lengths = st.one_of(
    st.tuples(st.just("day"), st.integers(1, 400)),
    st.tuples(st.just("month"), st.integers(1, 24)),
    st.tuples(st.just("year"), st.integers(1, 3)),
)
modes = st.sampled_from(["calendar", "rolling"])
# No deadline: a busy machine is no mistake of the rule.
thorough = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize("row", VECTORS, ids=[row["id"] for row in VECTORS])
def test_reference_vector_has_its_end(row: dict[str, str]) -> None:
    zone = ZoneInfo(row["brand_tz"])
    start_at = datetime.fromisoformat(row["start_utc"])
    end_at = boundary(
        start_at,
        unit=row["unit"],
        count=int(row["count"]),
        index=int(row["period_index"]),
        mode="calendar",
        tz=zone,
    )
    assert start_at.astimezone(zone) == datetime.fromisoformat(row["start_local"])
    assert end_at == datetime.fromisoformat(row["end_exclusive_utc"])
    last_moment = end_at - timedelta(microseconds=1)
    assert last_moment.astimezone(zone).date() == date.fromisoformat(row["last_day_local"])


def test_every_reference_vector_is_here() -> None:
    assert len(VECTORS) == 12


@thorough
@given(start_at=starts, length=lengths, mode=modes, tz=zones, index=st.integers(1, 480))
def test_periods_of_a_chain_follow_each_other(
    start_at: datetime, length: tuple[str, int], mode: str, tz: ZoneInfo, index: int
) -> None:
    unit, count = length
    ends = [
        boundary(start_at, unit=unit, count=count, index=index + step, mode=mode, tz=tz)
        for step in (0, 1, 2)
    ]
    assert start_at < ends[0] < ends[1] < ends[2]
    # The same end counted in smaller steps: no drift, however long the chain.
    assert ends[0] == boundary(start_at, unit=unit, count=1, index=count * index, mode=mode, tz=tz)


@thorough
@given(start_at=starts, length=lengths, mode=modes, tz=zones, index=st.integers(1, 40))
def test_end_lies_on_the_anchor_day_or_the_last_of_the_month(
    start_at: datetime, length: tuple[str, int], mode: str, tz: ZoneInfo, index: int
) -> None:
    unit, count = length
    end_at = boundary(start_at, unit=unit, count=count, index=index, mode=mode, tz=tz)
    anchor, end = start_at.astimezone(tz).date(), end_at.astimezone(tz).date()
    if unit == "day":
        # Rolling days may land an hour beside the anchor's time of day, hence the next date.
        assert abs((end - anchor).days - count * index) <= (1 if mode == "rolling" else 0)
    else:
        is_last_of_month = (end + timedelta(days=1)).day == 1
        assert end.day == anchor.day or (end.day < anchor.day and is_last_of_month)
        months = (end.year - anchor.year) * 12 + end.month - anchor.month
        assert months == count * index * (12 if unit == "year" else 1)


@thorough
@given(start_at=starts, count=st.integers(1, 400), index=st.integers(1, 40), tz=zones)
def test_calendar_end_is_the_first_moment_of_its_local_day(
    start_at: datetime, count: int, index: int, tz: ZoneInfo
) -> None:
    end_at = boundary(start_at, unit="day", count=count, index=index, mode="calendar", tz=tz)
    assert start_of_local_day(end_at, tz) == end_at
    before = (end_at - timedelta(microseconds=1)).astimezone(tz).date()
    assert before == end_at.astimezone(tz).date() - timedelta(days=1)


@thorough
@given(start_at=starts, length=lengths, tz=zones, index=st.integers(1, 40))
def test_calendar_end_does_not_depend_on_the_hour_of_purchase(
    start_at: datetime, length: tuple[str, int], tz: ZoneInfo, index: int
) -> None:
    unit, count = length
    day_start = start_of_local_day(start_at, tz)
    assert boundary(
        start_at, unit=unit, count=count, index=index, mode="calendar", tz=tz
    ) == boundary(day_start, unit=unit, count=count, index=index, mode="calendar", tz=tz)


@thorough
@given(start_at=starts, count=st.integers(1, 400), index=st.integers(1, 40), tz=zones)
def test_rolling_day_is_24_hours_whatever_the_clocks_do(
    start_at: datetime, count: int, index: int, tz: ZoneInfo
) -> None:
    end_at = boundary(start_at, unit="day", count=count, index=index, mode="rolling", tz=tz)
    assert end_at - start_at == timedelta(hours=24 * count * index)


def test_rolling_month_keeps_the_local_time_of_day_across_summer_time() -> None:
    tz = ZoneInfo("Europe/London")
    start_at = datetime(2026, 3, 15, 10, 30, tzinfo=UTC)
    end_at = boundary(start_at, unit="month", count=1, index=1, mode="rolling", tz=tz)
    assert end_at == datetime(2026, 4, 15, 9, 30, tzinfo=UTC)


def test_rolling_month_clamps_the_day_and_keeps_the_time() -> None:
    tz = ZoneInfo("Asia/Bangkok")
    start_at = datetime(2026, 1, 31, 10, 0, tzinfo=tz)
    ends = [
        boundary(start_at, unit="month", count=1, index=index, mode="rolling", tz=tz)
        for index in (1, 2, 3)
    ]
    assert [end.astimezone(tz).isoformat() for end in ends] == [
        "2026-02-28T10:00:00+07:00",
        "2026-03-31T10:00:00+07:00",
        "2026-04-30T10:00:00+07:00",
    ]


def test_rolling_end_at_a_skipped_time_moves_forward() -> None:
    tz = ZoneInfo("Europe/Berlin")
    start_at = datetime(2026, 2, 28, 2, 30, tzinfo=tz)
    end_at = boundary(start_at, unit="month", count=1, index=1, mode="rolling", tz=tz)
    assert end_at.astimezone(tz).isoformat() == "2026-03-28T02:30:00+01:00"
    start_at = datetime(2026, 1, 29, 2, 30, tzinfo=tz)
    end_at = boundary(start_at, unit="month", count=2, index=1, mode="rolling", tz=tz)
    assert end_at.astimezone(tz).isoformat() == "2026-03-29T03:30:00+02:00"


def test_calendar_end_at_a_skipped_midnight_is_the_first_moment_of_the_day() -> None:
    tz = ZoneInfo("America/Santiago")
    end_at = boundary(
        datetime(2026, 9, 5, 12, 0, tzinfo=tz),
        unit="day",
        count=1,
        index=1,
        mode="calendar",
        tz=tz,
    )
    assert end_at.astimezone(tz).isoformat() == "2026-09-06T01:00:00-03:00"


def test_calendar_end_at_a_doubled_midnight_is_the_first_of_both() -> None:
    tz = ZoneInfo("America/Havana")
    assert local_midnight(date(2026, 11, 1), tz) == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def test_local_day_starts_at_its_midnight() -> None:
    at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    start = start_of_local_day(at, ZoneInfo("Asia/Bangkok"))
    assert start == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert start.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 (naive on purpose)
        ({"count": 0}, "begin at 1"),
        ({"index": 0}, "begin at 1"),
        ({"count": -3}, "begin at 1"),
        ({"unit": "week"}, "unit must be"),
        ({"mode": "lunar"}, "mode must be"),
        ({"unit": "year", "count": 9000}, "year 9999"),
        ({"unit": "day", "count": 4_000_000}, "year 9999"),
        ({"unit": "day", "count": 4_000_000, "mode": "rolling"}, "year 9999"),
    ],
)
def test_nonsense_is_refused(change: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {
        "start_at": datetime(2026, 1, 1, tzinfo=UTC),
        "unit": "day",
        "count": 30,
        "index": 1,
        "mode": "calendar",
        "tz": ZoneInfo("Asia/Bangkok"),
    } | change
    start_at = given_.pop("start_at")
    with pytest.raises(ValueError, match=message):
        boundary(start_at, **given_)  # type: ignore[arg-type]


def test_local_day_of_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        start_of_local_day(datetime(2026, 1, 1), ZoneInfo("UTC"))  # noqa: DTZ001 (naive on purpose)


def test_last_local_day_is_that_of_the_moment_before_the_end() -> None:
    end = datetime(2026, 12, 20, 17, tzinfo=UTC)
    assert last_local_day(end, ZoneInfo("Asia/Bangkok")) == date(2026, 12, 20)
    assert last_local_day(end, ZoneInfo("Europe/London")) == date(2026, 12, 20)
    assert last_local_day(end, ZoneInfo("Asia/Tokyo")) == date(2026, 12, 21)


BANGKOK = ZoneInfo("Asia/Bangkok")
TODAY = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def end_of(on: str) -> datetime:
    """The exclusive end of a local day in Bangkok."""
    return local_midnight(date.fromisoformat(on) + timedelta(days=1), BANGKOK)


@pytest.mark.parametrize(
    ("rule", "count", "valid_to", "expected"),
    [
        # S26: validity 31 December, 30 days more.
        ("add", 30, "2026-12-31", "2027-01-30"),
        # S28: 80 days ahead already, never shorter.
        ("reset", 30, "2027-02-09", "2027-02-09"),
        ("reset", 90, "2026-11-30", "2027-02-18"),
        # Over: both count from today, which is the first day.
        ("add", 30, "2026-11-01", "2026-12-20"),
        ("reset", 30, "2026-11-01", "2026-12-20"),
        ("add", 30, None, "2026-12-20"),
        # Never beyond 365 days from today, and never shorter for one that is beyond already.
        ("add", 180, "2027-10-01", "2027-11-20"),
        ("add", 30, "2028-01-01", "2028-01-01"),
    ],
)
def test_top_up_moves_the_life_of_the_number_by_the_brands_rule(
    rule: str, count: int, valid_to: str | None, expected: str
) -> None:
    until = topped_up_until(
        end_of(valid_to) if valid_to else None,
        rule=rule,
        unit="day",
        count=count,
        mode="calendar",
        now=TODAY,
        tz=BANGKOK,
    )
    assert until == end_of(expected)


def test_unknown_top_up_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="add or reset"):
        topped_up_until(
            None, rule="both", unit="day", count=1, mode="calendar", now=TODAY, tz=BANGKOK
        )
