"""How the catalogue is laid out: by brand, and within a brand in the order of the families."""

from collections.abc import Iterable
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from plans.families import FAMILIES
from plans.models import Brand
from plans.selectors.catalogue import PlanCard


@dataclass(frozen=True, slots=True)
class Shelf:
    """Plans of one brand."""

    brand: Brand
    cards: list[PlanCard]


def shelves(cards: Iterable[PlanCard]) -> list[Shelf]:
    """Group plans by brand, the brands in their order, each one's plans family by family."""
    by_brand: dict[Brand, list[PlanCard]] = {}
    for card in cards:
        by_brand.setdefault(card.brand, []).append(card)
    places = {key: place for place, key in enumerate(FAMILIES)}
    return [
        Shelf(brand, sorted(own, key=lambda card: places[card.family]))
        for brand, own in by_brand.items()
    ]


def family_labels(cards: Iterable[PlanCard]) -> dict[str, StrOrPromise]:
    """The families among these plans, key → label, in their order."""
    found = {card.family for card in cards}
    return {key: name.label for key, name in FAMILIES.items() if key in found}
