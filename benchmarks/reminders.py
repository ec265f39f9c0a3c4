"""The scan for reminders, at 10,000 lines and more, against one bare INSERT … SELECT of its rows.

Every line has a running month and one that is over; a thirtieth of the running ones ends each day.
"""

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from django.db import connection

from benchmarks.clock import WALL, Timing
from benchmarks.table import CountRow, PerRow, Row
from plans.models import Line, PlanVersion, Reminder
from plans.services.reminder_scan import scan_reminders
from plans.validity import start_of_local_day

# Seconds for each line that is due, and kilobytes of Python's own memory for a whole scan.
SLOWEST = 40e-6
MOST_MEMORY = 1024
# Five minutes past 10:00 in Bangkok; the day before, the scan has run as well.
NOW = datetime(2026, 11, 20, 3, 5, tzinfo=UTC)
DAYS = 30
DAY = timedelta(days=1)
ROUNDS = 5

LINES = """
INSERT INTO plans_line (public_id, brand_id, customer_id, msisdn, iccid, eid, state, is_blocked,
    balance_minor, auto_renew, remind_by_email, remind_by_sms, is_demo, created_at)
WITH RECURSIVE numbers(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
SELECT 'bench' || n, %s, %s, '+669' || n, '', '', 'active', %s, 0, %s, %s, %s, %s, %s FROM numbers
"""
# One day of the month: the lines whose number leaves that remainder.
PERIODS = """
INSERT INTO plans_period (line_id, version_id, sequence, start_at, end_at, anchor_at, chain_index,
    is_parallel, is_stacked, state, has_delay_credit, created_at)
SELECT id, %s, %s, %s, %s, %s, 1, %s, %s, %s, %s, %s FROM plans_line
WHERE id > %s AND id %% 30 = %s
"""


COLUMNS = "line_id, period_id, stage, due_at, state, error, next_try_at, attempts, created_at"
KEEP = f"""
CREATE TEMPORARY TABLE bare_reminder AS
SELECT {COLUMNS} FROM plans_reminder WHERE created_at = %s
"""  # noqa: S608 (constants only)
COPY = f"INSERT INTO plans_reminder ({COLUMNS}) SELECT {COLUMNS} FROM bare_reminder"  # noqa: S608


def measure_reminders(version: PlanVersion, sizes: Sequence[int]) -> list[Row]:
    """Two rows for each number of lines: time for each that is due, and memory of a scan."""
    rows: list[Row] = []
    smallest = 0
    for size in sizes:
        grow(size, version)
        # The rows of the days before are there, as they are on any day.
        scan_reminders(now=NOW - DAY)
        due = count_due()
        timing, memory = measure_scan(due)
        smallest = smallest or memory
        name = f"reminder scan, {size:,} lines, {due:,} due"
        rows += [
            PerRow(f"{name}: time for each", timing, goal=SLOWEST),
            CountRow(f"{name}: KB of memory", memory, smallest, goal=MOST_MEMORY),
        ]
    return rows


def grow(size: int, version: PlanVersion) -> None:
    """Add lines until there are so many of ours, each with two periods of 30 days."""
    at = connection.ops.adapt_datetimefield_value
    newest = Line.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    have = Line.objects.filter(public_id__startswith="bench").count()
    brand = version.plan.brand
    customer = Line.objects.values_list("customer", flat=True).first()
    midnight = start_of_local_day(NOW, brand.zone)
    with connection.cursor() as cursor:
        flags = (False, False, True, True, True)
        cursor.execute(LINES, [have + 1, size, brand.pk, customer, *flags, at(NOW)])
        for day in range(DAYS):
            end = midnight + DAY * (day + 1)
            for sequence, end_at, state in ((1, end - DAYS * DAY, "ended"), (2, end, "active")):
                start = at(end_at - DAYS * DAY)
                terms = (version.pk, sequence, start, at(end_at), start)
                cursor.execute(PERIODS, [*terms, False, False, state, False, at(NOW), newest, day])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def count_due() -> int:
    """How many lines today's scan finds; they are forgotten again."""
    found = scan_reminders(now=NOW)
    forget_today()
    return found


def measure_scan(due: int) -> tuple[Timing, int]:
    """Seconds for each line that is due, ours and bare in turn; and the memory of a scan, in KB."""
    rounds = [(_seconds(scan) / due, _bare_seconds() / due) for _ in range(ROUNDS)]
    tracemalloc.start()
    scan()
    memory = tracemalloc.get_traced_memory()[1] // 1024
    tracemalloc.stop()
    forget_today()
    return Timing(
        ours=median(own for own, _ in rounds),
        baseline=median(bare for _, bare in rounds),
        ratios=tuple(own / bare for own, bare in rounds),
    ), memory


def scan() -> None:
    """Ours: find what is due today and write a row for each."""
    scan_reminders(now=NOW)


def insert_bare() -> None:
    """The baseline: the same rows, copied from a table that holds nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(COPY)


def forget_today() -> None:
    """Take away what today's scan has written."""
    Reminder.objects.filter(created_at=NOW).delete()


def _bare_seconds() -> float:
    """Time of the baseline for the rows that ours has just written."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [connection.ops.adapt_datetimefield_value(NOW)])
        forget_today()
        seconds = _seconds(insert_bare)
        forget_today()
        cursor.execute("DROP TABLE bare_reminder")
    return seconds


def _seconds(call: Callable[[], None]) -> float:
    started = WALL()
    call()
    return WALL() - started
