"""The sample of the contract: each of its 20 rows gets the verdict that stands beside it."""

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from plans.models import HeldUsage, UsageCharge, UsageFile, UsageRecord
from tests.plans.usage.rows import days, everything, wangs_line

SAMPLE = Path(settings.BASE_DIR) / "tests/data/usage-records-sample.csv"
with SAMPLE.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
# What the sample's own words come to.
REASONS = {
    "u-0004": "late: over 72 h before it was rated, history only",
    "u-0007": "negative without corrects",
    "u-0008": "correction",
    "u-0010": "currency is not the currency of the line",
    "u-0011": "unknown line, kept for retry",
    "u-0013": "start_utc: time without zone",
    "u-0014": "start later than rated time + 5 min",
    "u-0015": "bucket unknown, the next snapshot decides",
    "": "record_id has signs outside A-Za-z0-9._:- or is too long",
}


def expected(row: dict[str, str]) -> str:
    """The verdict in the sample's words."""
    if "conflict" in row["expect"]:
        return "conflict"
    return row["expect"].split(":")[0].split(" ")[0].split(",")[0]


def run() -> tuple[dict[str, Any], str]:
    """Import the sample by the command; its JSON and how it failed."""
    said = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("import_usage", str(SAMPLE), "--json", stdout=said)
    return json.loads(said.getvalue()), str(failed.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "place", range(len(ROWS)), ids=lambda place: f"{place}-{ROWS[place]['record_id'][:6]}"
)
def test_each_row_of_the_sample_gets_its_verdict(place: int) -> None:
    wangs_line()

    told = run()[0]["rows"][place]

    record_id = "" if ROWS[place]["record_id"].startswith("=") else ROWS[place]["record_id"]
    assert (told["line"], told["record_id"]) == (place + 2, record_id)
    assert told["verdict"] == expected(ROWS[place])
    if told["verdict"] in {"accept", "reject"}:
        assert told["reason"] == REASONS.get(record_id, "")


@pytest.mark.django_db
def test_the_sample_becomes_records_days_charges_and_files() -> None:
    line = wangs_line()

    told, failed = run()

    assert [told[word] for word in ("accepted", "duplicate", "conflict", "rejected")] == [
        11,
        2,
        1,
        6,
    ]
    assert failed.startswith("usage-records-sample.csv: line 5, u-0001: same id, other content")
    assert UsageRecord.objects.count() == 11
    assert UsageRecord.objects.get(source="ocs1", record_id="u-0001").units == 110_100_480
    assert days(line) == {
        date(2026, 10, 1): (0, 61, 0),
        date(2026, 11, 19): (0, 61, 0),
        date(2026, 11, 20): (0, 30, 0),
        date(2026, 11, 21): (110_100_480 + 5_368_709_120 - 1_073_741_824 + 2, 125, 1),
    }
    charge = UsageCharge.objects.get()
    assert (charge.record.record_id, charge.amount_minor, charge.currency) == (
        "u-0009",
        1250,
        "THB",
    )
    assert HeldUsage.objects.get().record_id == "u-0011"
    files = UsageFile.objects.order_by("source", "file_seq")
    assert [(str(one), one.rows, one.state) for one in files] == [
        ("ocs1 1", 2, "imported"),
        ("ocs1 2", 0, "imported"),
        ("ocs1 3", 4, "imported"),
        ("ocs1 4", 3, "imported"),
        ("ocs1 5", 1, "imported"),
        ("ocs2 1", 1, "imported"),
    ]
    assert told["gaps"] == []


@pytest.mark.django_db
def test_importing_the_sample_again_changes_nothing() -> None:
    wangs_line()
    run()
    before = everything()

    told = run()[0]

    assert [told[word] for word in ("accepted", "duplicate", "conflict", "rejected")] == [
        0,
        13,
        1,
        6,
    ]
    assert everything() == before
    assert HeldUsage.objects.count() == 1


@pytest.mark.django_db
def test_nothing_of_a_hostile_cell_is_repeated() -> None:
    wangs_line()

    told, failed = run()

    assert "cmd" not in json.dumps(told) + failed
