"""What a cell may hold, and what is said of one that may not; nothing here needs a database."""

import io

import pytest

from plans.usage_file import RowVerdict, UnreadableUsageFileError, read_usage
from plans.usage_row import COLUMNS, UsageRow
from tests.plans.usage.rows import csv_file, json_file, row

NAMES = "signs outside A-Za-z0-9._:- or is too long"
REFUSED = [
    ({"record_id": ""}, "record_id is missing"),
    ({"record_id": "a b"}, f"record_id has {NAMES}"),
    ({"record_id": "x" * 65}, f"record_id has {NAMES}"),
    ({"record_id": "u-1\u0660"}, f"record_id has {NAMES}"),
    ({"source": "@ocs"}, f"source has {NAMES}"),
    ({"file_seq": "-1"}, "file_seq is not a number of a file"),
    ({"file_seq": "1.0"}, "file_seq is not a number of a file"),
    ({"file_seq": "9" * 16}, "file_seq is not a number of a file"),
    ({"msisdn": "0812345678"}, "msisdn is not a number with + and country code"),
    ({"msisdn": "+٦٦81234567"}, "msisdn is not a number with + and country code"),
    ({"type": "=1+1"}, "type is not a word in small letters"),
    ({"start_utc": "yesterday"}, "start_utc is not a time like 2026-11-21T01:00:00Z"),
    ({"start_utc": "2026-02-30T01:00:00Z"}, "start_utc is no real time"),
    ({"start_utc": "2026-11-21T01:00:00"}, "start_utc: time without zone"),
    ({"rated_utc": "2026-11-21 02:00:00"}, "rated_utc: time without zone"),
    ({"start_utc": "1999-11-21T01:00:00Z"}, "start_utc is not of this century"),
    ({"start_utc": "0001-01-01T00:00:00+14:00"}, "start_utc is not of this century"),
    ({"start_utc": "2026-11-21T02:05:01Z"}, "start later than rated time + 5 min"),
    ({"units": ""}, "units is missing"),
    ({"units": "1e9"}, "units is not a whole number, or too large"),
    ({"units": "9" * 5000}, "the line is too long, or not UTF-8"),
    ({"units": "9" * 19}, "units is not a whole number, or too large"),
    ({"units": str(2**42 + 1)}, "units are beyond any real use"),
    ({"type": "sms", "units": "100001"}, "units are beyond any real use"),
    ({"units": str(-(2**42) - 1), "corrects": "u-0"}, "units are beyond any real use"),
    ({"units": "-1"}, "negative without corrects"),
    ({"bytes_up": "1,5"}, "has 17 cells instead of 16"),
    ({"duration_s": "NaN"}, "duration_s is not a whole number, or too large"),
    ({"roaming_plmn": "454"}, "roaming_plmn is not five or six digits"),
    ({"bucket_code": "<b>"}, f"bucket_code has {NAMES}"),
    ({"charged_minor": "-1"}, "charged_minor is not a whole number, negative or too much"),
    ({"charged_minor": "5", "currency": ""}, "charged_minor without currency"),
    ({"currency": "thb"}, "currency is not a code of three letters"),
    ({"corrects": "+1"}, f"corrects has {NAMES}"),
    ({"corrects": "u-1"}, "corrects itself"),
    ({"source": "ocs\x1f1"}, f"source has {NAMES}"),
]


def read(content: bytes) -> list[UsageRow | RowVerdict]:
    return list(read_usage(io.BytesIO(content)))


def reasons(content: bytes) -> list[str]:
    return [item.reason if isinstance(item, RowVerdict) else "" for item in read(content)]


@pytest.mark.parametrize(("cells", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_wrong_cell_costs_its_row_and_is_named(cells: dict[str, str], reason: str) -> None:
    good = row("u-9")

    assert reasons(csv_file([row("u-1") | cells, good])) == [reason, ""]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-11-21T01:00:00Z", "2026-11-21 01:00:00"),
        ("2026-11-21 01:00:00+00:00", "2026-11-21 01:00:00"),
        ("2026-11-21T08:00:00+07:00", "2026-11-21 01:00:00"),
        ("2026-11-21T08:00:00+0700", "2026-11-21 01:00:00"),
        ("2026-11-21T01:00:00.25Z", "2026-11-21 01:00:00.250000"),
    ],
)
def test_a_time_with_a_zone_is_understood_in_any_usual_writing(written: str, stored: str) -> None:
    (item,) = read(csv_file([row("u-1", start_utc=written)]))

    assert isinstance(item, UsageRow)
    assert item.start_text == stored


