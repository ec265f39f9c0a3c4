"""What one cell of a brands or catalogue file may hold, and what it means.

Each reader takes the stripped text of a cell and raises ValueError with a sentence for the person
who wrote the file.
"""

import re
import unicodedata
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from messaging.formats import CURRENCIES, AmountError, to_minor

UNLIMITED = "unlimited"
BYTES_A_MEGABYTE = 1024**2
SECONDS_A_MINUTE = 60
# The largest figures that the columns hold on both databases.
LARGEST_SMALL = 32_767
# Units of validity, whatever the unit: more would leave the calendar's years.
LARGEST_VALIDITY = 3_660
LARGEST_AMOUNT = 10**12

WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")
PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SKU = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
ZONE = re.compile(r"[A-Z]{2}|WORLD")
THROTTLE = re.compile(r"throttle ([1-9][0-9]{0,6})")
PAY = re.compile(r"pay ([0-9]+(?:\.[0-9]+)?)/min")


def text(longest: int) -> Callable[[str], str]:
    """Words, at least one."""

    def read(cell: str) -> str:
        if not cell:
            raise ValueError(_("must not be empty."))
        return optional_text(longest)(cell)

    return read


def optional_text(longest: int) -> Callable[[str], str]:
    """Words, or nothing."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise ValueError(_("may have %d signs at most.") % longest)
        if any(unicodedata.category(sign).startswith("C") for sign in cell):
            raise ValueError(_("has signs that cannot be shown."))
        return cell

    return read


def optional_email(cell: str) -> str:
    """An e-mail address, or nothing."""
    if cell:
        try:
            validate_email(cell)
        except ValidationError:
            raise ValueError(_("“%s” is not an e-mail address.") % cell) from None
    return optional_text(254)(cell)


def pattern(shape: re.Pattern[str], longest: int) -> Callable[[str], str]:
    """An identifier of a fixed shape."""

    def read(cell: str) -> str:
        if not shape.fullmatch(cell) or len(cell) > longest:
            raise ValueError(_("“%s” is not a valid identifier.") % cell)
        return cell

    return read


def choice(choices: type[TextChoices], *, default: str | None = None) -> Callable[[str], str]:
    """One word of a list; nothing stands for `default` where there is one."""

    def read(cell: str) -> str:
        if not cell and default is not None:
            return default
        return one_of(choices.values)(cell)

    return read


def one_of(words: Collection[str]) -> Callable[[str], str]:
    """One word of a list."""

    def read(cell: str) -> str:
        if cell not in words:
            raise ValueError(
                _("“%(word)s” is not one of %(words)s.")
                % {"word": cell, "words": ", ".join(sorted(words))}
            )
        return cell

    return read


def several_of(words: Collection[str]) -> Callable[[str], list[str]]:
    """Words of a list, parted by blanks, in the order given; at least one, none twice."""

    def read(cell: str) -> list[str]:
        return _each_once([one_of(words)(word) for word in cell.split()])

    return read


def zones(cell: str) -> list[str]:
    """Country codes, EU or WORLD, parted by blanks."""
    return _each_once([pattern(ZONE, 5)(word) for word in cell.split()])


def _each_once(words: list[str]) -> list[str]:
    if not words:
        raise ValueError(_("must not be empty."))
    if len(set(words)) < len(words):
        raise ValueError(_("names something twice."))
    return words


def yes_no(cell: str) -> bool:
    """Yes or no."""
    return one_of(("yes", "no"))(cell) == "yes"


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(cell: str) -> int:
        if not WHOLE_NUMBER.fullmatch(cell) or not lowest <= int(cell) <= highest:
            raise ValueError(
                _("“%(cell)s” is not a whole number from %(lowest)d to %(highest)d.")
                % {"cell": cell, "lowest": lowest, "highest": highest}
            )
        return int(cell)

    return read


small_number = whole_number(0, LARGEST_SMALL)


def percent(cell: str) -> Decimal:
    """A share of a hundred with two decimals at most."""
    if not PERCENT.fullmatch(cell) or Decimal(cell) > 100:  # noqa: PLR2004 (the whole)
        raise ValueError(_("“%s” is not a percentage.") % cell)
    return Decimal(cell)


def currency(cell: str) -> str:
    """A currency in which we can write sums."""
    return one_of(CURRENCIES)(cell)


def region(cell: str) -> str:
    """A country that has phone numbers."""
    if cell not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(_("“%s” is not a country code like TH.") % cell)
    return cell


def time_zone(cell: str) -> str:
    """A zone of the time zone database."""
    if cell not in available_timezones():
        raise ValueError(_("“%s” is not a time zone like Asia/Bangkok.") % cell)
    return cell


def sum_in(code: str, *, lowest: int = 0) -> Callable[[str], int]:
    """A sum as people write it, to minor units; never rounded."""

    def read(cell: str) -> int:
        try:
            minor = to_minor(cell, code)
        except AmountError:
            minor = -1
        if not lowest <= minor <= LARGEST_AMOUNT:
            raise ValueError(
                _("“%(sum)s” is not a sum in %(currency)s that can be held exactly.")
                % {"sum": cell, "currency": code}
            )
        return minor

    return read


def other_prices(cell: str) -> dict[str, int]:
    """Prices in other currencies: `CNY:72.00 USD:10.40`, in minor units by currency."""
    prices: dict[str, int] = {}
    for word in cell.split():
        code, colon, price = word.partition(":")
        if not colon:
            raise ValueError(_("“%s” is not a price like CNY:72.00.") % word)
        if currency(code) in prices:
            raise ValueError(_("names something twice."))
        prices[code] = sum_in(code, lowest=1)(price)
    return prices


def allowance(factor: int) -> Callable[[str], int | None]:
    """How much is granted, times `factor`: 0 for nothing, None for unlimited."""

    def read(cell: str) -> int | None:
        if cell == UNLIMITED:
            return None
        return whole_number(0, LARGEST_AMOUNT // factor)(cell or "0") * factor

    return read


def after_limit(code: str) -> Callable[[str], dict[str, Any]]:
    """What happens when the allowance is used up, as the fields that say it.

    `throttle 384` (kbit/s), `stop`, `pay 0.10/min` in the currency `code`, or nothing.
    """

    def read(cell: str) -> dict[str, Any]:
        rule, _blank, _rest = cell.partition(" ")
        fields: dict[str, Any] = {"after_limit": rule, "throttle_kbps": None, "pay_rate": ""}
        throttle, pay = THROTTLE.fullmatch(cell), PAY.fullmatch(cell)
        if throttle:
            fields["throttle_kbps"] = int(throttle[1])
        elif pay:
            sum_in(code, lowest=1)(pay[1])
            fields["pay_rate"] = pay[1]
        elif cell not in {"", "stop"}:
            raise ValueError(
                _("“%s” is none of: throttle 384 · stop · pay 0.10/min · nothing.") % cell
            )
        return fields

    return read
