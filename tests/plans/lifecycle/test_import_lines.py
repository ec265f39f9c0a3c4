"""Lines from an operator's file: every row its verdict, nothing twice, nothing changed."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from plans.lines_file import UnreadableLinesError
from plans.models import Line, LineHistory, NumberAssignment
from plans.services import line_import
from plans.services.lifecycle import advance_lines
from plans.services.line_import import RowVerdict, import_lines
from tests.factories import BrandFactory, LineFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HEADER = "brand,msisdn,iccid,eid,state,valid_until"
ICCID, OTHER_ICCID = "8966010000000000010", "8966010000000000028"
EID = "89049032000000000000000000000163"
GOOD = f"hongka,+66812345678,{ICCID},{EID},active,2026-12-31"


@pytest.fixture(autouse=True)
def hongka() -> Any:
    return BrandFactory.create(slug="hongka")


def run(*rows: str | bytes, header: str | bytes = HEADER) -> list[RowVerdict]:
    lines = [row.encode() if isinstance(row, str) else row for row in (header, *rows)]
    return list(import_lines(io.BytesIO(b"\n".join(lines)), now=NOW))


def verdicts(*rows: str | bytes) -> list[tuple[int, str]]:
    return [(one.line, one.verdict.value) for one in run(*rows)]


def test_a_row_becomes_a_line_that_holds_its_number() -> None:
    assert run(GOOD) == [RowVerdict(2, "+66812345678", line_import.Verdict.ACCEPTED)]

    line = Line.objects.get()
    assert (line.brand.slug, line.msisdn, line.iccid, line.eid) == (
        "hongka",
        "+66812345678",
        ICCID,
        EID,
    )
    # A date is the last day, by the brand's clock.
    assert (line.state, line.valid_until) == ("active", datetime(2026, 12, 31, 17, tzinfo=UTC))
    assert (line.customer, line.is_demo, line.balance_minor) == (None, False, 0)
    held = NumberAssignment.objects.get()
    assert (held.line, held.msisdn, held.from_at, held.to_at) == (line, line.msisdn, NOW, None)
    row = LineHistory.objects.get()
    assert (row.from_state, row.to_state, row.by, row.reason) == (
        "",
        "active",
        "import",
        "imported",
    )


def test_the_same_file_again_changes_nothing() -> None:
    rows = [GOOD, f"hongka,0812345679,{OTHER_ICCID},,grace,2026-11-15T10:00:00+07:00"]
    assert verdicts(*rows) == [(2, "accepted"), (3, "accepted")]
    before = [list(model.objects.values()) for model in (Line, LineHistory, NumberAssignment)]

    assert verdicts(*rows) == [(2, "unchanged"), (3, "unchanged")]
    after = [list(model.objects.values()) for model in (Line, LineHistory, NumberAssignment)]
    assert after == before


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("081 234 5678", "+66812345678"),
        ("+66 (81) 234-5678", "+66812345678"),
        ("0066812345678", "+66812345678"),
        ("０８１２３４５６７８", "+66812345678"),
        ("+447400123456", "+447400123456"),
    ],
)
def test_a_number_is_taken_in_any_writing_of_the_brand_s_region(written: str, stored: str) -> None:
    assert verdicts(f"hongka,{written},,,pre_active,") == [(2, "accepted")]
    line = Line.objects.get()
    assert (line.msisdn, line.state, line.valid_until) == (stored, "pre_active", None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("elsewhere,+66812345678,,,active,2026-12-31", "brand: “elsewhere” is not one of hongka."),
        ("hongka,0812,,,active,2026-12-31", "msisdn: This is not a valid phone number."),
        ("hongka,,,,active,2026-12-31", "msisdn: This is not a valid phone number."),
        ("hongka,+66812345678,8966010000000000011,,active,2026-12-31", "iccid: This card number"),
        ("hongka,+66812345678,,123,active,2026-12-31", "eid: An EID has 32 digits."),
        ("hongka,+66812345678,,,terminated,2026-12-31", "state: “terminated” is not one of"),
        ("hongka,+66812345678,,,active,", "valid_until: must not be empty."),
        ("hongka,+66812345678,,,active,31.12.2026", "valid_until: “31.12.2026” is neither"),
        ("hongka,+66812345678,,,active,2026-12-31T10:00", "valid_until: “2026-12-31T10:00” is"),
        ("hongka,+66812345678,,,active,9999-12-31", "valid_until: “9999-12-31” is neither"),
        ("hongka,+66812345678,,,active,2026-02-30", "valid_until: “2026-02-30” is neither"),
        ("hongka,+66812345678,,,suspended,2026-12-31", "valid_until: lies ahead"),
        ("hongka,+66812345678,,,active,2026-01-01", "valid_until: lies so far back"),
        ("=1+1,+66812345678,,,active,2026-12-31", "brand: begins like a formula."),
        ('hongka,"=HYPERLINK(1)",,,active,2026-12-31', "msisdn: begins like a formula."),
        ("hongka,+cmd|'/c calc'!A1,,,active,2026-12-31", "msisdn: begins like a formula."),
        ("hongka,+66812345678,@SUM(1),,active,2026-12-31", "iccid: begins like a formula."),
        ("hongka,+66812345678,,,act\x00ive,2026-12-31", "state: has signs that cannot be shown."),
        ("hongka,+66812345678,,,active", "has 5 cells instead of 6."),
        ('hongka,"+66812345678,,,active,2026-12-31', "The row is not CSV"),
        (b"hongka,\xff\xfe812345678,,,active,2026-12-31", "The row is not in UTF-8."),
        ("hongka," + "8" * 3_000 + ",,,active,2026-12-31", "The row is longer than"),
        ("hongka," + "8" * 900_000 + ",,,active,2026-12-31", "The row is longer than"),
    ],
)
@pytest.mark.usefixtures("en")
def test_a_bad_row_is_refused_with_its_line_and_the_next_goes_in(
    row: str | bytes, reason: str
) -> None:
    refused, accepted = run(row, GOOD)
    assert (refused.line, refused.verdict) == (2, "rejected")
    assert refused.reason.startswith(reason)
    assert (accepted.line, accepted.verdict) == (3, "accepted")
    assert Line.objects.count() == 1


@pytest.mark.usefixtures("en")
def test_every_wrong_cell_is_named() -> None:
    (row,) = run("nobody,12,34,56,alive,soon")
    assert [part.partition(":")[0] for part in row.reason.split("; ")] == [
        "brand",
        "msisdn",
        "iccid",
        "eid",
        "state",
        "valid_until",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"hongka,+66812345678,{OTHER_ICCID},{EID},active,2026-12-31", "with another iccid."),
        (f"hongka,+66812345678,{ICCID},{EID},grace,2026-11-01", "another state, valid_until."),
        (f"hongka,+66898765432,{ICCID},,active,2026-12-31", "belongs to the number +66812345678."),
    ],
)
@pytest.mark.usefixtures("en")
def test_a_line_that_is_there_is_never_changed(row: str, reason: str) -> None:
    run(GOOD)
    before = list(Line.objects.values())
    (found,) = run(row)
    assert found.verdict == "conflict"
    assert found.reason.endswith(reason)
    assert list(Line.objects.values()) == before


def test_rows_of_one_file_meet_each_other() -> None:
    rows = [GOOD, GOOD, f"hongka,+66898765432,{ICCID},,active,2026-12-31"]
    assert verdicts(*rows) == [(2, "accepted"), (3, "unchanged"), (4, "conflict")]


def test_the_number_of_a_closed_line_may_come_again() -> None:
    old = LineFactory.create(msisdn="+66812345678", iccid=ICCID, state="terminated")
    assert verdicts(GOOD) == [(2, "accepted")]
    assert Line.objects.exclude(pk=old.pk).get().customer is None


def test_a_validity_that_is_over_is_carried_on_by_the_clock() -> None:
    assert verdicts("hongka,+66812345678,,,active,2026-10-31") == [(2, "accepted")]
    assert advance_lines(now=NOW) == {"grace": 1, "suspended": 1}


def test_columns_may_stand_in_any_order_behind_a_byte_order_mark() -> None:
    header = b"\xef\xbb\xbf" + b"state,valid_until,eid,iccid,msisdn,brand"
    found = run(f"active,2026-12-31,,{ICCID},0812345678,hongka\r", "", header=header + b"\r")
    assert [one.verdict for one in found] == ["accepted"]


@pytest.mark.parametrize(
    "header",
    ["", "brand,msisdn", HEADER + ",note", HEADER.replace("eid", "iccid"), b"\xff\xfeb\x00"],
)
def test_a_file_that_holds_no_lines_is_refused_as_a_whole(header: str | bytes) -> None:
    with pytest.raises(UnreadableLinesError):
        run(GOOD, header=header)
    assert not Line.objects.exists()


def test_chunks_are_committed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_import, "CHUNK", 4)
    rows = [f"hongka,08123456{number:02},,,active,2026-12-31" for number in range(10)]
    file = io.BytesIO("\n".join([HEADER, *rows]).encode())
    going = import_lines(file, now=NOW)
    next(going)
    assert Line.objects.count() == 4
    assert [one.verdict for one in going] == ["accepted"] * 9
    assert Line.objects.count() == NumberAssignment.objects.count() == 10


def test_command_names_what_it_refused_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f"{HEADER}\n{GOOD}\nhongka,12,,,active,2026-12-31\n", encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_lines", str(path), stdout=out, stderr=err)
    assert out.getvalue().split("\n")[:4] == [
        "accepted: 1",
        "unchanged: 0",
        "conflict: 0",
        "rejected: 1",
    ]
    assert "3" in err.getvalue()
    assert Line.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_command_answers_with_one_json_object(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n{GOOD}\n", encoding="utf-8")
    out = io.StringIO()
    call_command("import_lines", str(path), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "rows": [
            {"line": 2, "msisdn": "+66812345678", "verdict": "accepted", "reason": ""},
            {"line": 3, "msisdn": "+66812345678", "verdict": "unchanged", "reason": ""},
        ],
        "accepted": 1,
        "unchanged": 1,
        "conflict": 0,
        "rejected": 0,
    }


def test_a_file_that_is_not_there_or_empty_fails_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path / "empty.csv"):
        (tmp_path / "empty.csv").touch()
        with pytest.raises(CommandError, match=path.name):
            call_command("import_lines", str(path), stdout=io.StringIO())


def test_ten_thousand_hostile_rows_leave_the_good_ones_in() -> None:
    bad = [b"\xff" * 40, b'"' * 7, b"=1,=2,=3,=4,=5,=6", b",,,,,", b"\x00,\x01,a,b,c,d"]
    rows = [
        f"hongka,0812{number:06},,,active,2026-12-31".encode()
        if number % 50 == 0
        else bad[number % 5]
        for number in range(10_000)
    ]
    found = run(*rows)
    assert len(found) == 10_000
    assert sum(one.verdict == "accepted" for one in found) == Line.objects.count() == 200
    assert all(one.reason for one in found if one.verdict == "rejected")
