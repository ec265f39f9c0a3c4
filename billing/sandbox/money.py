"""Which currencies and payment methods are offered, and how an amount is written."""

from dataclasses import dataclass
from decimal import Decimal

# Stripe's upper limit for most currencies, in minor units.
MAX_AMOUNT = 99_999_999


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency of the stand-in; `least` is the smallest amount, in minor units."""

    symbol: str
    least: int
    decimals: int = 2
    methods: tuple[str, ...] = ("card",)


# The one table to extend when a method or currency is added. The least amounts are Stripe's
# published ones; Stripe names none for CNY, KRW and VND and converts half a US dollar, so these
# three are rough.
CURRENCIES = {
    "aud": Currency("A$", 50),
    "cad": Currency("C$", 50),
    "chf": Currency("CHF", 50),
    "cny": Currency("¥", 400),
    "eur": Currency("€", 50),
    "gbp": Currency("£", 30),
    "hkd": Currency("HK$", 400),
    "jpy": Currency("¥", 50, decimals=0),
    "krw": Currency("₩", 700, decimals=0),
    "myr": Currency("RM", 200),
    "nzd": Currency("NZ$", 50),
    "sgd": Currency("S$", 50),
    "thb": Currency("฿", 1000),
    "usd": Currency("US$", 50),
    "vnd": Currency("₫", 13000, decimals=0),
}
METHODS = frozenset(method for currency in CURRENCIES.values() for method in currency.methods)


def written(amount: int, code: str) -> str:
    """An amount in minor units for people: symbol, digits, code; `฿359.00 THB`, `¥500 JPY`."""
    currency = CURRENCIES.get(code, Currency("", 0))
    figure = f"{Decimal(amount).scaleb(-currency.decimals):,.{currency.decimals}f}"
    return f"{currency.symbol}{figure} {code.upper()}"


def offer() -> str:
    """The whole table in a sentence, for refusals."""
    rows = (f"{code}: {', '.join(entry.methods)}" for code, entry in CURRENCIES.items())
    return f"This stand-in offers {'; '.join(rows)}."
