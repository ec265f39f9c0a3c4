"""Which plans fit what a customer needs and can spend, and in which order (F28).

Prices of different currencies are never compared: a budget has a currency, and so has every
order by price. All of it works on cards that are read already; no database.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf

from messaging.formats import from_minor
from plans.coverage import covers, works_abroad
from plans.models import Allowance, Brand
from plans.presenters import shortest_days
from plans.selectors.catalogue import PlanCard
from plans.selectors.shelves import Shelf, shelves

# A need beside the kinds of allowance: works outside the brand's own country.
ABROAD = "abroad"
# Orders by a price hold within one currency only.
BY_PRICE = frozenset({"price", "gb", "day"})
# Suggested budgets at the most.
MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer asked for; empty means any."""

    brand: str = ""
    family: str = ""
    needs: frozenset[str] = field(default_factory=frozenset)
    # A country's code, or WORLD for plans that work everywhere.
    country: str = ""
    min_bytes: int = 0
    min_days: int = 0
    # Prices are wanted in this currency; a plan without one is left out.
    currency: str = ""
    max_minor: int | None = None
    # price, gb, day, data, minutes; empty for the brands' own order.
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a wish: one list in order, or shelves by brand where one order means nothing."""

    count: int
    shelves: list[Shelf]
    ordered: list[PlanCard]
    # The lowest price per GB, where all prices are in one currency and there is a choice.
    best: PlanCard | None
    # Asked for an order by price over several currencies: it holds within each brand only.
    is_order_split: bool
    # Plans that fit otherwise, but have no price in the currency asked for.
    unpriced: int
    # The brands among them of which nothing that fits has one.
    unpriced_brands: list[Brand]


def find_plans(cards: Iterable[PlanCard], wish: Wish) -> Found:
    """Return the plans that fit, in the order wished for."""
    fitting = [card for card in cards if _fits(card, wish)]
    wanted = wish.currency
    unpriced = [card.brand for card in fitting if wanted and card.price_in(wanted) is None]
    priced = [card for card in fitting if not wanted or card.price_in(wanted) is not None]
    priced_brands = {card.brand for card in priced}
    shown = [replace(card, shown_in=wanted) for card in priced]
    affordable = [card for card in shown if _is_affordable(card, wish.max_minor)]
    is_one_currency = len({card.shown_price.currency for card in affordable}) <= 1
    is_flat = bool(wish.sort) and (is_one_currency or wish.sort not in BY_PRICE)
    return Found(
        count=len(affordable),
        shelves=[] if is_flat else _shelves(affordable, wish.sort),
        ordered=in_order(affordable, wish.sort) if is_flat else [],
        best=_best(affordable) if is_one_currency else None,
        is_order_split=bool(wish.sort) and not is_flat,
        unpriced=len(unpriced),
        unpriced_brands=[brand for brand in dict.fromkeys(unpriced) if brand not in priced_brands],
    )


def in_order(cards: list[PlanCard], sort: str) -> list[PlanCard]:
    """Return the cards in one order; what has no such figure comes last, ties stay as they were."""
    key = _ORDERS.get(sort)
    return sorted(cards, key=key) if key else cards


def currencies(cards: Iterable[PlanCard]) -> list[str]:
    """Return the currencies in which something has a price, the most common first."""
    return [
        currency
        for currency, _count in Counter(
            price.currency for card in cards for price in card.prices
        ).most_common()
    ]


def budget_steps(cards: Iterable[PlanCard], currency: str) -> list[int]:
    """Return a few round sums between the lowest and the highest price, in whole units."""
    prices = [price.amount_minor for card in cards if (price := card.price_in(currency))]
    if not prices:
        return []
    lowest, highest = from_minor(min(prices), currency), from_minor(max(prices), currency)
    ladder = [step * 10**power for power in range(6) for step in (1, 2, 5)]
    return [step for step in ladder if lowest <= step < highest][-MOST_STEPS:]


def _shelves(cards: list[PlanCard], sort: str) -> list[Shelf]:
    """By brand; an order by price holds on each shelf, for a brand has one currency."""
    return [Shelf(shelf.brand, in_order(shelf.cards, sort)) for shelf in shelves(cards)]


def _fits(card: PlanCard, wish: Wish) -> bool:
    zones = card.version.zones
    return (
        wish.brand in {"", card.brand.slug}
        and wish.family in {"", card.family}
        and all(_meets(card, need) for need in wish.needs)
        and (not wish.country or covers(zones, wish.country))
        and card.amount(Allowance.Kind.DATA) >= wish.min_bytes
        and shortest_days(card.version) >= wish.min_days
    )


def _meets(card: PlanCard, need: str) -> bool:
    if need == ABROAD:
        return works_abroad(card.version.zones, card.brand.region)
    return card.amount(Allowance.Kind(need)) > 0


def _is_affordable(card: PlanCard, max_minor: int | None) -> bool:
    return max_minor is None or card.shown_price.amount_minor <= max_minor


def _best(cards: Iterable[PlanCard]) -> PlanCard | None:
    with_data = [card for card in cards if card.exact_per_gb is not None]
    cheapest = min(with_data, key=lambda card: card.exact_per_gb or 0, default=None)
    return cheapest if len(with_data) > 1 else None


def _or_last(figure: Fraction | int | None) -> Fraction | float:
    return inf if figure is None else figure


_ORDERS: dict[str, Callable[[PlanCard], Fraction | float]] = {
    "price": lambda card: card.shown_price.amount_minor,
    "gb": lambda card: _or_last(card.exact_per_gb),
    "day": lambda card: _or_last(card.per_day_minor),
    "data": lambda card: -card.amount(Allowance.Kind.DATA),
    "minutes": lambda card: -card.amount(Allowance.Kind.VOICE),
}
