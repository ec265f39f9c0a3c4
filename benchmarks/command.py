"""What `python -m benchmarks` does once Django stands: a database, its measurements, a table."""

import argparse
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from uuid import uuid4

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.clock import Effort
from benchmarks.dashboard import measure_dashboard
from benchmarks.lifecycle import measure_lifecycle
from benchmarks.reminders import measure_reminders
from benchmarks.settlement import measure_settlement
from benchmarks.shop import open_shop
from benchmarks.table import Row, table
from benchmarks.usage import measure_usage
from benchmarks.webhook import measure_webhook


def run() -> None:
    """Measure and print. A missed goal is a row of the table, never an error."""
    effort, lines, records = _arguments()
    # Pages name their static files by the manifest, as they do in production.
    call_command("collectstatic", interactive=False, verbosity=0)
    with throw_away_database():
        rows = measure_all(effort, lines, records)
        print(_surroundings(effort), table(rows), sep="\n\n")


def measure_all(effort: Effort, lines: Sequence[int], records: Sequence[int]) -> list[Row]:
    """Every row of the table, measured on the database that is open."""
    version = open_shop(now=timezone.now())
    return [
        *measure_dashboard(version, effort),
        *measure_webhook(effort),
        *measure_settlement(version, effort),
        # At the end: they fill the database.
        *measure_reminders(version, lines),
        *measure_lifecycle(version, lines),
        *measure_usage(version, records),
    ]


@contextmanager
def throw_away_database() -> Iterator[None]:
    """A migrated database of our own on the engine of DATABASE_URL, dropped in the end.

    What DATABASE_URL itself names is never written to.
    """
    name = f"xuka_benchmarks_{uuid4().hex[:12]}"
    if connection.vendor == "sqlite":
        name = str(settings.DATA_DIR / f"{name}.sqlite3")
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["TEST"]["NAME"] = name
    # It tells twice that the cache table is there.
    with redirect_stdout(StringIO()):
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def _arguments() -> tuple[Effort, list[int], list[int]]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="the median is taken over these")
    parser.add_argument("--calls", type=int, default=20, help="calls of each side in a round")
    parser.add_argument(
        "--lines",
        type=int,
        nargs="+",
        default=[10_000, 100_000],
        help="sizes at which scan and clock are measured, ascending; 1000000 takes minutes",
    )
    parser.add_argument(
        "--records",
        type=int,
        nargs="+",
        default=[20_000, 100_000],
        help="sizes at which the usage import is measured, ascending; 1000000 takes minutes",
    )
    given = parser.parse_args()
    effort = Effort(rounds=max(given.rounds, 1), calls=max(given.calls, 1))
    return effort, given.lines, given.records


def _surroundings(effort: Effort) -> str:
    engine = connection.display_name
    version = ".".join(str(part) for part in connection.get_database_version())
    return (
        f"Python {platform.python_version()}, Django {django.__version__}, {engine} {version}, "
        f"{platform.machine()}, {os.cpu_count()} processors; "
        f"median of {effort.rounds} rounds of {effort.calls} calls a side, in turn"
    )


if __name__ == "__main__":
    run()
