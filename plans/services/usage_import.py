"""Imports usage records in chunks: every row gets its verdict, and importing again changes nothing.

A killed import is resumed by starting it again: what was committed comes back as duplicate.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import file_digest
from io import BufferedReader, BytesIO
from itertools import batched
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from plans.models import HeldUsage, Line, UsageFile
from plans.selectors.usage_files import Gap, file_gaps
from plans.services.usage_stage import (
    FilePart,
    StagedRow,
    fill_stage,
    lock_usage,
    note_files,
    store_staged,
    take_known,
)
from plans.usage_file import RowVerdict, Verdict, read_usage
from plans.usage_row import UsageRow

logger = logging.getLogger(__name__)

# Rows of one transaction: nobody waits long for SQLite's write lock, and memory stays flat.
CHUNK = 10_000
# Numbers looked up by one query.
NUMBERS = 900
# Lines and local days that are remembered within one import.
REMEMBERED = 100_000
# Files of the operator's numbering that one file of ours may hold.
MOST_PARTS = 1000
# How long a row waits for its line.
HELD_FOR = timedelta(days=35)
# Buckets that every operator has; other codes are kept and reported (the snapshot decides).
KNOWN_BUCKETS = frozenset({"", "MAIN", "PAYG", "data", "voice", "sms"})
HELD = "unknown line, kept for retry"
LATE = "late: over 72 h before it was rated, history only"
NO_BUCKET = "bucket unknown, the next snapshot decides"

# The words of the report for the four verdicts.
COUNTED = {
    "accepted": Verdict.ACCEPT,
    "duplicate": Verdict.DUPLICATE,
    "conflict": Verdict.CONFLICT,
    "rejected": Verdict.REJECT,
}

type Item = UsageRow | RowVerdict
type Tell = Callable[[RowVerdict], object]


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What became of a file: rows by verdict, and files that the operator numbered and we lack."""

    counts: Counter[Verdict]
    gaps: list[Gap]

    @property
    def sums(self) -> dict[str, int]:
        """Rows by what became of them, in the words of the report."""
        return {word: self.counts[verdict] for word, verdict in COUNTED.items()}

    @property
    def plain(self) -> dict[str, object]:
        """The report for JSON."""
        return {**self.sums, "gaps": [asdict(gap) for gap in self.gaps]}


@dataclass(frozen=True, slots=True)
class _Owner:
    """The line a number belongs to, with what its brand decides about a row."""

    line_id: int
    currency: str
    zone: str


@dataclass(slots=True)
class _Run:
    """What one import remembers between its chunks."""

    sha256: str
    now: datetime
    owners: dict[str, _Owner] = field(default_factory=dict)
    days: dict[tuple[str, str, int], str] = field(default_factory=dict)
    parts: set[tuple[str, int]] = field(default_factory=set)


@dataclass(slots=True)
class _Sorted:
    """A chunk's rows by what is known without the records: verdicts by place, the rest staged."""

    verdicts: dict[int, RowVerdict] = field(default_factory=dict)
    staged: dict[tuple[str, str], StagedRow] = field(default_factory=dict)
    # The rows themselves by place; in `repeats` those whose id stands in the chunk before them.
    rows: dict[int, UsageRow] = field(default_factory=dict)
    repeats: dict[int, UsageRow] = field(default_factory=dict)
    held: list[UsageRow] = field(default_factory=list)


def import_usage(
    *, content: BufferedReader | BytesIO, now: datetime, tell: Tell = lambda _verdict: None
) -> UsageReport:
    """Import a file of usage records; `tell` hears the verdict on every row, in their order.

    Chunks of 10,000 rows, each in a transaction of its own. A record id counts once per source:
    the same row again is a duplicate, other content under it a conflict, and the first one stays.
    Records add to the days of use (local day of their start) and, when they cost money and were
    rated within 72 hours, leave a UsageCharge for billing; buckets are the snapshot's alone.
    Rows of unknown numbers are held and tried again. Two imports of one file at once share the
    rows between them. Raises UnreadableUsageFileError before anything is written.
    """
    retry_held_usage(now=now)
    content.seek(0)
    run = _Run(sha256=file_digest(content, "sha256").hexdigest(), now=now)
    content.seek(0)
    counts = Counter[Verdict]()
    for chunk in batched(read_usage(content), CHUNK, strict=False):
        for verdict in _import_chunk(chunk, run):
            counts[verdict.verdict] += 1
            tell(verdict)
    return UsageReport(counts, _finish(run))


