"""Reads the reference rows under tests/data/, which the rules must meet one by one."""

import csv
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """All rows of one reference file, by column."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scenario(number: str) -> dict[str, str]:
    """One row of renewal-scenarios.csv."""
    return next(row for row in rows("renewal-scenarios") if row["id"] == number)
