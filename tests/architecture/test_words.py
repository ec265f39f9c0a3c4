"""The demo means no real operator, and the site never claims to be an official one."""

import re

import pytest

from tests.architecture.source import ROOT, files, shown

# Written so that ordinary words (true, orange, three) and codes are no operator.
OPERATORS = re.compile(
    r"中国移动|中国联通|中国电信|中国广电|泰国电信"
    r"|\bChina (?:Mobile|Unicom|Telecom)\b|\bAIS\b|\bTrue ?Move|\bTRUE-H\b|\b[Dd]tac\b|\bDTAC\b"
    r"|\bVodafone\b|\b[Gg]iff[Gg]aff\b|\bLyca ?[Mm]obile\b|\bLebara\b|\bT-Mobile\b"
    r"|\bAT(?:&|&amp;)T\b|\bVerizon\b|\bO2\b|\bEE\b|\bThree (?:UK|Mobile)\b|\bAiralo\b|\bHolafly\b"
    r"|\bOrange (?:S\.?A\.?|UK|Mobile|France|Telecom)\b|\bTelekom\b|\bMint Mobile\b"
)
OFFICIAL = "官方"
# Pictures inside a text file are letters by chance.
EMBEDDED = re.compile(r"data:[a-z/+;0-9=-]+,[^\s\"')]+")
TEXTS = (".html", ".txt", ".mjml", ".css", ".js", ".svg", ".json", ".webmanifest", ".po", ".csv")
SHOWN_TO_PEOPLE = ("templates", "static", "locale", "plans/data")


def texts() -> dict[str, str]:
    """Every file a visitor may come to read."""
    return {
        shown(path): EMBEDDED.sub("", path.read_text(encoding="utf-8"))
        for path in files(*SHOWN_TO_PEOPLE, suffixes=TEXTS)
    }


def test_no_text_names_a_real_operator() -> None:
    named = {name: found[0] for name, text in texts().items() if (found := OPERATORS.search(text))}

    assert named == {}


def test_no_text_claims_to_be_official() -> None:
    assert [name for name, text in texts().items() if OFFICIAL in text] == []


@pytest.mark.parametrize(
    "name",
    ["中国移动", "China Unicom", "AIS", "TrueMove H", "dtac", "giffgaff", "AT&amp;T", "O2", "EE"],
)
def test_a_real_operator_would_be_found(name: str) -> None:
    assert OPERATORS.search(f"<p>像 {name} 一样</p>")


@pytest.mark.parametrize(
    "text",
    ["true", "True", "orange", "three days", "Three", "#EEE", "H2O2", "aisle", "Verizons", "CO2x"],
)
def test_an_ordinary_word_is_no_operator(text: str) -> None:
    assert not OPERATORS.search(text)


def test_there_are_texts_to_read() -> None:
    assert (ROOT / "plans/data/demo-brands.csv").is_file()
    assert any(name.startswith("templates/") for name in texts())
