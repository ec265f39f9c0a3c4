"""Finds the stages that are due and notes each once, as a row of Reminder, set by set in SQL.

No line is read into this process, so that time and memory do not depend on how many there are.
SQL by hand: Django has no INSERT … SELECT, and writing a queryset of this size out as text would
take longer than the database takes to answer it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from plans.models import Brand, Line, Plan, Reminder
from plans.reminders import DAYS_BEFORE, Slice, longest_without, slices

# Periods that one transaction looks at: nobody must wait long for SQLite's write lock.
PAGE = 10_000
# States of a line whose owner is reminded.
REMINDED_STATES = (Line.State.ACTIVE, Line.State.GRACE)
# Kinds of plan whose end is worth a reminder; add-ons go with the plan they add to.
REMINDED_KINDS = (*Plan.PERIOD_KINDS, Plan.Kind.DATA_PACK)
# Reason of a stage that was found too late to be told.
MISSED = "missed"
DUE, SKIPPED = Reminder.State.DUE.value, Reminder.State.SKIPPED.value
# Above every id: with it, a key of the index means "behind all that end at this moment".
LAST_ID = 2**63 - 1


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


# Looked up for each period of a page by an index. Without these words PostgreSQL may join instead,
# and read all lines for every page.
LOOKED_UP = "LIMIT 1 OFFSET 0"
# The line has a later period of its chain, or of the same pack. Packs bought on one day may end
# together: then the last one bought counts.
RENEWED = f"""
EXISTS (
    SELECT 1 FROM plans_period later
    JOIN plans_planversion bought ON bought.id = later.version_id
    WHERE later.line_id = plans_period.line_id
    AND later.end_at >= plans_period.end_at
    AND (later.end_at > plans_period.end_at OR later.sequence > plans_period.sequence)
    AND later.state <> 'cancelled'
    AND later.is_parallel = plans_period.is_parallel
    AND (NOT plans_period.is_parallel OR bought.plan_id = (
        SELECT plan_id FROM plans_planversion WHERE id = plans_period.version_id))
    {LOOKED_UP}
)
"""  # noqa: S608 (constants only)
# The condition of the partial index plans_period_ending, word for word: SQLite takes the index
# for nothing else, and not for the same words with parameters. PostgreSQL judges by the plain ends
# how little there is to read; of pairs it knows nothing.
IN_PAGE = """
plans_period.state IN ('queued', 'active')
AND plans_period.end_at BETWEEN %(after)s AND %(until)s
AND (plans_period.end_at, plans_period.id) > (%(after)s, %(after_id)s)
AND (plans_period.end_at, plans_period.id) <= (%(until)s, %(until_id)s)
"""
# CROSS JOIN keeps SQLite to this order: periods that end soon first, never all lines or the whole
# past of each plan. `{ends}` says by zone which ends make the stage due.
UNNOTED = f"""
FROM plans_period
CROSS JOIN plans_planversion sold
CROSS JOIN plans_plan plan
CROSS JOIN plans_brand brand
WHERE {IN_PAGE}
AND sold.id = plans_period.version_id
AND (sold.validity_unit <> 'day' OR sold.validity_count > %(too_short)s)
AND plan.id = sold.plan_id
AND plan.kind IN ({_listed(REMINDED_KINDS)})
AND brand.id = plan.brand_id
AND ({{ends}})
AND NOT EXISTS (
    SELECT 1 FROM plans_reminder noted
    WHERE noted.period_id = plans_period.id AND noted.stage = %(stage)s
    {LOOKED_UP})
AND EXISTS (
    SELECT 1 FROM plans_line line
    WHERE line.id = plans_period.line_id
    AND line.state IN ({_listed(REMINDED_STATES)})
    AND NOT line.is_blocked
    AND line.customer_id IS NOT NULL
    {LOOKED_UP})
AND NOT {RENEWED}
"""  # noqa: S608 (constants only)
COUNT = f"SELECT count(*) {UNNOTED}"
NOTE = f"""
INSERT INTO plans_reminder (line_id, period_id, stage, due_at, state, error, next_try_at,
    attempts, created_at)
