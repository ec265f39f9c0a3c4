"""However a file is cut up, shuffled and repeated: the sums are those of its records."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing.services.books import check_invariants
from plans.models import Line, UsageRecord
from plans.services import usage_import
from tests.factories import BrandFactory, LineFactory
from tests.plans.usage.rows import csv_file, days, row, take

ZONES = ("Asia/Bangkok", "Europe/London", "America/New_York", "Australia/Lord_Howe")
# Around the end of summer time in three of the zones.
FIRST = datetime(2026, 10, 24, tzinfo=UTC)
DAYS = 9


def day_sums(rows: list[dict[str, str]], line: Line) -> dict[date, tuple[int, int, int]]:
    """A plain sum of the file: what the line used by local day."""
    zone = ZoneInfo(line.brand.time_zone)
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in rows:
        if one["msisdn"] == line.msisdn and one["type"] != "mms":
            on = datetime.fromisoformat(one["start_utc"]).astimezone(zone).date()
            found[on][one["type"]] += int(one["units"])
    return {on: (own["data"], own["voice"], own["sms"]) for on, own in found.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_any_way_of_cutting_a_file_gives_the_same_sums(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 (the same cuts again)
    monkeypatch.setattr(usage_import, "CHUNK", chance.choice([1, 7, 50, 10_000]))
    lines = [
        LineFactory.create(brand=BrandFactory.create(time_zone=zone), customer=None)
        for zone in ZONES
    ]
    rows = []
    for number in range(300):
        start = FIRST + timedelta(seconds=chance.randrange(DAYS * 86_400))
        is_correction = chance.random() < 0.1
        rows.append(
            row(
                f"u-{number}",
                msisdn=chance.choice(lines).msisdn,
                type=chance.choice(["data", "voice", "sms", "mms"]),
                units=chance.randrange(10**5) * (-1 if is_correction else 1),
                corrects=f"u-{chance.randrange(300, 400)}" if is_correction else "",
                start_utc=start.isoformat(),
                rated_utc=(start + timedelta(hours=chance.randrange(100))).isoformat(),
                file_seq=number % 5,
            )
        )
    sent = rows + chance.sample(rows, 60)
    chance.shuffle(sent)

    while sent:
        size = chance.randrange(1, 120)
        part, sent = sent[:size], sent[size:]
        take(csv_file(part))

    assert UsageRecord.objects.count() == 300
    for line in lines:
        assert days(line) == day_sums(rows, line)
    assert check_invariants() == []
