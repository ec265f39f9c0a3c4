"""What people read: money, days, numbers, each as the reader's language writes it.

The language is the one that is active (`translation.override` for messages); zones are the
brand's. Nothing here decides anything: sums stay `amount_minor`, times stay aware UTC.
"""

import re
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, get_timezone_location
from babel.numbers import format_decimal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The largest sum we write, in minor units: what a 64-bit column holds.
LARGEST_MINOR = 2**63 - 1


class Currency(NamedTuple):
    """How one currency is written: the sign before the figure, and how many decimals it has."""

    sign: str
    decimals: int


# Signs that cannot be mistaken for one another: $ and ¥ alone each mean several currencies.
CURRENCIES = {
    "THB": Currency("฿", 2),
    "CNY": Currency("¥", 2),
    "USD": Currency("US$", 2),
    "EUR": Currency("€", 2),
    "GBP": Currency("£", 2),
    "HKD": Currency("HK$", 2),
    "JPY": Currency("JP¥", 0),
}

# Where the reader's service lives, by zone; the other zones are named by Babel.
CITIES = {
    "Asia/Bangkok": gettext_noop("Bangkok"),
    "Europe/London": gettext_noop("London"),
    "America/New_York": gettext_noop("New York"),
    "America/Los_Angeles": gettext_noop("Los Angeles"),
}

# Digits and one point, as people type a sum and as CSV holds it. ASCII only.
PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,6})?")


class AmountError(ValueError):
    """A sum that cannot be held exactly, or a currency that is not ours."""


def currency_of(code: str) -> Currency:
    """Return how `code` is written; raises AmountError for a currency that is not ours."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise AmountError(f"{code!r} is not one of {', '.join(CURRENCIES)}.") from None


def to_minor(amount: Decimal | str, currency: str) -> int:
    """Return `amount` (349.00) in minor units (34900), exactly.

    Raises AmountError for an unknown currency, for text that is not a plain figure, and for a
    figure finer than the currency's smallest coin: nothing is ever rounded.
    """
    decimals = currency_of(currency).decimals
    if isinstance(amount, str):
        if not PLAIN_AMOUNT.fullmatch(amount):
            raise AmountError(f"{amount!r} is not a sum like 349.00.")
        amount = Decimal(amount)
    if not amount.is_finite() or amount.adjusted() > 18:  # noqa: PLR2004 (digits of LARGEST_MINOR)
        raise AmountError(f"{amount} is not a sum that can be held.")
    minor = int(amount.scaleb(decimals))
    if from_minor(minor, currency) != amount:
        raise AmountError(f"{amount} is finer than the smallest coin of {currency}.")
    if abs(minor) > LARGEST_MINOR:
        raise AmountError(f"{amount} is too large.")
    return minor


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """Return the sum as a figure with the currency's decimals: 34900, THB → Decimal("349.00").

    Raises AmountError for a currency that is not ours.
    """
    return Decimal(amount_minor).scaleb(-currency_of(currency).decimals)


def money(amount_minor: int, currency: str) -> str:
    """Return the sum for buttons and pages: ฿359, £10.40, US$1,040; whole sums without decimals."""
    figure = from_minor(amount_minor, currency)
    whole = figure == figure.to_integral_value()
    return _written(figure, currency, 0 if whole else currency_of(currency).decimals)


def money_exact(amount_minor: int, currency: str) -> str:
    """Return the sum with all its decimals, for receipts and tables: ฿359.00."""
    figure = from_minor(amount_minor, currency)
    return _written(figure, currency, currency_of(currency).decimals)


def day(moment: datetime | str, tz: tzinfo | str, *, now: datetime | None = None) -> str:
    """Return the local day: 12月26日 周六, Sat 26 Dec. The year only when it is not this one."""
    local = _local(moment, tz)
    if _is_chinese():
        return _pattern(local, "yyyy年M月d日 EEE" if _other_year(local, now) else "M月d日 EEE")
    return _pattern(local, "EEE d MMM yyyy" if _other_year(local, now) else "EEE d MMM")


def day_time(moment: datetime | str, tz: tzinfo | str, *, now: datetime | None = None) -> str:
    """Return the local day and minute: 12月26日 14:05, 26 Dec 14:05."""
    local = _local(moment, tz)
    return f"{_date(local, now)} {local:%H:%M}"


def last_day(end: datetime | str, tz: tzinfo | str, *, now: datetime | None = None) -> str:
    """Return the last local day before an exclusive `end`: 12月26日, 26 Dec."""
    return _date(_local(_last_moment(end), tz), now)


def until(end: datetime | str, tz: tzinfo | str, *, now: datetime | None = None) -> str:
    """Return the last minute before an exclusive `end`, with the zone's city.

    An end at the local midnight of 27 December reads 12月26日 23:59（曼谷）, 26 Dec 23:59 (Bangkok):
    nobody should have to know that ends are exclusive.
    """
    return with_place(day_time(_last_moment(end), tz, now=now), tz)


def with_place(text: str, tz: tzinfo | str) -> str:
    """Return `text` with the zone's city behind it, in the brackets of the language."""
    city = place(tz)
    return f"{text}（{city}）" if _is_chinese() else f"{text} ({city})"


def place(tz: tzinfo | str) -> str:
    """Return the city that stands for a zone: 曼谷, Bangkok."""
    key = str(tz)
    if key in CITIES:
        return _(CITIES[key])
    return get_timezone_location(_zone(tz), locale=_locale(), return_city=True)


def msisdn(number: str) -> str:
    """Return an E.164 number in groups, +66 81 234 5678; anything else as it came."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(number: str) -> str:
    """Return enough of a number to know it by, and no more: 尾号5678, ending 5678."""
    return _("ending %(digits)s") % {"digits": number[-4:]}


def _written(figure: Decimal, currency: str, decimals: int) -> str:
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    digits = format_decimal(abs(figure), format=shape, locale=_locale())
    return f"{'-' if figure < 0 else ''}{currency_of(currency).sign}{digits}"


def _date(local: datetime, now: datetime | None) -> str:
    if _is_chinese():
        return _pattern(local, "yyyy年M月d日" if _other_year(local, now) else "M月d日")
    return _pattern(local, "d MMM yyyy" if _other_year(local, now) else "d MMM")


def _other_year(local: datetime, now: datetime | None) -> bool:
    return local.year != (now or timezone.now()).astimezone(local.tzinfo).year


def _last_moment(end: datetime | str) -> datetime:
    return _aware(end) - timedelta(microseconds=1)


def _local(moment: datetime | str, tz: tzinfo | str) -> datetime:
    return _aware(moment).astimezone(_zone(tz))


def _aware(moment: datetime | str) -> datetime:
    """Accept the ISO text of a message's context as well as a datetime; UTC for arithmetic."""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if timezone.is_naive(value):
        raise ValueError(f"{value} has no zone.")
    return value.astimezone(ZoneInfo("UTC"))


def _zone(tz: tzinfo | str) -> tzinfo:
    return ZoneInfo(tz) if isinstance(tz, str) else tz


def _locale() -> Locale:
    return _locale_of(translation.get_language() or "en")


@cache
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(translation.to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _is_chinese() -> bool:
    return _locale().language == "zh"


def _pattern(local: datetime, pattern: str) -> str:
    return format_datetime(local, pattern, tzinfo=local.tzinfo, locale=_locale())
