"""Usage files by several processes at once, and by one that is killed: each record counts once."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from billing.services.books import check_invariants
from plans.models import Line, UsageCharge, UsageFile, UsageRecord
from tests.plans.usage.rows import csv_file, days, row
from tests.processes.fixtures import Install
from tests.processes.harness import PATIENCE, ROOT, Installation
from tests.processes.shop import NUMBERS

pytestmark = pytest.mark.processes

# Three chunks, of which the last is not full. Long ago: the demo has used nothing then.
ROWS = [
    row(
        f"u-{number}",
        msisdn=NUMBERS[0],
        charged_minor=1 if number % 1000 == 0 else 0,
        start_utc=f"2026-01-0{number % 4 + 1}T01:00:00Z",
        rated_utc=f"2026-01-0{number % 4 + 1}T02:00:00Z",
    )
    for number in range(22_000)
]
SUMS = {date(2026, 1, day): (5500 * 1000, 0, 0) for day in range(1, 5)}
# Where the import dies at its second chunk, and how many records are in by then.
DIES = {
    "before the second chunk": ("plans.services.usage_import:_import_chunk:before", 10_000),
    "with the second chunk staged": ("plans.services.usage_import:take_known:after", 10_000),
    "before the second commit": ("plans.services.usage_import:note_files:after", 10_000),
    "after the second commit": ("plans.services.usage_import:_import_chunk:after", 20_000),
}


def import_at_once(installation: Installation, *files: Path) -> list[dict[str, int]]:
    """Import each file by a process of its own, all at once; their reports."""
    started = [
        subprocess.Popen(
            [sys.executable, "manage.py", "import_usage", str(file), "--json"],
            cwd=ROOT,
            env=installation.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for file in files
    ]
    said = [process.communicate(timeout=PATIENCE) for process in started]
    assert [(process.returncode, err) for process, (_, err) in zip(started, said, strict=True)] == [
        (0, "")
    ] * len(files)
    return [json.loads(out) for out, _ in said]


def assert_all_is_in() -> None:
    """Every record once, its days and charges with it."""
    line = Line.objects.select_related("brand").get(msisdn=NUMBERS[0])
    assert UsageRecord.objects.filter(source="ocs1").count() == len(ROWS)
    assert {on: used for on, used in days(line).items() if on in SUMS} == SUMS
    assert UsageCharge.objects.count() == 22
    assert [(one.rows, one.state) for one in UsageFile.objects.all()] == [(22_000, "imported")]
    assert check_invariants() == []


def test_one_file_imported_by_two_processes_at_once_is_in_once(
    install: Install, tmp_path: Path
) -> None:
    installation = install()
    file = tmp_path / "usage.csv"
    file.write_bytes(csv_file(ROWS))

    reports = import_at_once(installation, file, file)

    assert sum(report["accepted"] for report in reports) == len(ROWS)
    assert sum(report["duplicate"] for report in reports) == len(ROWS)
    with installation.opened():
        assert_all_is_in()


def test_parts_of_a_file_imported_at_once_from_both_ends_are_in_once(
    install: Install, tmp_path: Path
) -> None:
    installation = install()
    forwards, backwards = tmp_path / "forwards.csv", tmp_path / "backwards.csv"
    forwards.write_bytes(csv_file(ROWS[:15_000]))
    backwards.write_bytes(csv_file(reversed(ROWS[7000:])))

    reports = import_at_once(installation, forwards, backwards)

    assert sum(report["accepted"] for report in reports) == len(ROWS)
    with installation.opened():
        assert_all_is_in()


@pytest.mark.parametrize("moment", DIES)
def test_an_import_killed_in_the_middle_is_resumed_by_starting_it_again(
    install: Install, tmp_path: Path, moment: str
) -> None:
    installation = install()
    point, stored = DIES[moment]
    file = tmp_path / "usage.csv"
    file.write_bytes(csv_file(ROWS))
    dead = subprocess.run(
        [
            *(sys.executable, "-m", "tests.processes.with_django", "tests.processes.dying"),
            *(point, "import_usage", str(file)),
        ],
        cwd=ROOT,
        env=installation.env,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    with installation.opened():
        assert dead.returncode == -9
        assert UsageRecord.objects.filter(source="ocs1").count() == stored
        assert [(one.rows, one.state) for one in UsageFile.objects.all()] == [(stored, "importing")]
        assert check_invariants() == []

    (report,) = import_at_once(installation, file)

    assert (report["accepted"], report["duplicate"]) == (len(ROWS) - stored, stored)
    with installation.opened():
        assert_all_is_in()
