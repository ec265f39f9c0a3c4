"""The benchmarks measure what they say; how fast anything is, no test decides."""

import re
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from benchmarks.clock import WARM_UP, Effort, Side, Timing, alternate, statements
from benchmarks.dashboard import TOLERANCE, measure_dashboard, pages
from benchmarks.lifecycle import measure_lifecycle
from benchmarks.reminders import NOW, grow, measure_reminders
from benchmarks.settlement import (
    known_payments,
    measure_settlement,
    paid_payments,
    settle,
    write_rows,
)
from benchmarks.shop import customer_with_lines, open_shop
from benchmarks.table import CountRow, PerRow, RatioRow, Row, table
from benchmarks.usage import measure_usage
from benchmarks.webhook import measure_webhook
from billing.models import Order, StripeEvent
from billing.services.books import check_books
from plans.models import Line, LineHistory, Period, PlanVersion, Reminder, UsageRecord
from tests.portal.production import ROOT

TINY = Effort(rounds=1, calls=1)


@pytest.fixture
def version(db: None) -> PlanVersion:
    return open_shop(now=timezone.now())


def names(rows: list[Row]) -> list[str]:
    return [row.measurement for row in rows]


def test_dashboard_is_measured_with_one_line_and_with_a_hundred(version: PlanVersion) -> None:
    rows = measure_dashboard(version, TINY)

    assert names(rows) == [
        "dashboard with 1 line: processor time",
        "dashboard with 1 line: queries",
        "dashboard with 100 lines: processor time",
        "dashboard with 100 lines: queries",
    ]
    queries = [row.ours for row in rows if isinstance(row, CountRow)]
    assert queries[0] == queries[1] <= 8
    assert [row.baseline for row in rows if isinstance(row, CountRow)] == [5, 5]


def test_bare_page_is_as_long_as_the_dashboard(version: PlanVersion) -> None:
    ours, baseline = pages(1, version)

    assert abs(ours.length() - baseline.length()) <= TOLERANCE * ours.length()


def test_webhook_is_measured_with_and_without_a_bell(version: PlanVersion) -> None:
    rows = measure_webhook(TINY)

    assert names(rows) == [
        "webhook until 200: wall time",
        "the same where only a sweep works, no bell",
    ]
    # Both sides store each of their events: the warm-up's and one round of five.
    assert StripeEvent.objects.filter(state="due").count() == 2 * 2 * (WARM_UP + 5)


def test_settlement_is_measured_on_payments_that_become_renewals(version: PlanVersion) -> None:
    rows = measure_settlement(version, TINY)

    assert names(rows) == ["paid event applied: wall time"]
    assert set(Order.objects.values_list("state", flat=True)) == {Order.State.APPLIED}
    assert check_books() == []


def test_reminder_scan_is_measured_at_each_size(version: PlanVersion) -> None:
    customer_with_lines(1, version=version, now=NOW)
    rows = measure_reminders(version, [60, 120])

    # Four stages a day, of the thirtieth part of the lines each.
    assert names(rows) == [
        f"reminder scan, {lines} lines, {due} due: {what}"
        for lines, due in ((60, 8), (120, 16))
        for what in ("time for each", "KB of memory")
    ]
    assert Line.objects.count() == 1 + 120
    # What was measured today is forgotten, what was found the day before is not.
    assert not Reminder.objects.filter(created_at=NOW).exists()
    assert Reminder.objects.exists()


def test_lines_of_the_reminder_scan_end_evenly_over_a_month(version: PlanVersion) -> None:
    customer_with_lines(1, version=version, now=NOW)
    grow(60, version)

    running = Period.objects.filter(state="active", line__public_id__startswith="bench")
    ends = Counter(running.values_list("end_at", flat=True))
    assert len(ends) == 30
    assert set(ends.values()) == {2}
    assert max(ends) - min(ends) == timedelta(days=29)


def test_clock_of_lines_is_measured_on_a_day_of_moves(version: PlanVersion) -> None:
    rows = measure_lifecycle(version, [120, 240])

    # Half of the lines come to the end of a stage today.
    assert names(rows) == [
        "clock of lines, 120 lines, 60 moved: time for each",
        "clock of lines, 120 lines, 60 moved: KB of memory",
        "clock of lines, 240 lines, 120 moved: time for each",
        "clock of lines, 240 lines, 120 moved: KB of memory",
    ]
    assert not LineHistory.objects.exists()
    assert set(Line.objects.values_list("state", flat=True)) == {"active", "grace"}


