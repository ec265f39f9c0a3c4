"""50,000 rows that mean harm: each is refused by its line, the few good ones among them are in."""

import random
from collections import Counter
from datetime import date

import pytest

from plans.models import HeldUsage, UsageCharge, UsageFile, UsageRecord
from plans.usage_file import Verdict
from tests.plans.usage.rows import csv_file, days, everything, row, take, wangs_line

HOSTILE = [
    b'=HYPERLINK("http://x"),ocs1,1,+66812345678,data',
    b'u-1,"ocs1,1,+66812345678',
    b"\xff\xfe\x00u\x00-\x001",
    b"@SUM(A1:A9)" + b",x" * 15,
    b"u-\x00,ocs1,1,+66812345678" + b"," * 12,
    b"9" * 4000,
    b"'; DROP TABLE plans_usagerecord; --" + b",1" * 15,
    b'{"record_id": "u-1"}',
    "记录,来源,一".encode(),
    b"\\N\t\\N\t\\.",
    b"," * 15,
    b'"' * 31,
]
CELLS = [
    "=1",
    "-" * 40,
    "NaN",
    "1e999",
    "9" * 400,
    "\\.",
    "\t",
    "${jndi:x}",
    "../..",
    "٣",
    "\u200b",
    "%s",
]
GOOD_EVERY = 500


@pytest.mark.django_db
def test_50_000_hostile_rows_are_refused_by_line_and_the_good_ones_are_in() -> None:
    line = wangs_line()
    chance = random.Random(4)  # noqa: S311 (the same rows again)
    header, *_ = csv_file([]).split(b"\n")
    wanted, written = [], [header]
    # Names may be any word.
    names = [name for name in row("u") if name not in {"record_id", "source", "bucket_code"}]
    for number in range(50_000):
        if number % GOOD_EVERY == 0:
            written.append(csv_file([row(f"good-{number}")]).split(b"\n")[1])
            wanted.append(Verdict.ACCEPT)
            continue
        wanted.append(Verdict.REJECT)
        if number % 2:
            written.append(chance.choice(HOSTILE))
        else:
            bad = row(f"bad-{number}") | {chance.choice(names): chance.choice(CELLS)}
            written.append(csv_file([bad]).split(b"\n")[1])
    content = b"\n".join(written)

    report, verdicts = take(content)

    assert [one.line for one in verdicts] == list(range(2, 50_002))
    assert [one.verdict for one in verdicts] == wanted
    assert all(one.reason for one in verdicts if one.verdict == Verdict.REJECT)
    assert not [one for one in verdicts if set(one.record_id) & set("=@+'\"<>;\\ \t\x00")]
    assert report.counts == Counter(wanted)
    assert days(line) == {date(2026, 11, 21): (100_000, 0, 0)}
    assert (UsageRecord.objects.count(), UsageFile.objects.count()) == (100, 1)
    assert (HeldUsage.objects.count(), UsageCharge.objects.count()) == (0, 0)

    before = everything()
    again, _ = take(content)
    assert again.counts == {Verdict.DUPLICATE: 100, Verdict.REJECT: 49_900}
    assert everything() == before
