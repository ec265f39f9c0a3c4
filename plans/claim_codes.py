"""Codes that prove a line is somebody's: how they are made, read and kept (never in the clear)."""

import re
import secrets
import unicodedata

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from plans.public_ids import ALPHABET, new_public_id

# Of the code that goes to the line by SMS.
SMS_CODE_DIGITS = 6
# Of the code that the operator gives out with a card; 49 bits.
OPERATOR_CODE_SIGNS = 10
# Longer than any writing of a code; what is longer is not worth reading.
LONGEST_WRITING = 60


def new_sms_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**SMS_CODE_DIGITS):0{SMS_CODE_DIGITS}}"


def new_operator_code() -> str:
    """Return ten signs that are easy to read aloud and to type."""
    return new_public_id(length=OPERATOR_CODE_SIGNS)


def sms_code_hash(code: str, *, line_id: int, claimant_id: int) -> str:
    """Return the keyed hash of a code for one line and one claimant; 64 signs."""
    value = f"{line_id}:{claimant_id}:{code}"
    return salted_hmac("plans.claim.sms", value, algorithm="sha256").hexdigest()


def operator_code_hash(code: str, *, line_id: int) -> str:
    """Return the keyed hash of an operator's code for one line; 64 signs."""
    return salted_hmac("plans.claim.operator", f"{line_id}:{code}", algorithm="sha256").hexdigest()


def read_sms_code(text: str) -> str:
    """Return the six digits, in any writing; raises ValueError with a sentence for the customer."""
    code = _plain(text)
    if len(code) != SMS_CODE_DIGITS or not (code.isascii() and code.isdigit()):
        raise ValueError(_("The code has 6 digits."))
    return code


def read_operator_code(text: str) -> str:
    """Return the ten signs: blanks and dashes dropped, small and full-width letters accepted.

    Raises ValueError with a sentence for the customer.
    """
    code = _plain(text).upper()
    if len(code) != OPERATOR_CODE_SIGNS or set(code) - set(ALPHABET):
        raise ValueError(_("The code has 10 letters and digits, without 0, 1, I, L, O and U."))
    return code


def _plain(text: str) -> str:
    """Without what people put between the signs, each sign in its plain form."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_WRITING])
    return re.sub(r"[\s\-‐-―−]", "", plain)
