"""What people type or paste for a number or a card, brought to the one spelling we store."""

import re
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from accounts.phones import normalise_phone

EID_DIGITS = 32
EID_MODULUS = 97
ICCID_DIGITS = range(18, 21)
LUHN_BASE = 10
# Longer than any identifier with blanks; what is longer is not worth reading.
LONGEST_INPUT = 400

# The form an activation code has between its $ signs (SGP.22, 4.1).
HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
MATCHING_ID = re.compile(r"[A-Z0-9-]*")
OBJECT_ID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
LPA_PREFIX = "lpa:"
ACTIVATION_FORMAT = "1"
# format $ host $ matching id [$ object id [$ confirmation flag]]
FEWEST_PARTS, MOST_PARTS = 3, 5


def parse(kind: str, value: str, *, region: str | None = None) -> str:
    """Return the stored spelling of an `eid`, `iccid`, `msisdn` or `activation_code`.

    eid: 32 digits whose value modulo 97 is 1, blanks dropped. iccid: 18 to 20 digits with a Luhn
    check digit, padding F at the end dropped. msisdn: E.164 from any writing; the national form
    needs `region`, a country code like TH. activation_code: `1$host$matching id` with its
    optional parts, host in lower case, without the `LPA:` that only QR codes carry.

    Raises ValueError, its text a sentence for the customer, when the value is not valid; also
    for an unknown kind.
    """
    try:
        reader = _READERS[kind]
    except KeyError:
        raise ValueError(f"{kind!r} is not one of {', '.join(_READERS)}.") from None
    return reader(_plain(value), region)


def _plain(value: str) -> str:
    """Full-width signs and other scripts' digits to ASCII; invisible signs of copying gone."""
    if len(value) > LONGEST_INPUT:
        raise ValueError(_("This is too long."))
    signs: list[str] = []
    for sign in unicodedata.normalize("NFKC", value):
        category = unicodedata.category(sign)
        if category == "Nd":
            signs.append(str(unicodedata.decimal(sign)))
        elif category == "Pd":
            signs.append("-")
        elif category != "Cf":
            signs.append(sign)
    return "".join(signs).strip()


def _eid(value: str, _region: str | None) -> str:
    digits = re.sub(r"\s", "", value)
    if not digits.isascii() or not digits.isdigit() or len(digits) != EID_DIGITS:
        raise ValueError(_("An EID has 32 digits. Dial *#06# to see it."))
    if int(digits) % EID_MODULUS != 1:
        raise ValueError(_("This EID has a wrong digit. Please compare it with *#06#."))
    return digits


def _iccid(value: str, _region: str | None) -> str:
    digits = re.sub(r"[\s-]", "", value).upper().rstrip("F")
    if not digits.isascii() or not digits.isdigit() or len(digits) not in ICCID_DIGITS:
        raise ValueError(_("A card number (ICCID) has 18 to 20 digits."))
    if not _luhn(digits):
        raise ValueError(_("This card number (ICCID) has a wrong digit."))
    return digits


def _luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        figure = int(sign) * (1 + place % 2)
        total += figure - 9 if figure >= LUHN_BASE else figure
    return total % LUHN_BASE == 0


def _msisdn(value: str, region: str | None) -> str:
    numbers = normalise_phone(value, regions=[region] if region else [])
    if numbers:
        return numbers.pop()
    if region is None and not value.startswith(("+", "00", "(+")):
        raise ValueError(_("Please add the country code, for example +66."))
    raise ValueError(_("This is not a valid phone number. Please check its digits."))


def _activation_code(value: str, _region: str | None) -> str:
    code = value[len(LPA_PREFIX) :] if value.lower().startswith(LPA_PREFIX) else value
    parts = code.split("$")
    if parts[0] != ACTIVATION_FORMAT or not FEWEST_PARTS <= len(parts) <= MOST_PARTS:
        raise ValueError(_("An activation code looks like LPA:1$server$code."))
    host, matching_id, *optional = parts[1].lower(), *parts[2:]
    if not HOST.fullmatch(host):
        raise ValueError(_("The server name in this activation code is not valid."))
    if not MATCHING_ID.fullmatch(matching_id):
        raise ValueError(_("This activation code has signs that do not belong there."))
    if not _are_optional_parts(optional):
        raise ValueError(_("The end of this activation code is not valid."))
    return "$".join([ACTIVATION_FORMAT, host, matching_id, *optional])


def _are_optional_parts(parts: list[str]) -> bool:
    """Object id, then the flag 1 for "asks for a confirmation code"; only then may the id lack."""
    if not parts:
        return True
    object_id, *flag = parts
    if not flag:
        return bool(OBJECT_ID.fullmatch(object_id))
    return flag == ["1"] and (not object_id or bool(OBJECT_ID.fullmatch(object_id)))


_READERS: dict[str, Callable[[str, str | None], str]] = {
    "eid": _eid,
    "iccid": _iccid,
    "msisdn": _msisdn,
    "activation_code": _activation_code,
}
