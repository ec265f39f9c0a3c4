"""Will the data last? The arithmetic by table, and the sentences it becomes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.forecast import Portion, Verdict, forecast, forecast_note

GB = 1024**3
BANGKOK = ZoneInfo("Asia/Bangkok")
# Saturday noon in Bangkok.
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
DAY = timedelta(days=1)
STEADY = [GB] * 7


def portion(left: float, days: float) -> Portion:
    """So many GB that can be used for so many days more."""
    return Portion(int(left * GB), NOW + days * DAY)


@pytest.mark.parametrize(
    ("left", "days_to_go", "use", "verdict", "left_at_end", "runs_out_in"),
    [
        (10, 6, STEADY, Verdict.ENOUGH, 4, None),
        # It lasts to the very end: nothing is left, nothing was missing.
        (6, 6, STEADY, Verdict.ENOUGH, 0, None),
        (3, 6, STEADY, Verdict.SHORT, 0, 3),
        (3, 6, [0, 0, 0, 2 * GB, 2 * GB, 2 * GB, GB], Verdict.SHORT, 0, 3),
        (0, 6, STEADY, Verdict.USED_UP, 0, None),
        (3, 6, [GB, GB], Verdict.UNKNOWN, 0, None),
        (3, 6, [], Verdict.UNKNOWN, 0, None),
        (10, 6, [GB, GB, GB], Verdict.ENOUGH, 4, None),
        (3, 6, [0] * 7, Verdict.IDLE, 3, None),
    ],
)
def test_speed_of_the_known_days_decides(
    left: float,
    days_to_go: float,
    use: list[int],
    verdict: Verdict,
    left_at_end: float,
    runs_out_in: float | None,
) -> None:
    found = forecast([portion(left, days_to_go)], use, now=NOW)
    assert found.verdict == verdict
    assert found.left_at_end == left_at_end * GB
    assert found.runs_out_at == (None if runs_out_in is None else NOW + runs_out_in * DAY)


def test_range_comes_from_the_busier_and_the_quieter_half() -> None:
    use = [0, 0, 0, GB, 2 * GB, 2 * GB, 2 * GB]
    found = forecast([portion(3.5, 14)], use, now=NOW)
    assert found.runs_out_at == NOW + 3.5 * DAY
    # The busier half uses 1.75 GB a day, the quieter one a quarter of a GB.
    assert found.earliest_at == NOW + 2 * DAY
    assert found.latest_at is None


def test_what_ends_first_is_used_first_and_its_rest_is_lost() -> None:
    found = forecast([portion(5, 10), portion(5, 2)], STEADY, now=NOW)
    # Two days from the first, of which three GB are lost; then five of eight days.
    assert found.verdict == Verdict.SHORT
    assert found.runs_out_at == NOW + 7 * DAY
    found = forecast([portion(9, 10), portion(5, 2)], STEADY, now=NOW)
    assert (found.verdict, found.left_at_end) == (Verdict.ENOUGH, GB)


@pytest.mark.parametrize(
    ("left", "use", "tone", "text"),
    [
        (
            10,
            STEADY,
            "ok",
            (
                "At the speed of the last 7 days (1.00 GB a day), about 4.00 GB will be left at the"
                " end: enough."
            ),
        ),
        (
            3,
            STEADY,
            "warn",
            (
                "At the speed of the last 7 days (1.00 GB a day), the data runs out on 24 Nov,"
                " 3 days before the end."
            ),
        ),
        (
            5.1,
            STEADY,
            "warn",
            (
                "At the speed of the last 7 days (1.00 GB a day), the data runs out on 26 Nov,"
                " 1 day before the end."
            ),
        ),
        (
            5.9,
            STEADY,
            "warn",
            (
                "At the speed of the last 7 days (1.00 GB a day), the data runs out on the last day,"
                " 27 Nov."
            ),
        ),
        (
            6.5,
            [GB // 2, GB // 2, GB, GB, GB, 3 * GB // 2, 3 * GB // 2],
            "ok",
            (
                "At the speed of the last 7 days (1.00 GB a day), about 0.50 GB will be left at the"
                " end: enough. With many busy days it could run out on 26 Nov."
            ),
        ),
        (
            4,
            [0, 0, 0, 0, 3 * GB, 3 * GB, GB],
            "warn",
            (
                "At the speed of the last 7 days (1.00 GB a day), the data runs out on 25 Nov, 2 days"
                " before the end. At the earliest on 23 Nov; with quiet days not at all."
            ),
        ),
        (
            4,
            [3 * GB // 4] * 3 + [GB] + [5 * GB // 4] * 3,
            "warn",
            (
                "At the speed of the last 7 days (1.00 GB a day), the data runs out on 25 Nov, 2 days"
                " before the end. It may be from 24 Nov to 26 Nov."
            ),
        ),
        (3, [GB, GB], "off", "Too few days of use are known yet for a forecast."),
        (
            3,
            [0] * 7,
            "ok",
            "No data was used in the last 7 days; 3 GB will be left at the end.",
        ),
        (0, STEADY, "warn", "The data of this period is used up: it stops."),
    ],
)
def test_forecast_reads_as_sentences(
    left: float, use: list[int], tone: str, text: str, en: object
) -> None:
    found = forecast([portion(left, 6)], use, now=NOW)
    note = forecast_note(found, BANGKOK, now=NOW, after_limit="stops")
    assert (note.tone, note.text) == (tone, text)


def test_used_up_data_of_a_plan_without_a_rule_is_only_told(en: object) -> None:
    found = forecast([portion(0, 6)], STEADY, now=NOW)
    assert forecast_note(found, BANGKOK, now=NOW).text == "The data of this period is used up."
