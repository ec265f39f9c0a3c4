"""Takes lines through the states of their life as their dates say, set by set in SQL.

No line is read into this process, so that time and memory do not depend on how many there are.
SQL by hand: Django has no INSERT … SELECT, and SQLite takes the partial index of lines that age only
for the words of its condition.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from plans.lifecycle import (
    PASSING,
    Ladder,
    end_of_local_day,
    ladder_of,
    leaves_by,
    same_day_before,
    stage_end,
)
from plans.models import Brand, Line, LineNotice
from plans.services.numbers import free_numbers

# Lines that one transaction moves: nobody must wait long for them, or for SQLite's write lock.
PAGE = 10_000
# Who and why, in the history.
CLOCK, VALIDITY_OVER = "clock", "validity_over"
# Days before the loss of a number at which its owner is warned.
WARNED_DAYS = 7
# Entering these states is told.
TOLD = (Line.State.GRACE, Line.State.SUSPENDED)

# The condition of the partial index plans_line_aging, word for word.
AGING = "plans_line.state IN ('active', 'grace', 'suspended', 'quarantine')"
IN_REACH = f"""
{AGING}
AND plans_line.brand_id = %(brand)s AND plans_line.state = %(from_state)s
AND plans_line.valid_until <= %(until)s
"""
# The first line of the stretch to come, and the last one of a page of it.
FIRST = f"""
SELECT valid_until FROM plans_line WHERE {IN_REACH} ORDER BY valid_until, id LIMIT 1
"""  # noqa: S608 (constants only)
PAGE_END = f"""
SELECT valid_until, id FROM plans_line WHERE {IN_REACH}
ORDER BY valid_until, id LIMIT 1 OFFSET %(others)s
"""  # noqa: S608
IN_PAGE = f"""
{IN_REACH}
AND (plans_line.valid_until, plans_line.id) <= (%(until)s, %(until_id)s)
"""
COUNT = f"SELECT count(*) FROM plans_line WHERE {IN_REACH}"  # noqa: S608
# PostgreSQL only: a second clock waits here, and then finds that the lines have moved.
LOCK = f"""
SELECT count(*) FROM (
    SELECT id FROM plans_line WHERE {IN_PAGE} ORDER BY valid_until, id FOR UPDATE) locked
"""  # noqa: S608
NOTE = f"""
INSERT INTO plans_linehistory (line_id, from_state, to_state, at, by, reason, created_at)
SELECT id, %(from_state)s, %(to_state)s, {{at}}, %(by)s, %(reason)s, %(now)s
FROM plans_line WHERE {IN_PAGE}
"""  # noqa: S608
NOTICE = """
INSERT INTO plans_linenotice (line_id, stage, lapsed_at, due_at, state, error, next_try_at,
    attempts, created_at)
SELECT id, %(stage)s, valid_until, {at}, 'due', '', %(now)s, 0, %(now)s
FROM plans_line
WHERE {where} AND customer_id IS NOT NULL AND NOT is_blocked
ON CONFLICT DO NOTHING
"""
NUMBERS = f"SELECT msisdn FROM plans_line WHERE {IN_PAGE}"  # noqa: S608
LET_GO = f"""
UPDATE plans_numberassignment
SET to_at = CASE WHEN from_at > %(at)s THEN from_at ELSE %(at)s END
WHERE to_at IS NULL AND line_id IN (SELECT id FROM plans_line WHERE {IN_PAGE})
"""  # noqa: S608
MOVE = f"UPDATE plans_line SET state = %(to_state)s WHERE {IN_PAGE}"  # noqa: S608
# Whose number is lost so soon that they are warned, and who has not been noted yet.
WARNED = f"""
{IN_REACH}
AND plans_line.valid_until > %(kept_after)s
AND NOT EXISTS (
    SELECT 1 FROM plans_linenotice noted
    WHERE noted.line_id = plans_line.id AND noted.lapsed_at = plans_line.valid_until
    AND noted.stage = %(stage)s)
