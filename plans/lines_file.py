"""What a file of lines says, row by row, without holding more than one of them; no database.

CSV in UTF-8, one line of text for each row. Whatever cannot be read exactly is refused with its
line and reason, never guessed; the rows around it go on.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plans.catalogue_cells import one_of
from plans.catalogue_row import Cells, RowError
from plans.identifiers import parse
from plans.models import Brand, Line
from plans.validity import local_midnight

COLUMNS = ("brand", "msisdn", "iccid", "eid", "state", "valid_until")
# States in which an operator may hand over a line.
STATES = tuple(state.value for state in Line.State if state != Line.State.TERMINATED)
# Bytes of one row; all our columns together are shorter by far.
LONGEST_ROW = 2_000
# Cells that a spreadsheet would run; a number begins with a plus sign and a digit.
FORMULA = re.compile(r"[=@\t\r+-]")
NUMBER = re.compile(r"\+[0-9 ()-]+")
DAY_ONLY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A validity beyond is a slip of the pen.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class UnreadableLinesError(Exception):
    """A file that holds no lines; its text says why."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as the file describes it, in the spelling that is stored."""

    brand: Brand
    msisdn: str
    iccid: str
    eid: str
    state: str
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """The row that begins in this line of the file, or why it is refused; `msisdn` as written."""

    line: int
    msisdn: str
    row: LineRow | None
    reason: str = ""


def read_lines_file(file: BinaryIO, *, brands: Mapping[str, Brand]) -> Iterator[NumberedRow]:
    """Yield every row that is not blank, refused ones with their reason, one at a time.

    Brands are given by slug. Raises UnreadableLinesError when the header is not ours, before the
    first row.
    """
    order = _header(file.readline(LONGEST_ROW + 1))
    return _rows(file, order, brands)


def _rows(file: BinaryIO, order: list[int], brands: Mapping[str, Brand]) -> Iterator[NumberedRow]:
    number = 1
    while text := file.readline(LONGEST_ROW + 1):
        number += 1
        is_whole = len(text) <= LONGEST_ROW or text.endswith(b"\n")
        while not is_whole:
            rest = file.readline(LONGEST_ROW + 1)
            is_whole = not rest or rest.endswith(b"\n")
        if text.strip():
            yield _numbered(number, text, order, brands)


def _numbered(
    number: int, text: bytes, order: list[int], brands: Mapping[str, Brand]
) -> NumberedRow:
    try:
        cells = _cells(text)
    except ValueError as error:
        return NumberedRow(number, "", None, str(error))
    if len(cells) != len(COLUMNS):
        reason = _("has %(found)d cells instead of %(expected)d.")
        return NumberedRow(
            number, "", None, reason % {"found": len(cells), "expected": len(COLUMNS)}
        )
    cells = [cells[place] for place in order]
    msisdn = cells[COLUMNS.index("msisdn")]
    try:
        return NumberedRow(number, msisdn, _read(cells, brands))
    except RowError as error:
        return NumberedRow(number, msisdn, None, str(error))


def _header(text: bytes) -> list[int]:
    """Where each of our columns stands."""
    try:
        names = [cell.strip() for cell in _cells(text.removeprefix(b"\xef\xbb\xbf"))]
    except ValueError as error:
        raise UnreadableLinesError(str(error)) from error
    if sorted(names) != sorted(COLUMNS):
        raise UnreadableLinesError(
            _("The first line must name these columns: %s.") % ", ".join(COLUMNS)
        )
    return [names.index(column) for column in COLUMNS]


def _cells(text: bytes) -> list[str]:
    """One line of text as cells; raises ValueError with a sentence."""
    if len(text) > LONGEST_ROW:
        raise ValueError(_("The row is longer than %d bytes.") % LONGEST_ROW)
    try:
        line = text.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(_("The row is not in UTF-8.")) from None
    try:
        rows = list(csv.reader([line.rstrip("\r\n")], strict=True))
    except csv.Error:
        raise ValueError(_("The row is not CSV: look at its quotation marks.")) from None
    return rows[0] if rows else []


def _read(cells: list[str], brands: Mapping[str, Brand]) -> LineRow:
    """Return what a row says; raises RowError naming every wrong cell."""
    row = Cells(COLUMNS, cells)
    slug = row.take("brand", lambda cell: one_of(brands)(_plain(cell)))
    brand = brands.get(slug or "")
    region = brand.region if brand else None
    zone = brand.zone if brand else None
    msisdn = row.take("msisdn", lambda cell: parse("msisdn", _number(cell), region=region))
    iccid = row.take("iccid", lambda cell: parse("iccid", _plain(cell)) if cell else "")
    eid = row.take("eid", lambda cell: parse("eid", _plain(cell)) if cell else "")
    state = row.take("state", lambda cell: one_of(STATES)(_plain(cell)))
    valid_until = row.take("valid_until", lambda cell: _moment(_plain(cell), zone))
    if valid_until is None and state not in (None, Line.State.PRE_ACTIVE):
        row.note("valid_until", _("must not be empty."))
    row.finish()
    assert brand is not None  # noqa: S101 (a row without one has been refused)
    return LineRow(brand, msisdn, iccid, eid, state, valid_until)


def _plain(cell: str) -> str:
    """A cell that no spreadsheet would run and every screen can show."""
    if FORMULA.match(cell):
        raise ValueError(_("begins like a formula."))
    if any(unicodedata.category(sign) == "Cc" for sign in cell):
        raise ValueError(_("has signs that cannot be shown."))
    return cell


def _number(cell: str) -> str:
    return cell if NUMBER.fullmatch(cell) else _plain(cell)


def _moment(cell: str, zone: ZoneInfo | None) -> datetime | None:
    """A moment with its zone, or a date: the last day, by the brand's clock. Nothing for none."""
    if not cell:
        return None
    try:
        if DAY_ONLY.fullmatch(cell):
            last_on = _within(date.fromisoformat(cell))
            return local_midnight(last_on + timedelta(days=1), zone) if zone else None
        moment = datetime.fromisoformat(cell)
        _within(moment.date())
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise ValueError(
            _("“%s” is neither a date like 2026-12-31 nor a time with its zone.") % cell
        )
    return moment.astimezone(UTC)


def _within(on: date) -> date:
    if not EARLIEST <= on < LATEST:
        raise ValueError(on)
    return on