def test_the_same_row_has_the_same_hash_however_it_is_written() -> None:
    plain = row("u-1")
    other = row("u-1", start_utc="2026-11-21T08:00:00+07:00", file_seq=7, bytes_up="0")
    written = [read(csv_file([plain])), read(json_file([plain])), read(csv_file([other]))]

    hashes = {
        item.content_hash for items in written for item in items if isinstance(item, UsageRow)
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("name", ["units", "msisdn", "start_utc", "charged_minor", "corrects"])
def test_other_content_has_another_hash(name: str) -> None:
    changed = {
        "units": "1001",
        "msisdn": "+66812345679",
        "start_utc": "2026-11-21T01:00:01Z",
        "charged_minor": "1",
        "corrects": "u-0",
    }
    first, second = read(csv_file([row("u-1"), row("u-1") | {name: changed[name]}]))

    assert isinstance(first, UsageRow)
    assert isinstance(second, UsageRow)
    assert first.content_hash != second.content_hash


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "1",
        '{"record_id": 1.5}',
        '{"record_id": NaN}',
        '{"record_id": ["u-1"]}',
        '{"record_id": "u-1"',
        '{"a":' * 700,
        '{"units": true}',
        '{"units": 1' + "0" * 3000 + "}",
    ],
    ids=range(9),
)
def test_a_line_that_is_no_flat_object_costs_that_line(line: str) -> None:
    content = json_file([row("u-1")]) + line.encode() + b"\n" + json_file([row("u-2")])

    told = reasons(content)

    assert [bool(reason) for reason in told] == [False, True, False]
    assert "u-1" not in told[1]


def test_whole_numbers_of_json_are_taken() -> None:
    content = json_file([row("u-1")]).replace(b'"units": "1000"', b'"units": 1000')

    assert read(content) == read(json_file([row("u-1")]))


def test_columns_are_found_by_name_and_foreign_ones_are_ignored() -> None:
    named = row("u-1") | {"b_number": "+66899999999", "cell": "4-5"}
    header = ["b_number", *reversed(COLUMNS), "cell"]
    content = ",".join(header) + "\n" + ",".join(named.get(name, "") for name in header)

    (item,) = read(content.encode())

    assert item == read(csv_file([row("u-1")]))[0]
    assert "+66899999999" not in str(item)


def test_mark_of_utf8_carriage_returns_quotes_and_blank_lines_do_no_harm() -> None:
    text = csv_file([row("u-1")]).decode().replace("\n", "\r\n").replace("ocs1", '"ocs1"')

    content = b"\xef\xbb\xbf" + text.encode() + b"\r\n\r\n"

    assert read(content) == read(csv_file([row("u-1")]))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'u-5,"ocs1,1,+668', "its quotes do not match"),
        (b"u-5,ocs1,1,+66812345678,data,2026-11-", "has 6 cells instead of 16"),
        (b"u-5,\xff\xfe,1", "the line is too long, or not UTF-8"),
        (b"u-5,\x00,1", "has 3 cells instead of 16"),
        (b"x" * 9000, "the line is too long, or not UTF-8"),
    ],
)
def test_a_broken_line_costs_itself_and_no_other(broken: bytes, reason: str) -> None:
    head, first, second, _ = csv_file([row("u-1"), row("u-2")]).split(b"\n")

    assert reasons(b"\n".join([head, first, broken, second])) == ["", reason, ""]


def test_a_file_that_breaks_off_loses_its_last_row_only() -> None:
    content = csv_file([row("u-1"), row("u-2")])

    assert reasons(content[:-60]) == ["", "has 6 cells instead of 16"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"a,b\n", "The header lacks record_id, source, file_seq, msisdn, type, start_utc"),
        ("表,b\n".encode("gb18030"), "The first line is too long, or not UTF-8."),
        ("record_id".encode("utf-16"), "The first line is too long, or not UTF-8."),
        (b'"record_id,source\n', "The header is not CSV"),
        (",".join([*COLUMNS, "units"]).encode(), "The header has too many of units."),
        (b"\x89PNG\r\n\x1a\n", "The first line is too long, or not UTF-8."),
    ],
)
def test_what_is_no_usage_file_is_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableUsageFileError) as refused:
        read(content)

    assert str(refused.value).startswith(reason)