"""  # noqa: S608
# Above every id: "all that end at this moment".
LAST_ID = 2**63 - 1

type Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Move:
    """Lines of one brand in one state that have come to its end, and where they go."""

    ladder: Ladder
    brand_id: int
    from_state: Line.State
    # Lines whose validity ends not after this.
    until: datetime

    @property
    def to_state(self) -> Line.State:
        return self.ladder.after(self.from_state)

    @property
    def parameters(self) -> Parameters:
        return {
            "brand": self.brand_id,
            "from_state": self.from_state.value,
            "until": _stored(self.until),
            "until_id": LAST_ID,
        }


def advance_lines(*, now: datetime) -> Counter[str]:
    """Move every line whose stage is over and return how many came into each state.

    A line that is late by several stages goes through all of them, each at its own time; a history
    row says when it was due, not when it was found. Owners are told by `queue_line_notices`.
    A number that ends frees log-in and messages from its old owner in the same transaction. Pages
    of at most 10,000 lines; repeating changes nothing, and two at once move each line once.
    """
    moved = Counter[str]()
    for move in _moves(now):
        moved[move.to_state.value] += sum(_carry_out(move, now))
    return +moved


def count_lines_to_move(*, now: datetime) -> Counter[str]:
    """How many lines leave each state now; what is late by several stages counts where it is."""
    counts = Counter[str]()
    for move in _moves(now):
        counts[move.from_state.value] += _read(COUNT, move.parameters)[0]
    return +counts


def note_coming_losses(*, now: datetime) -> int:
    """Write a notice for each owner whose number is lost within 7 days; return how many.

    None for brands that keep a lapsed line for 7 days or fewer in all: there the first notice
    names the day. Repeating writes nothing; to be called after `advance_lines`.
    """
    return sum(_note_losses(brand, now) for brand in Brand.objects.order_by("pk"))


def _moves(now: datetime) -> Iterator[_Move]:
    """In the order of the stages, so that what is late goes on in the same run."""
    for brand in Brand.objects.order_by("pk"):
        ladder = ladder_of(brand)
        if ladder.is_set:
            for stage in PASSING:
                yield _Move(ladder, brand.pk, stage, leaves_by(stage, ladder=ladder, now=now))


def _carry_out(move: _Move, now: datetime) -> Iterator[int]:
    """Move the lines, those first whose validity ended first; yields how many a page moved."""
    while (first := _read(FIRST, move.parameters)) is not None:
        valid_until = _aware(first[0])
        stretch = move.parameters
        at = None
        if move.ladder.days_through(move.from_state):
            # All that ended on one local day leave at one moment.
            at = stage_end(move.from_state, valid_until=valid_until, ladder=move.ladder)
            until = min(move.until, end_of_local_day(valid_until, move.ladder.zone))
            stretch["until"] = _stored(until)
        end = _read(PAGE_END, stretch | {"others": PAGE - 1})
        if end is not None:
            stretch |= {"until": _stored(end[0]), "until_id": end[1]}
        yield _move_page(move, stretch, at=at, now=now)


def _move_page(move: _Move, page: Parameters, *, at: datetime | None, now: datetime) -> int:
    """One transaction: history, notices, numbers, states. `at` is None for the validity's own end."""
    to_state = move.to_state
    moment = "plans_line.valid_until" if at is None else "%(at)s"
    given = page | {
        "to_state": to_state.value,
        "stage": to_state.value,
        "at": _stored(at or now),
        "by": CLOCK,
        "reason": VALIDITY_OVER,
        "now": _stored(now),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute(LOCK, _named(LOCK, given))
        statements = [NOTE.format(at=moment)]
        if to_state in TOLD:
            statements.append(NOTICE.format(at=moment, where=IN_PAGE))
        if to_state == Line.State.TERMINATED:
            cursor.execute(NUMBERS, _named(NUMBERS, given))
            free_numbers(numbers=[number for (number,) in cursor.fetchall()])
            statements.append(LET_GO)
        for statement in (*statements, MOVE):
            cursor.execute(statement, _named(statement, given))
        return int(cursor.rowcount)


def _note_losses(brand: Brand, now: datetime) -> int:
    ladder = ladder_of(brand)
    kept_days = ladder.days_through(Line.State.SUSPENDED)
    if kept_days <= WARNED_DAYS:
        return 0
    stage = LineNotice.Stage.NUMBER_LOSS.value
    statement = NOTICE.format(at="%(now)s", where=WARNED)
    noted = 0
    for state in TOLD:
        given = {
            "brand": brand.pk,
            "from_state": state.value,
            "until": _stored(same_day_before(kept_days - WARNED_DAYS, ladder=ladder, now=now)),
            "kept_after": _stored(leaves_by(Line.State.SUSPENDED, ladder=ladder, now=now)),
            "stage": stage,
            "now": _stored(now),
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            noted += cursor.rowcount
    return noted


def _named(statement: str, given: Parameters) -> Parameters:
    """Only what the statement names: SQLite would take more, PostgreSQL reads each once."""
    return {name: value for name, value in given.items() if f"%({name})s" in statement}


def _read(statement: str, parameters: Parameters) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, _named(statement, parameters))
        return cursor.fetchone()


def _aware(moment: datetime) -> datetime:
    """SQLite hands out moments without a zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stored(moment: datetime) -> Any:
    """A moment as the database keeps it, which on SQLite is text without a zone."""
    return connection.ops.adapt_datetimefield_value(moment)
