"""Usage files for the tests: rows as the contract writes them, and what an import came to."""

import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime

from plans.models import Line, UsageCharge, UsageDay, UsageFile, UsageRecord
from plans.services.usage_import import UsageReport, import_usage
from plans.usage_file import RowVerdict
from plans.usage_row import COLUMNS
from tests.factories import LineFactory

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
MSISDN = "+66812345678"
PLAIN = {
    "source": "ocs1",
    "file_seq": "1",
    "msisdn": MSISDN,
    "type": "data",
    "start_utc": "2026-11-21T01:00:00Z",
    "units": "1000",
    "bucket_code": "MAIN",
    "charged_minor": "0",
    "currency": "THB",
    "rated_utc": "2026-11-21T02:00:00Z",
}


def wangs_line() -> Line:
    """The line of the sample, in Bangkok and THB."""
    return LineFactory.create(msisdn=MSISDN)


def row(record_id: str, **cells: object) -> dict[str, str]:
    """One row: a kilobyte in Bangkok's morning, unless `cells` say otherwise."""
    return PLAIN | {"record_id": record_id} | {name: str(cell) for name, cell in cells.items()}


def csv_file(rows: Iterable[dict[str, str]]) -> bytes:
    """The rows as CSV with every column of the contract."""
    lines = [",".join(one.get(name, "") for name in COLUMNS) for one in rows]
    return "\n".join([",".join(COLUMNS), *lines, ""]).encode()


def json_file(rows: Iterable[dict[str, str]]) -> bytes:
    """The rows as NDJSON."""
    return "".join(f"{json.dumps(one)}\n" for one in rows).encode()


def take(content: bytes, *, now: datetime = NOW) -> tuple[UsageReport, list[RowVerdict]]:
    """Import the content; the report and every verdict."""
    verdicts: list[RowVerdict] = []
    report = import_usage(content=io.BytesIO(content), now=now, tell=verdicts.append)
    return report, verdicts


def words(content: bytes) -> list[str]:
    """Import the content; the verdicts as words, in the order of the rows."""
    return [verdict.verdict.value for verdict in take(content)[1]]


def days(line: Line) -> dict[date, tuple[int, int, int]]:
    """What the line used by local day: bytes, seconds, texts."""
    rows = UsageDay.objects.filter(line=line)
    return {one.on: (one.data_bytes, one.voice_seconds, one.sms_count) for one in rows}


def everything() -> list[object]:
    """Every row that an import writes, to see that nothing has changed."""
    models = (UsageRecord, UsageDay, UsageFile, UsageCharge)
    return [list(model.objects.order_by("pk").values()) for model in models]
