"""Figures and words: rounded to the customer's disfavour never, added up always."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from plans.models import Allowance, Bucket, PlanVersion
from plans.presenters import (
    amount_text,
    data_text,
    date_text,
    fine_text,
    meter,
    per_day_minor,
    per_gb_minor,
    shortest_days,
    span,
    until_text,
    used_text,
    validity_text,
    zone_names,
)
from plans.templatetags.plan_parts import strip_ticks
from tests.factories import PeriodFactory, PlanVersionFactory

GB, MB = 1024**3, 1024**2


@pytest.mark.parametrize(
    ("amount", "left", "used"),
    [
        (0, "0 MB", "0 MB"),
        (MB, "1 MB", "1 MB"),
        (GB - 1, "1023 MB", "1024 MB"),
        (GB, "1 GB", "1 GB"),
        (20 * GB, "20 GB", "20 GB"),
        (int(6.87 * GB), "6.8 GB", "6.9 GB"),
        (100 * GB, "100 GB", "100 GB"),
    ],
)
def test_data_left_is_rounded_down_and_data_used_up(amount: int, left: str, used: str) -> None:
    assert data_text(amount) == left
    assert used_text("data", amount) == used


@pytest.mark.parametrize(
    ("kind", "amount", "text"),
    [
        ("voice", 60, "1 minute"),
        ("voice", 3_659, "60 minutes"),
        ("sms", 1, "1 text"),
        ("sms", 60, "60 texts"),
    ],
)
def test_calls_are_counted_in_minutes_and_texts_one_by_one(
    kind: str, amount: int, text: str, en: object
) -> None:
    assert amount_text(kind, amount) == text


@pytest.mark.parametrize(
    ("count", "unit", "text"),
    [(1, "day", "1 day"), (30, "day", "30 days"), (1, "month", "1 month"), (2, "year", "2 years")],
)
def test_validity_is_said_in_its_own_unit(count: int, unit: str, text: str, en: object) -> None:
    assert validity_text(PlanVersion(validity_count=count, validity_unit=unit)) == text


def test_ring_shows_what_is_left_of_what_was_granted(en: object) -> None:
    ring = meter(Bucket(kind="data", granted=20 * GB, used=int(13.2 * GB)))
    assert (ring.figure, ring.unit, ring.percent) == ("6.8", "GB / 20", 34)
    assert (ring.left, ring.used) == ("6.8 GB", "13.2 GB")
    assert ring.sentence == "Data left: 6.8 GB of 20 GB left"


def test_ring_of_little_data_names_both_units(en: object) -> None:
    ring = meter(Bucket(kind="data", granted=20 * GB, used=20 * GB - 300 * MB))
    assert (ring.figure, ring.unit) == ("300", "MB / 20 GB")


def test_used_up_allowance_has_an_empty_ring(en: object) -> None:
    ring = meter(Bucket(kind="voice", granted=600, used=900))
    assert (ring.figure, ring.percent) == ("0", 0)


def test_buckets_of_one_kind_make_one_ring(en: object) -> None:
    early, late = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    ring = meter(
        Bucket(kind="data", granted=20 * GB, used=25 * GB, measured_at=late),
        Bucket(kind="data", granted=20 * GB, used=5 * GB, measured_at=early),
    )
    assert (ring.left, ring.granted, ring.used, ring.percent) == ("15 GB", "40 GB", "30 GB", 37)
    assert ring.measured_at == early


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 MB"),
        (60 * MB, "60 MB"),
        (100 * MB, "0.10 GB"),
        (int(0.567 * GB), "0.57 GB"),
        (12 * GB, "12.00 GB"),
    ],
)
def test_use_of_a_day_has_two_decimals(amount: int, text: str) -> None:
    assert fine_text(amount) == text


def test_end_is_told_with_weekday_and_city_and_a_day_without(en: object) -> None:
    zone, now = ZoneInfo("Europe/London"), datetime(2026, 11, 21, tzinfo=UTC)
    end_at = datetime(2026, 11, 27, tzinfo=UTC)
    assert until_text(end_at, zone, now=now) == "Thu 26 Nov 23:59 (London)"
    assert date_text(end_at, zone, now=now) == "27 Nov"
    assert date_text(datetime(2027, 1, 2, tzinfo=UTC), zone, now=now) == "2 Jan 2027"
    with translation.override("zh-hans"):
        assert until_text(end_at, zone, now=now) == "11月26日 周四 23:59（伦敦）"


def test_unlimited_allowance_is_called_so(en: object) -> None:
    ring = meter(Bucket(kind="sms", is_unlimited=True, used=3))
    assert (ring.figure, ring.unit, ring.percent) == ("Unlimited", "3 texts used", 100)


@pytest.mark.django_db
def test_calendar_days_are_counted_in_the_brand_s_zone() -> None:
    """28 October to 26 November in Bangkok, seen on the 21st: six days, today included."""
    period = PeriodFactory.create(
        start_at=datetime(2026, 10, 27, 17, tzinfo=UTC),
        end_at=datetime(2026, 11, 26, 17, tzinfo=UTC),
    )
    counted = span(period, now=datetime(2026, 11, 21, 16, 59, tzinfo=UTC))
    assert (counted.total, counted.left, counted.used) == (30, 6, 24)
    assert span(period, now=datetime(2026, 11, 21, 17, tzinfo=UTC)).left == 5


@pytest.mark.django_db
def test_rolling_days_are_counted_from_the_start() -> None:
    start = datetime(2026, 11, 1, 10, tzinfo=UTC)
    version = PlanVersionFactory.create(validity_mode="rolling")
    period = PeriodFactory.create(version=version, start_at=start)
    assert span(period, now=start).left == 30
    assert span(period, now=start + timedelta(hours=23)).left == 30
    assert span(period, now=start + timedelta(hours=25)).left == 29


@pytest.mark.django_db
def test_strip_has_one_tick_a_day_and_few_for_a_year() -> None:
    start = datetime(2026, 10, 31, 17, tzinfo=UTC)
    month = PeriodFactory.create(start_at=start)
    kinds = [kind for _x, kind in strip_ticks(span(month, now=start + timedelta(days=24)))]
    assert kinds == ["used"] * 24 + ["now"] + ["left"] * 5
    year = PeriodFactory.create(start_at=start, end_at=start + timedelta(days=365))
    assert len(strip_ticks(span(year, now=start))) == 92


@pytest.mark.parametrize(
    ("unit", "count", "expected"), [("day", 30, 1_197), ("year", 1, 98), ("month", 1, None)]
)
def test_price_per_day_exists_where_days_are_fixed(
    unit: str, count: int, expected: int | None
) -> None:
    version = PlanVersion(validity_unit=unit, validity_count=count)
    assert per_day_minor(version, 35_900) == expected


def test_price_per_gb_leaves_out_unlimited_data() -> None:
    assert per_gb_minor([Allowance(kind="data", amount=20 * GB)], 35_900) == 1_795
    assert per_gb_minor([Allowance(kind="data", is_unlimited=True)], 35_900) is None
    assert per_gb_minor([], 35_900) is None


def test_zones_are_named_in_the_reader_s_language(en: object) -> None:
    assert zone_names(["TH", "EU", "WORLD", "XX"]) == [
        "Thailand",
        "European Union",
        "worldwide",
        "XX",
    ]


@pytest.mark.parametrize(
    ("count", "unit", "days"),
    [(30, "day", 30), (1, "month", 28), (3, "month", 84), (13, "month", 393), (2, "year", 730)],
)
def test_shortest_length_of_a_plan_promises_no_day_too_many(
    count: int, unit: str, days: int
) -> None:
    assert shortest_days(PlanVersion(validity_count=count, validity_unit=unit)) == days


def test_unit_prices_are_rounded_half_up() -> None:
    version = PlanVersion(validity_unit="day", validity_count=8)
    assert per_day_minor(version, 100) == 13
    assert per_day_minor(version, 99) == 12
    assert per_gb_minor([Allowance(kind="data", amount=8 * GB)], 100) == 13
    assert per_gb_minor([Allowance(kind="data", amount=8 * GB)], 99) == 12
    assert per_gb_minor([Allowance(kind="voice", amount=60)], 99) is None
