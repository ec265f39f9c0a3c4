"""Numbers and cards as people write them."""

import pytest

from plans.identifiers import parse
from tests.plans.vectors import rows

# The sentences are compared in the source language.
pytestmark = pytest.mark.usefixtures("en")

VECTORS = rows("identifier-vectors")
VALID = [row for row in VECTORS if row["valid"] == "true"]
INVALID = [row for row in VECTORS if row["valid"] == "false"]
# The national form among the vectors is Thai.
REGION = "TH"


def test_every_reference_vector_is_here() -> None:
    assert len(VALID) == 12
    assert len(INVALID) == 7


@pytest.mark.parametrize("row", VALID, ids=[row["why"] for row in VALID])
def test_valid_reference_value_is_accepted_and_stays_as_it_is(row: dict[str, str]) -> None:
    stored = parse(row["kind"], row["value"], region=REGION)
    assert parse(row["kind"], stored) == stored


@pytest.mark.parametrize("row", INVALID, ids=[row["why"] for row in INVALID])
def test_invalid_reference_value_is_refused_with_a_sentence(row: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse(row["kind"], row["value"], region=REGION)


@pytest.mark.parametrize(
    "written",
    [
        "+66812345678",
        "+66 81 234 5678",
        "+66 (0) 81-234-5678",
        "0066812345678",
        "081-234-5678",
        "081.234.5678",
        "(081) 234 5678",
        "66812345678",
        "０８１２３４５６７８",
        "＋６６８１２３４５６７８",
        "๐๘๑๒๓๔๕๖๗๘",
        "081–234–5678",
        " 0812345678 ",
        "\u202a+66 81 234 5678\u202c",
        "081\u00a0234\u00a05678",
    ],
)
def test_phone_number_is_understood_in_any_writing(written: str) -> None:
    assert parse("msisdn", written, region="TH") == "+66812345678"


def test_international_form_needs_no_region() -> None:
    assert parse("msisdn", "+44 7400 123456") == "+447400123456"
    assert parse("msisdn", "0044 7400 123456") == "+447400123456"


def test_national_form_without_region_asks_for_the_country_code() -> None:
    with pytest.raises(ValueError, match="country code"):
        parse("msisdn", "0812345678")


def test_national_form_is_read_by_its_region() -> None:
    assert parse("msisdn", "07400 123456", region="GB") == "+447400123456"
    with pytest.raises(ValueError, match="not a valid phone number"):
        parse("msisdn", "07400 123456", region="TH")


@pytest.mark.parametrize(
    "written", ["", "+", "call me", "+66812345678 ext 5", "+6681++2345678", "12"]
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a valid phone number"):
        parse("msisdn", written, region="TH")


def test_card_number_loses_blanks_and_padding() -> None:
    assert parse("iccid", "8966 0100 0000 0000 010f") == "8966010000000000010"
    assert parse("iccid", "８９６６０１０００００００００００１０") == "8966010000000000010"


@pytest.mark.parametrize("digits", [18, 19, 20])
def test_card_number_may_have_18_to_20_digits(digits: int) -> None:
    body = "89660" + "0" * (digits - 6)
    check = next(d for d in "0123456789" if _luhn_total(body + d) % 10 == 0)
    assert parse("iccid", body + check) == body + check
    wrong = str((int(check) + 1) % 10)
    with pytest.raises(ValueError, match="wrong digit"):
        parse("iccid", body + wrong)


def _luhn_total(digits: str) -> int:
    doubled = {digit: sum(divmod(2 * digit, 10)) for digit in range(10)}
    return sum(
        doubled[int(sign)] if place % 2 else int(sign)
        for place, sign in enumerate(reversed(digits))
    )


def test_eid_is_stored_without_blanks() -> None:
    written = "8904 9032 0000 0000 0000 0000 0000 0163"
    assert parse("eid", written) == "89049032000000000000000000000163"


def test_eid_with_a_wrong_digit_is_refused() -> None:
    with pytest.raises(ValueError, match="wrong digit"):
        parse("eid", "89049032000000000000000000000164")


def test_activation_code_is_stored_without_prefix_and_with_a_lower_case_host() -> None:
    code = parse("activation_code", " lpa:1$SMDP.Example.COM$AB-CD-1234 ")
    assert code == "1$smdp.example.com$AB-CD-1234"
    assert parse("activation_code", code) == code


def test_activation_code_keeps_its_optional_parts() -> None:
    assert (
        parse("activation_code", "1$smdp.example.com$AB$1.3.6.1$1")
        == "1$smdp.example.com$AB$1.3.6.1$1"
    )
    assert parse("activation_code", "1$smdp.example.com$AB$$1") == "1$smdp.example.com$AB$$1"


@pytest.mark.parametrize(
    "code",
    [
        "1$https://smdp.example.com$AB",
        "1$smdp$AB",
        "1$-smdp.example.com$AB",
        "1$smdp.example.com",
        "1$smdp.example.com$AB$",
        "1$smdp.example.com$AB$x",
        "1$smdp.example.com$AB$1.3$2",
        "1$smdp.example.com$AB$1.3$1$1",
        "1$smdp.example.com$A B",
        "",
    ],
)
def test_broken_activation_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse("activation_code", code)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'imsi' is not one of"):
        parse("imsi", "520000000000000")


@pytest.mark.parametrize("kind", ["eid", "iccid", "msisdn", "activation_code"])
def test_endless_input_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse(kind, "1" * 100_000)


@pytest.mark.parametrize("kind", ["eid", "iccid", "msisdn"])
def test_superscripts_and_letters_are_no_digits(kind: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse(kind, "Ⅷ" * 20)
