"""How an operator's lines get in: each row of a file gets a verdict, and no row changes a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import batched
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plans.lifecycle import ladder_of, state_at
from plans.lines_file import LineRow, NumberedRow, read_lines_file
from plans.models import Brand, Line
from plans.services.new_lines import note_new_lines

# Rows of one transaction.
CHUNK = 1_000
# Who and why, in the history.
IMPORT, IMPORTED = "import", "imported"
# Times a chunk is begun when other writers come first.
ATTEMPTS = 3
# States that begin when a validity ends.
LAPSED = (Line.State.GRACE, Line.State.SUSPENDED, Line.State.QUARANTINE)


class Verdict(StrEnum):
    """What a row came to."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    # There is a line, and it is another one or in another state: nothing was changed.
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """One row's verdict; the reason is empty where there is nothing to put right."""

    line: int
    msisdn: str
    verdict: Verdict
    reason: str = ""


@dataclass(slots=True)
class _Known:
    """What the lines of a chunk meet: living lines by number and by card."""

    by_number: dict[str, Line]
    by_card: dict[str, Line]

    def add(self, line: Line) -> None:
        """A line of this very chunk counts for the rows behind it."""
        self.by_number[line.msisdn] = line
        if line.iccid:
            self.by_card[line.iccid] = line


def import_lines(file: BinaryIO, *, now: datetime) -> Iterator[RowVerdict]:
    """Add the lines of a CSV file and yield the verdict of each row, in its order.

    A chunk of rows is one transaction; what was yielded is committed. A line that is there is never
    changed: the same row again is unchanged, another one a conflict. Memory does not grow with the
    file. Raises UnreadableLinesError before anything is written when the header is not ours.
    """
    rows = read_lines_file(file, brands={brand.slug: brand for brand in Brand.objects.all()})
    return _verdicts(rows, now)


def _verdicts(rows: Iterable[NumberedRow], now: datetime) -> Iterator[RowVerdict]:
    for chunk in batched(rows, CHUNK):
        yield from _import_chunk(chunk, now)


def _import_chunk(chunk: tuple[NumberedRow, ...], now: datetime) -> list[RowVerdict]:
    """Decide and write; begun again when somebody else wrote one of the numbers meanwhile."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _write_chunk(chunk, now)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _write_chunk(chunk: tuple[NumberedRow, ...], now: datetime) -> list[RowVerdict]:
    known = _read_known([one.row for one in chunk if one.row])
    verdicts: list[RowVerdict] = []
    created: list[Line] = []
    for one in chunk:
        if one.row is None:
            verdicts.append(RowVerdict(one.line, one.msisdn, Verdict.REJECTED, one.reason))
            continue
        verdict, reason = _judge(one.row, known, now)
        if verdict == Verdict.ACCEPTED:
            created.append(_line(one.row))
            known.add(created[-1])
        verdicts.append(RowVerdict(one.line, one.row.msisdn, verdict, reason))
    note_new_lines(lines=Line.objects.bulk_create(created), by=IMPORT, reason=IMPORTED, now=now)
    return verdicts


def _read_known(rows: list[LineRow]) -> _Known:
    living = Line.objects.exclude(state=Line.State.TERMINATED).order_by()
    numbers = living.filter(msisdn__in={row.msisdn for row in rows})
    cards = living.filter(iccid__in={row.iccid for row in rows if row.iccid})
    return _Known(
        by_number={line.msisdn: line for line in numbers},
        by_card={line.iccid: line for line in cards},
    )


def _judge(row: LineRow, known: _Known, now: datetime) -> tuple[Verdict, str]:
    line = known.by_number.get(row.msisdn)
    if line is not None:
        differing = _differing(row, line)
        if not differing:
            return Verdict.UNCHANGED, ""
        return Verdict.CONFLICT, _("The line is there with another %s.") % ", ".join(differing)
    holder = known.by_card.get(row.iccid)
    if holder is not None:
        return Verdict.CONFLICT, _("The card belongs to the number %s.") % holder.msisdn
    reason = _why_not(row, now)
    return (Verdict.REJECTED, reason) if reason else (Verdict.ACCEPTED, "")


def _differing(row: LineRow, line: Line) -> list[str]:
    """Columns in which the line that is there says otherwise."""
    pairs = {
        "brand": (row.brand.pk, line.brand_id),
        "iccid": (row.iccid, line.iccid),
        "eid": (row.eid, line.eid),
        "state": (row.state, line.state),
        "valid_until": (row.valid_until, line.valid_until),
    }
    return [column for column, (ours, theirs) in pairs.items() if ours != theirs]


def _why_not(row: LineRow, now: datetime) -> str:
    """A state that its own validity contradicts would be put right by the clock, at a cost."""
    if row.valid_until is None:
        return ""
    if row.state in LAPSED and row.valid_until > now:
        return _("valid_until: lies ahead, but the state says that it is over.")
    reached = state_at(
        state=row.state, valid_until=row.valid_until, ladder=ladder_of(row.brand), now=now
    )
    if reached == Line.State.TERMINATED:
        return _("valid_until: lies so far back that the line is closed.")
    return ""


def _line(row: LineRow) -> Line:
    return Line(
        brand=row.brand,
        msisdn=row.msisdn,
        iccid=row.iccid,
        eid=row.eid,
        state=row.state,
        valid_until=row.valid_until,
        is_demo=row.brand.is_demo,
    )
