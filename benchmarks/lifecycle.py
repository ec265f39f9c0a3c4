"""The clock of lines, at 10,000 lines and more, against one bare UPDATE and INSERT … SELECT of its rows.

Of every twelve lines three have run out of validity today and three of grace; the others are good for
weeks.
"""

import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from django.db import connection

from benchmarks.clock import WALL, Timing
from benchmarks.table import CountRow, PerRow, Row
from plans.models import Brand, Line, LineHistory, LineNotice, PlanVersion
from plans.services.lifecycle import advance_lines
from plans.validity import start_of_local_day

# Seconds for each line that is moved, and kilobytes of Python's own memory for a whole run.
SLOWEST = 40e-6
MOST_MEMORY = 1024
# Five minutes past midnight in Bangkok: everything of the day is due.
NOW = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
DAY = timedelta(days=1)
# Days until the end of the stage, of equal shares of the lines.
DAYS = (0, 0, 0, 7, 14, 21)
ROUNDS = 3

LINES = """
INSERT INTO plans_line (public_id, brand_id, customer_id, msisdn, iccid, eid, state, is_blocked,
    valid_until, balance_minor, auto_renew, remind_by_email, remind_by_sms, is_demo, created_at)
WITH RECURSIVE numbers(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
SELECT 'C' || n, %s, %s, '+659' || n, '', '', %s, %s, %s, 0, %s, %s, %s, %s, %s FROM numbers
"""
KEEP = """
CREATE TEMPORARY TABLE bare_history AS
SELECT line_id, from_state, to_state, at, by, reason, created_at FROM plans_linehistory
"""
COPY = """
INSERT INTO plans_linehistory (line_id, from_state, to_state, at, by, reason, created_at)
SELECT line_id, from_state, to_state, at, by, reason, created_at FROM bare_history
"""
MOVE = """
UPDATE plans_line SET state = (
    SELECT to_state FROM bare_history WHERE bare_history.line_id = plans_line.id)
WHERE id IN (SELECT line_id FROM bare_history)
"""


def measure_lifecycle(version: PlanVersion, sizes: Sequence[int]) -> list[Row]:
    """Two rows for each number of lines: time for each that is moved, and memory of a run."""
    rows: list[Row] = []
    smallest = have = 0
    for size in sizes:
        add_aging_lines(have, size, version.plan.brand)
        have = size
        moved = advance_lines(now=NOW).total()
        turn_back()
        timing, memory = measure_run(moved)
        smallest = smallest or memory
        name = f"clock of lines, {size:,} lines, {moved:,} moved"
        rows += [
            PerRow(f"{name}: time for each", timing, goal=SLOWEST),
            CountRow(f"{name}: KB of memory", memory, smallest, goal=MOST_MEMORY),
        ]
    return rows


def add_aging_lines(have: int, size: int, brand: Brand) -> None:
    """Add lines until there are so many, in equal shares of states and ends."""
    at = connection.ops.adapt_datetimefield_value
    customer = Line.objects.values_list("customer", flat=True).first()
    midnight = start_of_local_day(NOW, brand.zone)
    shares = [(state, midnight + DAY * day) for day in DAYS for state in ("active", "grace")]
    first = have + 1
    with connection.cursor() as cursor:
        for number, (state, end) in enumerate(shares, start=1):
            last = have + (size - have) * number // len(shares)
            until = end - DAY * brand.grace_days if state == "grace" else end
            if last >= first:
                flags = (False, True, True, True)
                given = [first, last, brand.pk, customer, state, False, at(until), *flags, at(NOW)]
                cursor.execute(LINES, given)
            first = last + 1
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def measure_run(moved: int) -> tuple[Timing, int]:
    """Seconds for each line that is moved, ours and bare in turn; and the memory of a run, in KB."""
    rounds = [(_seconds(run) / moved, _bare_seconds() / moved) for _ in range(ROUNDS)]
    tracemalloc.start()
    run()
    memory = tracemalloc.get_traced_memory()[1] // 1024
    tracemalloc.stop()
    turn_back()
    return Timing(
        ours=median(own for own, _ in rounds),
        baseline=median(bare for _, bare in rounds),
        ratios=tuple(own / bare for own, bare in rounds),
    ), memory


def run() -> None:
    """Ours: move what is over, with history and notices."""
    advance_lines(now=NOW)


def write_bare() -> None:
    """The baseline: the same history and states from a table that holds nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(COPY)
        cursor.execute(MOVE)


def turn_back() -> None:
    """Take the lines back to where they were before the run."""
    for row in LineHistory.objects.values("from_state", "to_state").distinct().order_by():
        moved = LineHistory.objects.filter(**row).order_by().values("line")
        Line.objects.filter(pk__in=moved).update(state=row["from_state"])
    LineHistory.objects.all().delete()
    LineNotice.objects.all().delete()


def _bare_seconds() -> float:
    """Time of the baseline for the rows that ours has just written."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP)
        cursor.execute("CREATE INDEX bare_history_line ON bare_history (line_id)")
        turn_back()
        seconds = _seconds(write_bare)
        turn_back()
        cursor.execute("DROP TABLE bare_history")
    return seconds


def _seconds(call: Callable[[], None]) -> float:
    started = WALL()
    call()
    return WALL() - started