def retry_held_usage(*, now: datetime) -> int:
    """Import held rows whose number has a line by now, forget the oldest; return how many came in."""
    HeldUsage.objects.filter(received_at__lt=now - HELD_FOR).delete()
    living = Line.objects.exclude(state=Line.State.TERMINATED)
    ready = HeldUsage.objects.filter(Exists(living.filter(msisdn=OuterRef("msisdn"))))
    run, done = _Run(sha256="", now=now), 0
    while page := list(ready.order_by("pk")[:CHUNK]):
        with transaction.atomic():
            verdicts = _import_chunk([_unpacked(held.content) for held in page], run)
            HeldUsage.objects.filter(pk__in=[held.pk for held in page]).delete()
        done += sum(verdict.verdict == Verdict.ACCEPT for verdict in verdicts)
    _finish(run)
    return done


def _import_chunk(items: Sequence[Item], run: _Run) -> list[RowVerdict]:
    _find_owners(items, run)
    found = _sort_out(items, run)
    staged = list(found.staged.values())
    with transaction.atomic():
        lock_usage()
        fill_stage(staged)
        known = take_known()
        fresh = [row for row in staged if row.n not in known]
        if fresh:
            store_staged(charges=any(row.charged_minor for row in fresh), now=run.now)
        _note_parts(items, fresh, run)
        _hold(found.held, run)
    _judge(found, known)
    return [found.verdicts[place] for place in range(len(items))]


def _judge(found: _Sorted, known: dict[int, int]) -> None:
    """Give the verdicts on what was staged and on its repeats, against what is recorded now."""
    for place, row in found.rows.items():
        kept = known.get(place)
        found.verdicts[place] = _accepted(row) if kept is None else _repeated(row, kept)
    for place, row in found.repeats.items():
        first = found.staged[row.source, row.record_id]
        found.verdicts[place] = _repeated(row, known.get(first.n, first.content_hash))


def _find_owners(items: Iterable[Item], run: _Run) -> None:
    """Remember the living line of every number; one query for 900 of them."""
    numbers = {item.msisdn for item in items if isinstance(item, UsageRow)}
    if len(run.owners) > REMEMBERED:
        run.owners.clear()
    living = Line.objects.exclude(state=Line.State.TERMINATED).order_by()
    for some in batched(numbers - run.owners.keys(), NUMBERS, strict=False):
        for line_id, msisdn, currency, zone in living.filter(msisdn__in=some).values_list(
            "pk", "msisdn", "brand__currency", "brand__time_zone"
        ):
            run.owners[msisdn] = _Owner(line_id, currency, zone)


def _sort_out(items: Sequence[Item], run: _Run) -> _Sorted:
    """Refuse what can be refused without the records, and stage each id once."""
    found = _Sorted()
    for place, item in enumerate(items):
        if isinstance(item, RowVerdict):
            found.verdicts[place] = item
            continue
        reason = _why_not(item, run)
        key = item.source, item.record_id
        if reason:
            found.verdicts[place] = _answer(item, Verdict.REJECT, reason)
            if reason == HELD:
                found.held.append(item)
        elif key in found.staged:
            found.repeats[place] = item
        else:
            found.rows[place] = item
            found.staged[key] = _staged(place, item, run)
    return found


