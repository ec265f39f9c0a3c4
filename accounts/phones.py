"""Which phone number does somebody mean? Any writing in, E.164 out; nothing is stored here."""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

# Digits and what people put between them; a letter is never part of a number here, although
# the library would read "1-800-FLOWERS".
WRITING = re.compile(r"\(?\+?[\d\s()./\-\u2010-\u2015\u2212]+")
# 15 digits at most, with a separator around each; longer input is no number and not worth parsing.
LONGEST_WRITING = 40


def normalise_phone(value: str, *, regions: Iterable[str]) -> set[str]:
    """Return every valid number that `value` can mean, in E.164; empty when it means none.

    An international writing (`+` or `00` in front) means one number at most. A national one is
    tried in every region of `regions` (ISO 3166 codes), so it may mean several
    (DESIGN.md section 5, "Numbers").
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if len(text) > LONGEST_WRITING or not WRITING.fullmatch(text):
        return set()
    text = text.lstrip("( ")
    if text.startswith("00"):
        text = "+" + text[2:]
    if text.startswith("+"):
        return _valid(text, None)
    return set().union(*(_valid(text, region) for region in regions))


def _valid(text: str, region: str | None) -> set[str]:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return set()
    if not phonenumbers.is_valid_number(number) or number.extension:
        return set()
    return {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}


def hidden_phone(phone: str) -> str:
    """Return the number with only its last four digits readable, for notices to others."""
    return f"…{phone[-4:]}"