SELECT plans_period.line_id, plans_period.id, %(stage)s, {{due_at}}, {{state}}, {{error}}, %(now)s,
    0, %(now)s
{UNNOTED}
ON CONFLICT DO NOTHING
"""
PAGE_END = f"""
SELECT end_at, id FROM plans_period WHERE {IN_PAGE}
ORDER BY end_at, id LIMIT 1 OFFSET %(others)s
"""  # noqa: S608 (constants only)

type Parameters = dict[str, Any]


def scan_reminders(*, now: datetime) -> int:
    """Write a Reminder row for each stage that is due and has none; return how many.

    Due are the stages of periods that are not over, end what their line has of the plan, and
    belong to a line with an owner that is active or in grace. A stage found too late is written as
    skipped, so that none is lost without a trace. Pages of at most 10,000 periods, each in a
    transaction of its own; repeating changes nothing, and two processes at once write each row
    once.
    """
    found = 0
    for search in _searches(now):
        note = NOTE.format(**search.columns)
        for page in _pages(search.parameters):
            with connection.cursor() as cursor:
                cursor.execute(note, page)
                found += cursor.rowcount
    return found


def count_unnoted_stages(*, now: datetime) -> int:
    """How many rows a scan would write now."""
    return sum(
        _read(COUNT.format(ends=search.columns["ends"]), search.parameters)[0]
        for search in _searches(now)
    )


def is_renewed() -> RawSQL:
    """For a filter of periods: the line has a later period of the chain, or of the same pack."""
    return RawSQL(RENEWED, (), BooleanField())  # noqa: S611 (a constant)


@dataclass(slots=True)
class _Search:
    """One stage in all zones: the parts of the statement that differ, and its parameters."""

    columns: dict[str, str]
    parameters: Parameters


def _searches(now: datetime) -> Iterator[_Search]:
    names = list(Brand.objects.order_by().values_list("time_zone", flat=True).distinct())
    for stage in DAYS_BEFORE:
        zones = {name: slices(stage, now=now, zone=ZoneInfo(name)) for name in names}
        zones = {name: pieces for name, pieces in zones.items() if pieces}
        if zones:
            yield _search(stage, zones, now)


def _search(stage: Reminder.Stage, zones: dict[str, list[Slice]], now: datetime) -> _Search:
    parameters: Parameters = {
        "stage": stage.value,
        "too_short": longest_without(stage),
        "now": _stored(now),
        "after": _stored(min(pieces[0].after for pieces in zones.values())),
        "after_id": LAST_ID,
        "until": _stored(max(pieces[-1].until for pieces in zones.values())),
        "until_id": LAST_ID,
    }

    def named(value: object) -> str:
        """Make the value a parameter of the statement."""
        name = f"value_{len(parameters)}"
        parameters[name] = _stored(value) if isinstance(value, datetime) else value
        return f"%({name})s"

    def by_end(column: Callable[[Slice], object]) -> str:
        """The value of the slice of its zone in which a period ends; slices come earliest first."""
        return _case(
            (
                f"brand.time_zone = {named(name)}",
                _case(
                    (f"plans_period.end_at <= {named(piece.until)}", named(column(piece)))
                    for piece in pieces
                ),
            )
            for name, pieces in zones.items()
        )

    columns = {
        "ends": _case(
            (
                f"brand.time_zone = {named(name)}",
                f"plans_period.end_at > {named(pieces[0].after)} AND plans_period.end_at <= "
                + named(pieces[-1].until),
            )
            for name, pieces in zones.items()
        ),
        "due_at": by_end(lambda piece: piece.due_at),
        "state": by_end(lambda piece: DUE if piece.is_told else SKIPPED),
        "error": by_end(lambda piece: "" if piece.is_told else MISSED),
    }
    return _Search(columns, parameters)


def _case(branches: Iterable[tuple[str, str]]) -> str:
    return f"CASE {' '.join(f'WHEN {when} THEN {then}' for when, then in branches)} END"


def _pages(sought: Parameters) -> Iterator[Parameters]:
    """Cut what is sought into pages by the key of the index, ends and ids."""
    rest = sought
    while (end := _read(PAGE_END, rest | {"others": PAGE - 1})) is not None:
        end_at, pk = _stored(end[0]), end[1]
        yield rest | {"until": end_at, "until_id": pk}
        rest = rest | {"after": end_at, "after_id": pk}
    yield rest


def _read(statement: str, parameters: Parameters) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()


def _stored(moment: datetime) -> object:
    """A moment as the database keeps it, which on SQLite is text without a zone."""
    return connection.ops.adapt_datetimefield_value(moment)
