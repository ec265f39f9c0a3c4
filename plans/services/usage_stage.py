"""Brings rows of use into the tables set by set, through a stage table; the same on both engines.

PostgreSQL fills the stage by COPY, SQLite by executemany. SQL by hand: Django has neither COPY nor
INSERT … SELECT. Every function belongs into the transaction of one chunk.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

# Of PostgreSQL's lock for one writer of records at a time: "usage" in ASCII.
WRITER_LOCK = 0x7573616765


class StagedRow(NamedTuple):
    """A row as the stage holds it; the names are those of UsageRecord. `n` is its place."""

    n: int
    source: str
    record_id: str
    file_seq: int
    line_id: int
    type: str
    start_at: str
    on: str
    units: int
    roaming_plmn: str
    bucket_code: str
    charged_minor: int
    currency: str
    rated_at: str
    corrects: str
    is_late: bool
    content_hash: int


class FilePart(NamedTuple):
    """What a chunk says about one file of the operator's numbering: how many records are new."""

    source: str
    file_seq: int
    rows: int


COLUMNS = ", ".join(f'"{name}"' for name in StagedRow._fields[1:])
ALL_COLUMNS = f'"n", {COLUMNS}'
STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS plans_usage_stage (
    n integer NOT NULL, source varchar(32) NOT NULL, record_id varchar(64) NOT NULL,
    file_seq bigint NOT NULL, line_id bigint NOT NULL, type varchar(5) NOT NULL,
    start_at {moment} NOT NULL, "on" date NOT NULL, units bigint NOT NULL,
    roaming_plmn varchar(6) NOT NULL, bucket_code varchar(32) NOT NULL,
    charged_minor bigint NOT NULL, currency varchar(3) NOT NULL, rated_at {moment} NOT NULL,
    corrects varchar(64) NOT NULL, is_late {truth} NOT NULL, content_hash bigint NOT NULL
)
"""
ENGINES = {
    "sqlite": STAGE.format(moment="datetime", truth="bool"),
    "postgresql": STAGE.format(moment="timestamptz", truth="boolean") + " ON COMMIT DELETE ROWS",
}
EMPTY = "DELETE FROM plans_usage_stage"
COPY = f"COPY plans_usage_stage ({ALL_COLUMNS}) FROM STDIN"
FILL = f"""
INSERT INTO plans_usage_stage ({ALL_COLUMNS})
VALUES ({", ".join("?" * len(StagedRow._fields))})
"""  # noqa: S608 (constants only)
SAME_ID = "record.source = stage.source AND record.record_id = stage.record_id"
KNOWN = f"""
SELECT stage.n, record.content_hash
FROM plans_usage_stage stage JOIN plans_usagerecord record ON {SAME_ID}
"""  # noqa: S608 (constants only)
FORGET_KNOWN = """
DELETE FROM plans_usage_stage WHERE EXISTS (
    SELECT 1 FROM plans_usagerecord record
    WHERE record.source = plans_usage_stage.source
    AND record.record_id = plans_usage_stage.record_id)
"""
RECORD = f"""
INSERT INTO plans_usagerecord ({COLUMNS}) SELECT {COLUMNS} FROM plans_usage_stage
"""  # noqa: S608 (constants only)
# `type <> 'other'` also tells SQLite that ON CONFLICT below is no part of a join.
FOLD = """
INSERT INTO plans_usageday (line_id, "on", data_bytes, voice_seconds, sms_count)
SELECT line_id, "on",
    sum(CASE WHEN type = 'data' THEN units ELSE 0 END),
    sum(CASE WHEN type = 'voice' THEN units ELSE 0 END),
    sum(CASE WHEN type = 'sms' THEN units ELSE 0 END)
FROM plans_usage_stage WHERE type <> 'other'
GROUP BY line_id, "on"
ON CONFLICT (line_id, "on") DO UPDATE SET
    data_bytes = plans_usageday.data_bytes + excluded.data_bytes,
    voice_seconds = plans_usageday.voice_seconds + excluded.voice_seconds,
    sms_count = plans_usageday.sms_count + excluded.sms_count
"""
CHARGE = f"""
INSERT INTO plans_usagecharge (record_id, line_id, amount_minor, currency, state, posted_minor,
    created_at, attempts, next_try_at, error)
SELECT record.id, stage.line_id, stage.charged_minor, stage.currency, 'due', 0,
    %(now)s, 0, %(now)s, ''
FROM plans_usage_stage stage JOIN plans_usagerecord record ON {SAME_ID}
WHERE stage.charged_minor > 0 AND NOT stage.is_late
ORDER BY stage.n
"""  # noqa: S608 (constants only)
# A file that brings nothing new stays as it is, so that importing it again changes nothing.
NOTE_FILE = """
INSERT INTO plans_usagefile (source, file_seq, sha256, rows, state, received_at)
VALUES (%s, %s, %s, %s, 'importing', %s)
ON CONFLICT (source, file_seq) DO UPDATE SET
    rows = plans_usagefile.rows + excluded.rows,
    sha256 = CASE WHEN excluded.rows = 0 OR excluded.sha256 = ''
        THEN plans_usagefile.sha256 ELSE excluded.sha256 END,
    state = CASE WHEN excluded.rows = 0 THEN plans_usagefile.state ELSE 'importing' END,
    imported_at = CASE WHEN excluded.rows = 0 THEN plans_usagefile.imported_at END
"""


def lock_usage() -> None:
    """Let one transaction at a time write records: two would wait for each other's days for ever.

    SQLite has no other way anyhow.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])


def fill_stage(rows: Sequence[StagedRow]) -> None:
    """Put these rows, and no others, into the stage of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(ENGINES[connection.vendor])
        cursor.execute(EMPTY)
        if connection.vendor == "postgresql":
            with cursor.copy(COPY) as copy:
                copy.write("".join(map(_copied, rows)))
        else:
            # The driver's own, past Django: what it does to each statement costs more than a row.
            connection.connection.cursor().executemany(FILL, rows)


def _copied(row: StagedRow) -> str:
    """A line for COPY. Nothing to escape: `usage_row` lets through no tab and no backslash."""
    return "\t".join(map(str, row)) + "\n"


def take_known() -> dict[int, int]:
    """Take the rows out of the stage whose id is recorded; what the record's hash is, by place."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        known: dict[int, int] = dict(cursor.fetchall())
        if known:
            cursor.execute(FORGET_KNOWN)
    return known


def store_staged(*, charges: bool, now: datetime) -> None:
    """Record what is staged, add it to the days, and with `charges` leave a charge for each record
    that costs money and was rated in time (rule 14)."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD)
        cursor.execute(FOLD)
        if charges:
            cursor.execute(CHARGE, {"now": _stored(now)})


def note_files(parts: Iterable[FilePart], *, sha256: str, now: datetime) -> None:
    """Write which of the operator's files were seen and what they brought; "" = content unknown."""
    received_at = _stored(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            NOTE_FILE,
            [(part.source, part.file_seq, sha256, part.rows, received_at) for part in parts],
        )


def _stored(moment: datetime) -> Any:
    """A moment as the database keeps it, which on SQLite is text without a zone."""
    return connection.ops.adapt_datetimefield_value(moment)