def test_usage_import_is_measured_against_the_same_rows_ready_made(version: PlanVersion) -> None:
    rows = measure_usage(version, [50])

    assert names(rows) == [
        "usage import, 50 rows: time of 1,000",
        "usage import, 50 rows: KB of memory",
    ]
    records = UsageRecord.objects.order_by("pk")
    # Three rounds of both, and ours once more for the memory; both write the same.
    assert Counter(records.values_list("source", flat=True)) == {"bench": 200, "bare": 150}
    ours, bare = (
        list(records.filter(source=source).values_list("line", "on", "start_at", "units")[:50])
        for source in ("bench", "bare")
    )
    assert ours == bare


def writes(sent: list[str]) -> Counter[tuple[str, str]]:
    """INSERTs by table, and which tables have an UPDATE; withdrawn messages have no row here."""
    found = re.findall(r'^(INSERT INTO|UPDATE) "(\w+)"', "\n".join(sent), flags=re.MULTILINE)
    inserts = Counter(pair for pair in found if pair[0] == "INSERT INTO")
    updates = {pair for pair in found if pair[0] == "UPDATE"} - {("UPDATE", "messaging_message")}
    return inserts + Counter(updates)


def test_bare_transaction_writes_the_rows_of_a_settlement(version: PlanVersion) -> None:
    paid, known = paid_payments(1, version)[0], known_payments(1, version)[0]

    ours = statements(lambda: settle(paid))
    baseline = statements(lambda: write_rows(known))

    assert writes(ours) == writes(baseline)
    assert [sql for sql in baseline if sql.startswith("SELECT")] == []


def test_sides_are_called_in_turn_and_each_goes_first() -> None:
    calls: list[str] = []
    effort = Effort(rounds=2, calls=2)
    inputs = range(effort.inputs)

    timing = alternate(
        Side(lambda number: calls.append(f"ours{number}"), inputs),
        Side(lambda number: calls.append(f"bare{number}"), inputs),
        clock=lambda: float(len(calls)),
        effort=effort,
    )

    assert calls[:4] == ["ours0", "bare0", "bare1", "ours1"]
    assert len(calls) == 2 * (WARM_UP + 4)
    assert timing == Timing(ours=1.0, baseline=1.0, ratios=(1.0, 1.0))


def test_table_says_which_goal_is_met() -> None:
    rows: list[Row] = [
        RatioRow("fast", Timing(0.004, 0.002, ratios=(1.9, 2.1)), goal=2),
        PerRow("each", Timing(0.0000312, 0.0000104, ratios=(2.9, 3.1)), goal=40e-6),
        RatioRow("slow", Timing(0.0041, 0.002, ratios=(2.05,)), goal=2),
        CountRow("queries", ours=9, baseline=5, goal=8),
    ]

    cells = [re.split(r" {2,}", line.strip()) for line in table(rows).splitlines()]

    assert cells[0] == ["measurement", "ours", "baseline", "ratio", "rounds", "goal", "met"]
    assert cells[2:] == [
        ["fast", "4.00 ms", "2.00 ms", "2.00 ×", "1.90–2.10", "≤ 2 ×", "yes"],
        ["each", "31.2 µs", "10.4 µs", "3.00 ×", "2.90–3.10", "≤ 40 µs", "yes"],
        ["slow", "4.10 ms", "2.00 ms", "2.05 ×", "2.05–2.05", "≤ 2 ×", "no"],
        ["queries", "9", "5", "≤ 8", "no"],
    ]


@pytest.mark.processes
def test_command_prints_versions_and_one_table_and_ends_well() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--rounds", "1", "--calls", "1"),
            *("--lines", "60", "--records", "50"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    versions, _, headings, *rest = done.stdout.splitlines()
    assert re.match(r"Python 3\.\d+\.\d+, Django 6\.\d+.*, (SQLite|PostgreSQL) \d+", versions)
    assert headings.split() == ["measurement", "ours", "baseline", "ratio", "rounds", "goal", "met"]
    assert len(rest) == 1 + 13