def _why_not(row: UsageRow, run: _Run) -> str:
    """Why the row cannot be recorded; "" when nothing speaks against it."""
    part = row.source, row.file_seq
    if part not in run.parts:
        if len(run.parts) >= MOST_PARTS:
            return f"names more than {MOST_PARTS} numbers of files"
        run.parts.add(part)
    owner = run.owners.get(row.msisdn)
    if owner is None:
        return HELD
    if row.currency not in {"", owner.currency}:
        return "currency is not the currency of the line"
    return ""


def _staged(place: int, row: UsageRow, run: _Run) -> StagedRow:
    owner = run.owners[row.msisdn]
    # Days of all zones change at whole quarters of an hour: 2026-11-21 01 and 0 to 3.
    key = owner.zone, row.start_text[:13], int(row.start_text[14:16]) // 15
    on = run.days.get(key)
    if on is None:
        if len(run.days) > REMEMBERED:
            run.days.clear()
        on = run.days[key] = str(row.start_at.astimezone(ZoneInfo(owner.zone)).date())
    return StagedRow(
        place,
        row.source,
        row.record_id,
        row.file_seq,
        owner.line_id,
        row.type,
        row.start_text,
        on,
        row.units,
        row.roaming_plmn,
        row.bucket_code,
        row.charged_minor,
        row.currency,
        row.rated_text,
        row.corrects,
        row.is_late,
        row.content_hash,
    )


def _accepted(row: UsageRow) -> RowVerdict:
    if row.bucket_code in KNOWN_BUCKETS and not row.is_late and not row.corrects:
        return _answer(row, Verdict.ACCEPT, "")
    notes = (
        LATE if row.is_late else "",
        NO_BUCKET if row.bucket_code not in KNOWN_BUCKETS else "",
        "correction" if row.corrects else "",
    )
    return _answer(row, Verdict.ACCEPT, "; ".join(note for note in notes if note))


def _repeated(row: UsageRow, kept: int) -> RowVerdict:
    if row.content_hash == kept:
        return _answer(row, Verdict.DUPLICATE, "already imported")
    return _answer(row, Verdict.CONFLICT, "same id, other content: the first one stays")


def _answer(row: UsageRow, verdict: Verdict, reason: str) -> RowVerdict:
    return RowVerdict(row.line, row.record_id, verdict, reason)


def _note_parts(items: Iterable[Item], fresh: Iterable[StagedRow], run: _Run) -> None:
    seen = {(row.source, row.file_seq) for row in items if isinstance(row, UsageRow)} & run.parts
    news = Counter((row.source, row.file_seq) for row in fresh)
    parts = [FilePart(source, number, news[source, number]) for source, number in sorted(seen)]
    note_files(parts, sha256=run.sha256, now=run.now)


def _hold(rows: Iterable[UsageRow], run: _Run) -> None:
    HeldUsage.objects.bulk_create(
        (
            HeldUsage(
                source=row.source,
                record_id=row.record_id,
                msisdn=row.msisdn,
                content=_packed(row),
                received_at=run.now,
            )
            for row in rows
        ),
        batch_size=NUMBERS,
        ignore_conflicts=True,
    )


def _packed(row: UsageRow) -> dict[str, object]:
    return {**row._asdict(), "start_at": row.start_at.isoformat()}


def _unpacked(content: dict[str, object]) -> UsageRow:
    start_at = datetime.fromisoformat(str(content["start_at"]))
    return UsageRow(**{**content, "start_at": start_at})  # type: ignore[arg-type]  # as packed


def _finish(run: _Run) -> list[Gap]:
    """Mark what is in as imported, and raise the alarm for numbers that never came."""
    gaps: list[Gap] = []
    for source in sorted({source for source, _ in run.parts}):
        numbers = sorted(number for own, number in run.parts if own == source)
        underway = UsageFile.objects.filter(source=source, state=UsageFile.State.IMPORTING)
        for some in batched(numbers, NUMBERS, strict=False):
            underway.filter(file_seq__in=some).update(
                state=UsageFile.State.IMPORTED, imported_at=run.now
            )
        gaps += file_gaps(source)
    for gap in gaps:
        logger.error("usage files missing", extra={"gap": str(gap)})
    return gaps
