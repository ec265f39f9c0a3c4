"""What an import writes: each record once, the local day of its start, charges, held rows, gaps."""

import io
import json
import logging
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from billing.services.books import check_invariants
from plans.models import HeldUsage, Line, UsageCharge, UsageDay, UsageFile, UsageRecord
from plans.services import usage_import
from plans.services.usage_import import HELD_FOR, retry_held_usage
from plans.usage_file import Verdict
from tests.factories import BrandFactory, LineFactory, UsageDayFactory
from tests.plans.factories import UsageRecordFactory
from tests.plans.usage.rows import (
    MSISDN,
    NOW,
    csv_file,
    days,
    everything,
    json_file,
    row,
    take,
    wangs_line,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return wangs_line()


def test_ndjson_gives_what_csv_gives(line: Line) -> None:
    rows = [row("u-1"), row("u-2", type="sms", units=1)]
    take(json_file(rows))
    before = everything()

    assert words(csv_file(rows)) == ["duplicate", "duplicate"]
    assert everything() == before


@pytest.mark.parametrize("chunk", [1, 2, 10_000])
def test_the_first_of_an_id_stays_whether_in_one_chunk_or_in_several(
    line: Line, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_import, "CHUNK", chunk)
    rows = [row("u-1"), row("u-1"), row("u-1", units=7), row("u-1"), row("u-1", source="ocs2")]

    assert words(csv_file(rows)) == ["accept", "duplicate", "conflict", "duplicate", "accept"]
    assert words(csv_file(rows[2:])) == ["conflict", "duplicate", "duplicate"]
    assert words(csv_file([rows[2], rows[2]])) == ["conflict", "conflict"]
    assert days(line) == {date(2026, 11, 21): (2000, 0, 0)}


def test_a_refused_row_does_not_take_its_id_away(line: Line) -> None:
    assert words(csv_file([row("u-1", units=-1), row("u-1")])) == ["reject", "accept"]


def test_a_record_belongs_to_the_local_day_of_its_start() -> None:
    for zone, number in (("Asia/Bangkok", MSISDN), ("America/New_York", "+12015550123")):
        LineFactory.create(msisdn=number, brand=BrandFactory.create(time_zone=zone))
    starts = ("2026-11-20T16:59:59Z", "2026-11-20T17:00:00Z", "2026-11-21T04:59:59Z")
    rows = [
        row(
            f"u-{place}-{number[1:]}",
            msisdn=number,
            start_utc=start,
            rated_utc="2026-11-21T06:00:00Z",
        )
        for place, start in enumerate(starts)
        for number in (MSISDN, "+12015550123")
    ]

    take(csv_file(rows))

    found = {str(line.brand.time_zone): days(line) for line in Line.objects.all()}
    assert found == {
        "Asia/Bangkok": {date(2026, 11, 20): (1000, 0, 0), date(2026, 11, 21): (2000, 0, 0)},
        "America/New_York": {date(2026, 11, 20): (3000, 0, 0)},
    }


def test_a_correction_may_come_before_what_it_corrects(line: Line) -> None:
    correction = row("u-2", units=-400, corrects="u-1")

    _, verdicts = take(csv_file([correction]))
    assert (verdicts[0].verdict, verdicts[0].reason) == (Verdict.ACCEPT, "correction")
    assert days(line) == {date(2026, 11, 21): (-400, 0, 0)}

    take(csv_file([row("u-1")]))
    assert days(line) == {date(2026, 11, 21): (600, 0, 0)}


def test_what_costs_money_leaves_a_charge_once_unless_it_is_late(line: Line) -> None:
    late = row("u-2", charged_minor=100, start_utc="2026-11-18T01:59:59Z")
    in_time = row("u-3", charged_minor=50, start_utc="2026-11-18T02:00:00Z")
    content = csv_file([row("u-1", charged_minor=1250), late, in_time, row("u-4")])

    take(content)
    take(content)

    charges = UsageCharge.objects.order_by("pk")
    assert [(one.record.record_id, one.amount_minor, one.state) for one in charges] == [
        ("u-1", 1250, "due"),
        ("u-3", 50, "due"),
    ]
    assert {one.line_id for one in charges} == {line.pk}
    assert line.balance_minor == 0
    assert UsageRecord.objects.get(record_id="u-2").is_late


def test_no_number_of_the_other_side_is_stored(line: Line) -> None:
    content = csv_file([row("u-1")]).replace(b"\n", b",+66899999999\n")
    take(content.replace(b",+66899999999\n", b",b_number\n", 1))

    assert "99999999" not in str(list(UsageRecord.objects.values()))


def test_a_row_of_an_unknown_number_waits_for_its_line_and_comes_in_once() -> None:
    content = csv_file([row("u-1"), row("u-1"), row("u-2", charged_minor=5)])
    assert words(content) == ["reject", "reject", "reject"]
    assert words(content) == ["reject", "reject", "reject"]
    assert HeldUsage.objects.count() == 2
    line = wangs_line()

    assert retry_held_usage(now=NOW) == 2
    assert retry_held_usage(now=NOW) == 0

    assert days(line) == {date(2026, 11, 21): (2000, 0, 0)}
    assert (HeldUsage.objects.count(), UsageCharge.objects.count()) == (0, 1)
    assert UsageFile.objects.get().rows == 2
    assert words(content) == ["duplicate", "duplicate", "duplicate"]


def test_the_next_import_takes_what_waited_and_forgets_what_waited_too_long() -> None:
    take(csv_file([row("u-1"), row("u-2", msisdn="+66811111111")]))
    line = wangs_line()

    take(csv_file([row("u-3")]), now=NOW + HELD_FOR)
    assert days(line) == {date(2026, 11, 21): (2000, 0, 0)}
    assert HeldUsage.objects.get().record_id == "u-2"

    take(csv_file([row("u-4")]), now=NOW + HELD_FOR + timedelta(seconds=1))
    assert HeldUsage.objects.count() == 0


def test_a_held_row_of_the_wrong_currency_is_not_taken_in() -> None:
    take(csv_file([row("u-1", currency="USD")]))
    wangs_line()

    assert retry_held_usage(now=NOW) == 0
    assert (HeldUsage.objects.count(), UsageRecord.objects.count()) == (0, 0)


def test_a_number_that_is_terminated_is_unknown(line: Line) -> None:
    line.state = Line.State.TERMINATED
    line.save()

    assert words(csv_file([row("u-1")])) == ["reject"]
    assert UsageRecord.objects.count() == 0


def test_missing_numbers_of_files_are_an_alarm(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = (3, 4, 7, 10)
    with caplog.at_level(logging.ERROR, logger="plans.services.usage_import"):
        report, _ = take(csv_file([row(f"u-{one}", file_seq=one) for one in numbers]))

    assert [str(gap) for gap in report.gaps] == ["ocs1 5–6", "ocs1 8–9"]
    assert [record.message for record in caplog.records] == ["usage files missing"] * 2

    report, _ = take(csv_file([row(f"v-{one}", file_seq=one) for one in (5, 6, 8, 9)]))
    assert report.gaps == []


def test_a_file_that_names_too_many_files_is_cut_off(line: Line) -> None:
    content = csv_file([row(f"u-{one}", file_seq=one) for one in range(1001)])

    assert words(content) == ["accept"] * 1000 + ["reject"]


def test_days_that_are_not_the_sum_of_their_records_are_found() -> None:
    record = UsageRecordFactory.create(units=10)
    lonely = UsageDayFactory.create(data_bytes=5)
    UsageDayFactory.create(line=UsageRecordFactory.create(units=7).line, data_bytes=7)

    found = {str(one) for one in check_invariants()}

    assert found == {
        f"I11 {line} 2026-11-20: the day is not the sum of its usage records"
        for line in (record.line.public_id, lonely.line.public_id)
    }


def test_the_command_names_the_refused_row_and_keeps_the_others(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_bytes(csv_file([row("u-1"), row("u-2", units=-1), row("u-3", file_seq=3)]))
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError, match=r"usage.csv: line 3, u-2: negative without corrects"):
        call_command("import_usage", str(file), stdout=out, stderr=err)

    assert out.getvalue() == (
        "2 accepted, 0 duplicate, 0 conflict, 1 rejected.\nFiles missing: ocs1 2–2\n"
    )
    assert err.getvalue() == "line 3, u-2: negative without corrects\n"


def test_the_command_prints_one_object_even_for_a_file_without_rows(
    line: Line, tmp_path: Path
) -> None:
    file = tmp_path / "usage.csv"
    file.write_bytes(csv_file([]))
    out = io.StringIO()

    call_command("import_usage", str(file), "--json", stdout=out)

    assert json.loads(out.getvalue()) == {
        "rows": [],
        "accepted": 0,
        "duplicate": 0,
        "conflict": 0,
        "rejected": 0,
        "gaps": [],
    }


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_bytes(b"a,b\n")

    with pytest.raises(CommandError, match=r"usage.csv: The header lacks record_id"):
        call_command("import_usage", str(file), "--json", stdout=io.StringIO())
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_usage", str(tmp_path / "none.csv"))
    assert UsageDay.objects.count() == 0
