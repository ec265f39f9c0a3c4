"""Money, days and numbers, as each language writes them."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from messaging import formats

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
BANGKOK = ZoneInfo("Asia/Bangkok")
# The midnight in Bangkok that opens 27 December.
END = datetime(2026, 12, 26, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "short", "exact"),
    [
        (7200, "CNY", "¥72", "¥72.00"),
        (35900, "THB", "฿359", "฿359.00"),
        (35950, "THB", "฿359.50", "฿359.50"),
        (1040, "GBP", "£10.40", "£10.40"),
        (1040, "USD", "US$10.40", "US$10.40"),
        (104000, "EUR", "€1,040", "€1,040.00"),
        (1234567, "HKD", "HK$12,345.67", "HK$12,345.67"),
        (1200, "JPY", "JP¥1,200", "JP¥1,200"),
        (0, "THB", "฿0", "฿0.00"),
        (-5, "GBP", "-£0.05", "-£0.05"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_money_is_written_with_its_sign_first(
    language: str, amount: int, currency: str, short: str, exact: str
) -> None:
    with translation.override(language):
        assert formats.money(amount, currency) == short
        assert formats.money_exact(amount, currency) == exact


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("349.00", "THB", 34900),
        ("349", "THB", 34900),
        ("349.5", "THB", 34950),
        ("10.4000", "GBP", 1040),
        ("-0.01", "USD", -1),
        (Decimal("1E+2"), "CNY", 10000),
        ("1200", "JPY", 1200),
        ("92233720368547758.07", "THB", 2**63 - 1),
    ],
)
def test_a_sum_becomes_minor_units_exactly(text: str | Decimal, currency: str, minor: int) -> None:
    if isinstance(text, str) and len(text) > 16:
        text = Decimal(text)
    assert formats.to_minor(text, currency) == minor
    assert formats.from_minor(minor, currency) == Decimal(text)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.005", "THB"),
        ("1.5", "JPY"),
        ("", "THB"),
        ("1e3", "THB"),
        ("1,000", "THB"),
        ("1_000", "THB"),
        (" 1", "THB"),
        ("1\n", "THB"),
        ("+1", "THB"),
        (".5", "THB"),
        ("NaN", "THB"),
        ("١", "THB"),
        ("9" * 17, "THB"),
        (Decimal("NaN"), "THB"),
        (Decimal("Infinity"), "THB"),
        (Decimal("1E+30"), "THB"),
        (Decimal("92233720368547758.08"), "THB"),
        (Decimal("1.00000000000000000000000000000000001"), "THB"),
        ("1", "KRW"),
        ("1", "thb"),
    ],
)
def test_an_inexact_sum_or_a_foreign_currency_is_refused(
    amount: str | Decimal, currency: str
) -> None:
    with pytest.raises(formats.AmountError):
        formats.to_minor(amount, currency)


def test_minor_units_become_the_figure_people_type() -> None:
    assert str(formats.from_minor(34900, "THB")) == "349.00"
    assert str(formats.from_minor(1200, "JPY")) == "1200"
    with pytest.raises(formats.AmountError):
        formats.from_minor(1, "XXX")


@pytest.mark.parametrize(
    ("moment", "tz", "english", "chinese"),
    [
        ("2026-12-25T17:00:00Z", "Asia/Bangkok", "Sat 26 Dec", "12月26日 周六"),
        ("2026-12-25T16:59:59Z", "Asia/Bangkok", "Fri 25 Dec", "12月25日 周五"),
        ("2026-12-31T17:00:00Z", "Asia/Bangkok", "Fri 1 Jan 2027", "2027年1月1日 周五"),
        ("2025-03-01T12:00:00Z", "Europe/London", "Sat 1 Mar 2025", "2025年3月1日 周六"),
    ],
)
def test_a_day_is_local_and_names_another_year(
    moment: str, tz: str, english: str, chinese: str
) -> None:
    with translation.override("en"):
        assert formats.day(moment, tz, now=NOW) == english
    with translation.override("zh-hans"):
        assert formats.day(moment, tz, now=NOW) == chinese


def test_the_year_is_left_out_by_the_local_calendar_not_by_utc() -> None:
    # Already 2027 in Bangkok, still 2026 in UTC.
    now = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
    with translation.override("en"):
        assert formats.day("2027-01-02T00:00:00Z", BANGKOK, now=now) == "Sat 2 Jan"
        assert formats.day("2026-12-30T00:00:00Z", BANGKOK, now=now) == "Wed 30 Dec 2026"


@pytest.mark.parametrize(
    ("end", "tz", "english"),
    [
        (END, BANGKOK, "26 Dec 23:59 (Bangkok)"),
        ("2026-12-27T00:00:00+00:00", "Europe/London", "26 Dec 23:59 (London)"),
        ("2026-12-27T05:00:00Z", "America/New_York", "26 Dec 23:59 (New York)"),
        ("2026-12-27T08:00:00Z", "America/Los_Angeles", "26 Dec 23:59 (Los Angeles)"),
        # A rolling period ends within a minute.
        ("2026-12-26T07:05:30Z", "Asia/Bangkok", "26 Dec 14:05 (Bangkok)"),
        ("2026-12-26T07:05:00Z", "Asia/Bangkok", "26 Dec 14:04 (Bangkok)"),
        # The clocks go back at 01:00 UTC: the hour before the end is the second 01:59.
        ("2026-10-25T02:00:00Z", "Europe/London", "25 Oct 01:59 (London)"),
        ("2027-01-01T00:00:00Z", "Europe/London", "31 Dec 23:59 (London)"),
        ("2027-01-01T00:01:00Z", "Europe/London", "1 Jan 2027 00:00 (London)"),
        ("2026-12-27T00:00:00Z", "Africa/Accra", "26 Dec 23:59 (Accra)"),
    ],
)
def test_an_exclusive_end_reads_as_the_last_minute_before_it(
    end: datetime | str, tz: ZoneInfo | str, english: str
) -> None:
    with translation.override("en"):
        assert formats.until(end, tz, now=NOW) == english


def test_chinese_writes_the_end_in_its_own_order_and_brackets() -> None:
    with translation.override("zh-hans"):
        assert formats.until(END, "Asia/Bangkok", now=NOW).startswith("12月26日 23:59（")
        assert formats.until(END, "Europe/Paris", now=NOW) == "12月26日 17:59（巴黎）"
        assert formats.last_day(END, BANGKOK, now=NOW) == "12月26日"
        assert formats.day_time(END, BANGKOK, now=NOW) == "12月27日 00:00"


def test_english_writes_last_day_and_time_of_day() -> None:
    with translation.override("en"):
        assert formats.last_day(END, BANGKOK, now=NOW) == "26 Dec"
        assert formats.day_time(END, BANGKOK, now=NOW) == "27 Dec 00:00"
        assert formats.with_place("27 Dec", BANGKOK) == "27 Dec (Bangkok)"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        formats.day("2026-12-26T00:00:00", BANGKOK)


def test_a_language_unknown_to_babel_reads_like_english() -> None:
    with translation.override(None):
        assert formats.day(END, BANGKOK, now=NOW) == "Sun 27 Dec"
    with translation.override("xx"):
        assert formats.day(END, BANGKOK, now=NOW) == "Sun 27 Dec"


@pytest.mark.parametrize(
    ("number", "grouped"),
    [
        ("+66812345678", "+66 81 234 5678"),
        ("+447400123456", "+44 7400 123456"),
        ("+12015550123", "+1 201-555-0123"),
        ("9123", "9123"),
        ("", ""),
    ],
)
def test_a_number_is_grouped_for_reading(number: str, grouped: str) -> None:
    assert formats.msisdn(number) == grouped


def test_a_masked_number_shows_the_last_four_digits_only() -> None:
    with translation.override("en"):
        assert formats.masked("+66812345678") == "ending 5678"


@time_machine.travel(NOW, tick=False)
def test_the_filters_write_the_same_as_the_functions() -> None:
    template = Template(
        "{% load formats %}{{ sum|money:'THB' }}|{{ sum|money_exact:'THB' }}|{{ end|day:tz }}|"
        "{{ end|day_time:tz }}|{{ end|last_day:tz }}|{{ end|until:tz }}|{{ tz|place }}|"
        "{{ end|day_time:tz|with_place:tz }}|{{ number|msisdn }}|{{ number|masked }}"
    )
    values = {"sum": 35900, "end": END, "tz": "Asia/Bangkok", "number": "+66812345678"}
    with translation.override("en"):
        assert template.render(Context(values)).split("|") == [
            "฿359",
            "฿359.00",
            "Sun 27 Dec",
            "27 Dec 00:00",
            "26 Dec",
            "26 Dec 23:59 (Bangkok)",
            "Bangkok",
            "27 Dec 00:00 (Bangkok)",
            "+66 81 234 5678",
            "ending 5678",
        ]


def test_a_missing_value_stays_empty_in_a_page() -> None:
    template = Template(
        "{% load formats %}{{ none|money:'THB' }}{{ lost|money_exact:'THB' }}{{ none|day:'UTC' }}"
        "{{ none|day_time:'UTC' }}{{ none|last_day:'UTC' }}{{ none|until:'UTC' }}{{ none|place }}"
        "{{ lost|with_place:'UTC' }}{{ none|msisdn }}{{ none|masked }}"
    )
    assert template.render(Context({"none": None})) == ""
