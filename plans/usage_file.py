"""What a file of usage records says, row by row; no database.

CSV with a header or NDJSON, told apart by the first sign, in UTF-8, read in a stream: memory does
not grow with the file. A row stands on one line of the file, so that one broken quote costs one
row. Whatever a row holds, its cells are never repeated in a reason.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from plans.usage_row import COLUMNS, REQUIRED, BadRow, UsageRow, read_row, shown_id

# Bytes of one line, and columns of a header; beyond that nobody reads on.
LONGEST_LINE = 4096
MOST_COLUMNS = 100
# Above every number of the contract.
LARGEST_JSON_NUMBER = 10**18


class UnreadableUsageFileError(Exception):
    """A file that is no list of usage records; its text says why."""


class Verdict(StrEnum):
    """What becomes of a row."""

    ACCEPT = "accept"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECT = "reject"


class RowVerdict(NamedTuple):
    """The verdict on one row: its line in the file, its id ("" when it is none) and why.

    An accepted row has a reason when there is something to know about it.
    """

    line: int
    record_id: str
    verdict: Verdict
    reason: str = ""


type Cells = Callable[[str], tuple[str, ...]]


def read_usage(stream: BinaryIO) -> Iterator[UsageRow | RowVerdict]:
    """Yield every row that is not blank: as it is understood, or the verdict that refuses it.

    Raises UnreadableUsageFileError when the file is empty, or neither CSV with the columns of the
    contract nor NDJSON.
    """
    lines = _lines(stream)
    for number, line in lines:
        if line is None:
            raise UnreadableUsageFileError("The first line is too long, or not UTF-8.")
        if line.startswith("{"):
            yield from _rows([(number, line)], _json_cells)
            yield from _rows(lines, _json_cells)
        else:
            yield from _rows(lines, _csv_cells(line))
        return
    raise UnreadableUsageFileError("The file is empty.")


def _rows(
    lines: Iterable[tuple[int, str | None]], cells_of: Cells
) -> Iterator[UsageRow | RowVerdict]:
    for number, line in lines:
        record_id = ""
        if line is None:
            yield RowVerdict(number, "", Verdict.REJECT, "the line is too long, or not UTF-8")
            continue
        try:
            cells = cells_of(line)
            record_id = cells[0]
            yield read_row(number, cells)
        except BadRow as error:
            yield RowVerdict(number, shown_id(record_id), Verdict.REJECT, str(error))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Lines that are not blank, numbered from 1; None for one that is too long or not UTF-8."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
        while not whole:
            rest = stream.readline(LONGEST_LINE)
            raw, whole = b"", rest.endswith(b"\n") or len(rest) < LONGEST_LINE
        try:
            # The mark of a file's encoding stands at its very beginning only.
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            line = None
        if not raw:
            line = None
        if line is None or line.strip():
            yield number, line


def _csv_cells(header: str) -> Cells:
    """How to find the cells of our columns in a line below this header; others are ignored."""
    try:
        names = [name.strip() for name in _split(header)]
    except BadRow as error:
        raise UnreadableUsageFileError(f"The header is not CSV: {error}.") from error
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableUsageFileError(f"The header lacks {', '.join(missing)}.")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice or len(names) > MOST_COLUMNS:
        raise UnreadableUsageFileError(f"The header has too many of {', '.join(twice) or 'all'}.")
    width = len(names)
    # A column that the file does not have is read from the empty cell put behind the others.
    pick = itemgetter(*(names.index(name) if name in names else width for name in COLUMNS))

    def cells_of(line: str) -> tuple[str, ...]:
        cells = _split(line) if '"' in line else line.split(",")
        if len(cells) != width:
            raise BadRow(f"has {len(cells)} cells instead of {width}")
        cells.append("")
        picked: tuple[str, ...] = pick(cells)
        return picked

    return cells_of


def _split(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration):
        raise BadRow("its quotes do not match") from None


def _json_cells(line: str) -> tuple[str, ...]:
    try:
        found = json.loads(line, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRow("is not a JSON object of texts and whole numbers") from None
    if not isinstance(found, dict):
        raise BadRow("is not a JSON object")
    return tuple(_text(found.get(name)) for name in COLUMNS)


def _no_number(_text: str) -> None:
    raise ValueError("Only whole numbers are exact.")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < LARGEST_JSON_NUMBER else "?"
    raise BadRow("a value is neither text nor a whole number")
