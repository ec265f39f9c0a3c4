"""Days of use as pages show them: every day there, today last, sums by the brand's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from plans.charts import UsageChart, day_label, month_label
from plans.models import Line
from plans.selectors.usage import DayOfUse, monthly_use, periods_use, usage_history
from plans.templatetags.plan_parts import bars
from tests.factories import LineFactory, PeriodFactory, UsageDayFactory

GB = 1024**3
# Saturday 21 November, noon in Bangkok.
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


def use(line: Line, days_ago: int, gigabytes: float, **more: int) -> None:
    """One day of use."""
    on = TODAY - days_ago * DAY
    UsageDayFactory.create(line=line, on=on, data_bytes=int(gigabytes * GB), **more)


@pytest.mark.django_db
def test_every_day_is_there_the_last_is_today_and_gaps_are_zero(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    line = LineFactory.create()
    use(line, 30, 1)
    use(line, 2, 2, voice_seconds=90, sms_count=3)
    use(line, 31, 9)
    use(line, -1, 9)
    use(LineFactory.create(), 2, 9)
    with django_assert_num_queries(1):
        found = usage_history(line, days=31, now=NOW)
    assert len(found.days) == 31
    assert (found.days[0].on, found.today) == (date(2026, 10, 22), DayOfUse(TODAY))
    assert sum(day.data for day in found.days) == 3 * GB
    assert found.days[-3] == DayOfUse(date(2026, 11, 19), 2 * GB, 90, 3)
    assert found.known_since == date(2026, 10, 22)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        # 21:30 in London on 31 March, already 1 April in Bangkok.
        ("Europe/London", datetime(2026, 3, 31, 20, 30, tzinfo=UTC), date(2026, 3, 31)),
        ("Asia/Bangkok", datetime(2026, 3, 31, 20, 30, tzinfo=UTC), date(2026, 4, 1)),
        # The last evening before the clocks go forward, and the first minutes after they went back.
        ("Europe/London", datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        ("America/New_York", datetime(2026, 11, 1, 3, 59, tzinfo=UTC), date(2026, 10, 31)),
        ("America/New_York", datetime(2026, 11, 1, 4, 0, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_month_and_today_are_those_of_the_brand_s_zone(
    zone: str, now: datetime, today: date
) -> None:
    line = LineFactory.create(brand__time_zone=zone)
    UsageDayFactory.create(line=line, on=today, data_bytes=1)
    UsageDayFactory.create(line=line, on=today.replace(day=1) - DAY, data_bytes=100)
    found = usage_history(line, days=31, now=now)
    assert found.today.on == today
    assert (found.this_month.first_on, found.this_month.data) == (today.replace(day=1), 1)


@pytest.mark.django_db
def test_forecast_goes_by_the_known_whole_days_before_today() -> None:
    line = LineFactory.create()
    for days_ago, gigabytes in ((0, 5), (1, 1), (3, 2), (7, 3), (8, 9)):
        use(line, days_ago, gigabytes)
    assert usage_history(line, days=31, now=NOW).recent_data == [
        3 * GB,
        0,
        0,
        0,
        2 * GB,
        0,
        GB,
    ]


@pytest.mark.django_db
def test_days_before_the_first_report_are_unknown_not_quiet() -> None:
    line = LineFactory.create()
    assert usage_history(line, days=31, now=NOW).recent_data == []
    use(line, 2, 1)
    found = usage_history(line, days=31, now=NOW)
    assert (found.is_empty, found.recent_data) == (False, [GB, 0])


@pytest.mark.django_db
def test_sums_by_period_give_each_day_to_one_period(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    line = LineFactory.create()
    # Both change over in the afternoon of the 11th.
    start = datetime(2026, 10, 12, 9, tzinfo=UTC)
    first = PeriodFactory.create(line=line, start_at=start)
    second = PeriodFactory.create(line=line, start_at=first.end_at)
    for days_ago in range(30):
        use(line, days_ago, 1)
    days = usage_history(line, days=30, now=NOW).days
    with django_assert_num_queries(1):
        found = periods_use(line, days)
    assert [one.period for one in found] == [second, first]
    assert [(one.total.first_on.day, one.total.last_on.day) for one in found] == [
        (11, 21),
        (23, 10),
    ]
    assert [one.total.data // GB for one in found] == [11, 19]


def test_sums_by_month_are_newest_first() -> None:
    days = [
        DayOfUse(date(2026, 10, 30) + number * DAY, data=1, voice=2, sms=3) for number in range(4)
    ]
    november, october = monthly_use(days)
    assert (november.first_on, november.last_on) == (date(2026, 11, 1), date(2026, 11, 2))
    assert (october.first_on, october.last_on) == (date(2026, 10, 30), date(2026, 10, 31))
    assert (october.data, october.voice, october.sms) == (2, 4, 6)


def chart(*gigabytes: float, pace: float | None = None) -> UsageChart:
    first = TODAY - (len(gigabytes) - 1) * DAY
    days = [DayOfUse(first + n * DAY, data=int(one * GB)) for n, one in enumerate(gigabytes)]
    return UsageChart(days, pace=None if pace is None else int(pace * GB))


def test_bars_over_the_even_pace_and_today_stand_out(en: object) -> None:
    found = chart(1, 4, 0, 2, pace=2)
    assert [bar.kind for bar in found.bars] == ["", "over", "", "today"]
    assert [bar.height for bar in found.bars] == [25, 100, 0, 50]
    assert [bar.title for bar in found.bars][:2] == ["18 Nov: 1.00 GB", "19 Nov: 4.00 GB"]
    assert (found.pace_height, found.has_days_over, found.pace_text) == (50, True, "2.00 GB")
    assert (found.total, found.mean, found.today) == (["7", "GB"], ("1.75", "GB"), ("2.00", "GB"))
    last = found.bars[-1]
    assert last.x + found.width == pytest.approx(100)


def test_unlimited_data_has_no_pace_and_silence_no_height() -> None:
    found = chart(0, 0)
    assert [bar.height for bar in found.bars] == [0, 0]
    assert (found.pace_height, found.has_days_over, found.pace_text) == (None, False, "")


def test_pace_above_every_bar_is_the_top() -> None:
    found = chart(1, 1, pace=2)
    assert (found.pace_height, [bar.height for bar in found.bars]) == (100, [50, 50])


def test_drawing_has_a_title_for_each_day_and_a_name(en: object) -> None:
    svg = bars(chart(1, 4, pace=2), "<Data>")
    assert svg.count("<rect ") == svg.count("<title>") == 2
    assert 'role="img" aria-label="&lt;Data&gt;"' in svg
    assert "viewBox" not in svg
    assert '<line class="bars__pace" x1="0" x2="100%" y1="50.0%" y2="50.0%"/>' in svg


def test_axis_names_the_first_day_two_between_and_leaves_today_to_its_word(en: object) -> None:
    assert chart(*([1] * 30)).axis == ["23 Oct", "2 Nov", "11 Nov"]


def test_days_and_months_are_written_in_the_reader_s_language() -> None:
    assert day_label(TODAY, "zh-hans") == "11月21日"
    assert day_label(TODAY, "zh-hans", has_weekday=True) == "11月21日 周六"
    assert day_label(TODAY, "en", has_weekday=True) == "Sat 21 Nov"
    assert (month_label(TODAY, "zh-hans"), month_label(TODAY, "en")) == (
        "2026年11月",
        "November 2026",
    )
    with translation.override("zh-hans"):
        assert chart(1, 1).bars[0].title == "11月20日: 1.00 GB"
