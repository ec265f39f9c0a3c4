"""The import of usage records, against the same rows ready made: COPY or executemany, one INSERT …
SELECT and one fold into days, in the same chunks.

A thousand lines of one brand use data all over ten days.
"""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from django.db import connection, transaction

from benchmarks.clock import WALL, Timing
from benchmarks.table import CountRow, RatioRow, Row
from plans.models import Line, PlanVersion
from plans.services.usage_import import CHUNK, import_usage
from plans.services.usage_stage import (
    COLUMNS,
    COPY,
    EMPTY,
    ENGINES,
    FILL,
    FOLD,
    StagedRow,
)

# Ours may take so much longer than the database alone: 0.35 of its own limit (DESIGN.md §10).
SLOWEST = 2.85
# Memory may grow so much from the smallest file to the largest.
FLAT = 1.1
LINES = 1000
ROUNDS = 3
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
FIRST = datetime(2026, 11, 10, tzinfo=UTC)
HEADER = (
    "record_id,source,file_seq,msisdn,type,start_utc,duration_s,bytes_down,bytes_up,units,"
    "roaming_plmn,bucket_code,charged_minor,currency,rated_utc,corrects\n"
)
STORE = f"""
INSERT INTO plans_usagerecord ({COLUMNS}) SELECT {COLUMNS} FROM plans_usage_stage WHERE true
ON CONFLICT DO NOTHING
"""  # noqa: S608 (constants only)


def measure_usage(version: PlanVersion, sizes: Sequence[int]) -> list[Row]:
    """Two rows for each number of records: time of a thousand beside the bare ones, and memory."""
    lines = _lines(version)
    rows: list[Row] = []
    smallest = 0
    with TemporaryDirectory(prefix="xuka-usage-") as folder:
        file = Path(folder) / "usage.csv"
        for size in sizes:
            rounds = [_round(file, lines, size, f"{size}-{number}") for number in range(ROUNDS)]
            timing = Timing(
                ours=median(own for own, _ in rounds),
                baseline=median(bare for _, bare in rounds),
                ratios=tuple(own / bare for own, bare in rounds),
            )
            memory = _memory(file, lines, size)
            smallest = smallest or memory
            name = f"usage import, {size:,} rows"
            rows += [
                RatioRow(f"{name}: time of 1,000", timing, goal=SLOWEST),
                CountRow(f"{name}: KB of memory", memory, smallest, goal=int(smallest * FLAT)),
            ]
    return rows


def records(lines: Sequence[Line], size: int, name: str) -> Iterator[tuple[str, StagedRow]]:
    """Rows of a file, and the same as the database takes them; `name` makes the ids new."""
    for number in range(size):
        line = lines[number * 7 % len(lines)]
        start = FIRST + timedelta(seconds=number * 11 % 864_000)
        rated = start + timedelta(minutes=1)
        units = number * 4093 % 10**8
        written = (
            f"{name}-{number:08d},bench,1,{line.msisdn},data,{start:%Y-%m-%dT%H:%M:%SZ},3600,"
            f"{units},0,{units},,MAIN,0,{line.brand.currency},{rated:%Y-%m-%dT%H:%M:%SZ},\n"
        )
        staged = StagedRow(
            number % CHUNK,
            "bare",
            f"{name}-{number:08d}",
            1,
            line.pk,
            "data",
            f"{start:%Y-%m-%d %H:%M:%S}",
            str(start.astimezone(line.brand.zone).date()),
            units,
            "",
            "MAIN",
            0,
            line.brand.currency,
            f"{rated:%Y-%m-%d %H:%M:%S}",
            corrects="",
            is_late=False,
            content_hash=number,
        )
        yield written, staged


def take_file(file: Path) -> None:
    """Ours: a file on the disk becomes records and days."""
    with file.open("rb") as content:
        import_usage(content=content, now=NOW)


def take_bare(chunks: Sequence[object]) -> None:
    """The baseline: what the database needs for rows that are ready in its own form."""
    for chunk in chunks:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ENGINES[connection.vendor])
            cursor.execute(EMPTY)
            if connection.vendor == "postgresql":
                with cursor.copy(COPY) as copy:
                    copy.write(chunk)
            else:
                connection.connection.cursor().executemany(FILL, chunk)
            cursor.execute(STORE)
            cursor.execute(FOLD)


def _round(file: Path, lines: Sequence[Line], size: int, name: str) -> tuple[float, float]:
    """Seconds of a thousand rows, ours and bare; what each of them takes lies ready."""
    chunks = _write(file, lines, size, name)
    gc.collect()
    started = WALL()
    take_file(file)
    between = WALL()
    take_bare(chunks)
    ended = WALL()
    return (between - started) / size * 1000, (ended - between) / size * 1000


def _write(file: Path, lines: Sequence[Line], size: int, name: str) -> list[object]:
    chunks: list[object] = []
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for some in batched(records(lines, size, name), CHUNK, strict=False):
            out.writelines(written for written, _ in some)
            staged = [row for _, row in some]
            chunks.append(
                "".join("\t".join(map(str, row)) + "\n" for row in staged)
                if connection.vendor == "postgresql"
                else staged
            )
    return chunks


def _memory(file: Path, lines: Sequence[Line], size: int) -> int:
    """The most that Python itself holds while a file of new records comes in, in KB."""
    _write(file, lines, size, f"{size}-memory")
    tracemalloc.start()
    take_file(file)
    memory = tracemalloc.get_traced_memory()[1] // 1024
    tracemalloc.stop()
    return memory


def _lines(version: PlanVersion) -> list[Line]:
    brand = version.plan.brand
    made = Line.objects.bulk_create(
        Line(brand=brand, msisdn=f"+6689{1_000_000 + number}") for number in range(LINES)
    )
    return list(made)
