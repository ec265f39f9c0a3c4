"""Reads one row of a usage file: every cell checked, nothing guessed; no database."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from plans.models import UsageRecord

# What each cell may look like, in the order in which a row is read, and what is wrong otherwise.
# Signs of ids that no spreadsheet, log or COPY obeys; numbers in their one spelling.
ID, NAME = r"[A-Za-z0-9._:-]{1,64}", r"[A-Za-z0-9._:-]{1,32}"
WHOLE, MAYBE_WHOLE = r"0|-?[1-9][0-9]{0,17}", r"|0|-?[1-9][0-9]{0,17}"
MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
NOT_A_NAME = "has signs outside A-Za-z0-9._:- or is too long"
NOT_A_NUMBER = "is not a whole number, or too large"
NOT_A_TIME = "is not a time like 2026-11-21T01:00:00Z"
SHAPES = {
    "record_id": (ID, NOT_A_NAME),
    "source": (NAME, NOT_A_NAME),
    "file_seq": (r"0|[1-9][0-9]{0,14}", "is not a number of a file"),
    "msisdn": (r"\+[1-9][0-9]{6,14}", "is not a number with + and country code"),
    "type": (r"[a-z][a-z0-9_-]{0,15}", "is not a word in small letters"),
    "start_utc": (MOMENT, NOT_A_TIME),
    "units": (WHOLE, NOT_A_NUMBER),
    "rated_utc": (MOMENT, NOT_A_TIME),
    "duration_s": (MAYBE_WHOLE, NOT_A_NUMBER),
    "bytes_down": (MAYBE_WHOLE, NOT_A_NUMBER),
    "bytes_up": (MAYBE_WHOLE, NOT_A_NUMBER),
    "roaming_plmn": (r"|[0-9]{5,6}", "is not five or six digits"),
    "bucket_code": (f"|{NAME}", NOT_A_NAME),
    "charged_minor": (r"|0|[1-9][0-9]{0,11}", "is not a whole number, negative or too much"),
    "currency": (r"|[A-Z]{3}", "is not a code of three letters"),
    "corrects": (f"|{ID}", NOT_A_NAME),
}
REQUIRED = tuple(SHAPES)[:8]
COLUMNS = tuple(SHAPES)
CELLS = {name: (re.compile(shape), wrong) for name, (shape, wrong) in SHAPES.items()}
# All cells at once, which is three times as fast; no shape lets the separator through.
SEPARATOR = "\x1f"
ROW = re.compile(SEPARATOR.join(f"(?:{shape})" for shape, _ in SHAPES.values()))
YEARS = range(2000, 2100)
Type = UsageRecord.Type
# Bytes, seconds, texts of one record at most: 4 TiB, 48 days. Two million of them still have a sum.
LARGEST = {Type.DATA.value: 2**42, Type.VOICE.value: 2**22, Type.SMS.value: 10**5}
LARGEST_OTHER = 2**42
# A record counts for balances when it was rated so soon after its start (rule 14).
WINDOW = timedelta(hours=72)
# Length of a time in its usual form, 2026-11-21T01:00:00Z.
USUAL = 20
# Clocks of two systems differ by so much at most.
CLOCK_LEEWAY = timedelta(minutes=5)


class BadRow(Exception):
    """A row that cannot be taken; its text says why and repeats nothing of it."""


class UsageRow(NamedTuple):
    """A row that was understood; times are UTC, `units` as in UsageRecord.

    `start_text` and `rated_text` are the times as both databases take them, without a zone.
    """

    line: int
    source: str
    record_id: str
    file_seq: int
    msisdn: str
    type: str
    start_at: datetime
    start_text: str
    units: int
    roaming_plmn: str
    bucket_code: str
    charged_minor: int
    currency: str
    rated_text: str
    corrects: str
    is_late: bool
    content_hash: int


def shown_id(text: str) -> str:
    """The id as it may be shown: "" when it has signs that a spreadsheet or a log could obey."""
    return text if CELLS["record_id"][0].fullmatch(text) else ""


def read_row(line: int, cells: tuple[str, ...]) -> UsageRow:
    """Return what the cells say, in the order of `COLUMNS`; raises BadRow.

    Times need a zone; a start may lie at most five minutes after the rating, less than nothing is
    used only by a correction, and money is never negative (notes/telecom.md §5).
    """
    if not ROW.fullmatch(SEPARATOR.join(cells)):
        raise BadRow(_what_is_wrong(cells))
    record_id, source, file_seq, msisdn, kind, start, units, rated, *rest = cells
    duration, down, up, plmn, bucket, charged, currency, corrects = rest
    start_at, start_text = _moment("start_utc", start)
    rated_at, rated_text = _moment("rated_utc", rated)
    if start_at > rated_at + CLOCK_LEEWAY:
        raise BadRow("start later than rated time + 5 min")
    amount, money = int(units), int(charged or 0)
    if amount < 0 and not corrects:
        raise BadRow("negative without corrects")
    if abs(amount) > LARGEST.get(kind, LARGEST_OTHER):
        raise BadRow("units are beyond any real use")
    if money and not currency:
        raise BadRow("charged_minor without currency")
    if corrects == record_id:
        raise BadRow("corrects itself")
    content = (
        f"{msisdn}|{kind}|{start_text}|{duration or 0}|{down or 0}|{up or 0}|{units}|{plmn}|"
        f"{bucket}|{money}|{currency}|{rated_text}|{corrects}"
    )
    return UsageRow(
        line,
        source,
        record_id,
        int(file_seq),
        msisdn,
        kind if kind in LARGEST else Type.OTHER.value,
        start_at,
        start_text,
        amount,
        plmn,
        bucket,
        money,
        currency,
        rated_text,
        corrects,
        rated_at - start_at > WINDOW,
        int.from_bytes(blake2b(content.encode(), digest_size=8).digest(), signed=True),
    )


def _what_is_wrong(cells: tuple[str, ...]) -> str:
    """The first cell that is not what it should be, by name; never what it holds."""
    for (name, (shape, wrong)), cell in zip(CELLS.items(), cells, strict=True):
        if not shape.fullmatch(cell):
            return f"{name} {wrong if cell else 'is missing'}"
    raise AssertionError("The shapes of the cells and of the row differ.")


def _moment(name: str, text: str) -> tuple[datetime, str]:
    """The moment in UTC, and as both databases take it; its shape has been looked at."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRow(f"{name} is no real time") from None
    if moment.tzinfo is None:
        raise BadRow(f"{name}: time without zone")
    if moment.year not in YEARS:
        raise BadRow(f"{name} is not of this century")
    if len(text) == USUAL and text.endswith("Z"):
        return moment, f"{text[:10]} {text[11:19]}"
    moment = moment.astimezone(UTC)
    return moment, moment.isoformat(" ")[:-6]
