"""What the pages about brands and plans read: the catalogue as it is offered.

How it is laid out is in shelves.py, how it is narrowed and ordered in filters.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.functional import cached_property
from django_stubs_ext import StrOrPromise

from accounts.models import User
from plans.catalogue_cells import SKU
from plans.families import FAMILIES
from plans.models import Allowance, Brand, Line, Plan, PlanVersion, Price
from plans.presenters import (
    GB,
    allowance_text,
    per_day_minor,
    per_gb_minor,
    shortest_days,
    validity_text,
    zone_names,
)
from plans.terms import (
    after_limit_text,
    counting_text,
    early_renewal_text,
    identity_text,
    refund_text,
    rollover_text,
    tax_text,
)

Kind = Plan.Kind
# Kinds beside which the plain plan of a brand is its basic data plan rather than its monthly one.
RICHER_KINDS = frozenset({Kind.MIXED, Kind.CROSS_BORDER})
ALLOWANCE_ORDER = (Allowance.Kind.DATA, Allowance.Kind.VOICE, Allowance.Kind.SMS)
# How many months the dearer-at-once kinds stand for.
MONTHS = {Kind.QUARTER: 3, Kind.YEAR: 12}
# Days that a plan of a month may last at its shortest.
A_MONTH = (28, 31)
# What is used day by day; a top-up's days are those of the number.
DAILY_KINDS = frozenset({*Plan.PERIOD_KINDS, *Plan.BESIDE_KINDS})


@dataclass(frozen=True)
class PlanCard:
    """A plan as it is offered: the current version, its prices and allowances, all read."""

    plan: Plan
    version: PlanVersion
    brand: Brand
    prices: list[Price]
    allowances: list[Allowance]
    # Key of its family within the brand, see families.py; empty where nobody asks.
    family: str = ""
    # Currency in which the reader wants prices; empty or without such a price: the brand's.
    shown_in: str = ""
    # The monthly plan of which a quarter or year is the cheaper form.
    monthly: "PlanCard | None" = None

    @property
    def name(self) -> str:
        """The version's name in the reader's language."""
        return self.version.name

    @property
    def price(self) -> Price:
        """The price in the brand's currency; every plan has one."""
        return next(price for price in self.prices if price.currency == self.brand.currency)

    @property
    def family_label(self) -> StrOrPromise:
        """What its family is called."""
        return FAMILIES[self.family].label if self.family else ""

    def price_in(self, currency: str) -> Price | None:
        """The price in another currency, where the plan has one; nothing is ever converted."""
        return next((price for price in self.prices if price.currency == currency), None)

    @property
    def shown_price(self) -> Price:
        """The price the reader asked for."""
        return self.price_in(self.shown_in) or self.price

    @property
    def other_prices(self) -> list[Price]:
        """Prices in other currencies than the one shown first."""
        return [price for price in self.prices if price.currency != self.shown_price.currency]

    @cached_property
    def includes(self) -> list[str]:
        """What it gives, in words: data, calls, texts."""
        return [allowance_text(allowance) for allowance in self.allowances]

    @cached_property
    def included(self) -> dict[str, str]:
        """The same by kind: data, voice, sms."""
        return {allowance.kind: allowance_text(allowance) for allowance in self.allowances}

    def amount(self, kind: Allowance.Kind) -> float:
        """Bytes, seconds or texts it gives of one kind; infinite when unlimited, 0 for none."""
        for allowance in self.allowances:
            if allowance.kind == kind:
                return inf if allowance.is_unlimited else allowance.amount
        return 0

    @cached_property
    def validity(self) -> str:
        """How long it lasts, in words."""
        return validity_text(self.version)

    @property
    def per_day_minor(self) -> int | None:
        """Price of a day, in the currency shown; None where a day has no fixed price."""
        is_daily = self.plan.kind in DAILY_KINDS
        return per_day_minor(self.version, self.shown_price.amount_minor) if is_daily else None

    @property
    def per_gb_minor(self) -> int | None:
        """Price of a GB, in the currency shown; None for unlimited data or none at all."""
        return per_gb_minor(self.allowances, self.shown_price.amount_minor)

    @property
    def exact_per_gb(self) -> Fraction | None:
        """The same before it is rounded: what plans are ordered by."""
        data = self.amount(Allowance.Kind.DATA)
        if data in {0, inf}:
            return None
        return Fraction(self.shown_price.amount_minor * GB, int(data))

    @property
    def saving_minor(self) -> int:
        """What it saves against that many monthly plans, in the currency shown; 0 if nothing."""
        price = self.shown_price
        monthly = self.monthly.price_in(price.currency) if self.monthly else None
        if monthly is None:
            return 0
        return max(0, MONTHS[Kind(self.plan.kind)] * monthly.amount_minor - price.amount_minor)

    @property
    def saving_months(self) -> int:
        """How many monthly plans that is."""
        return MONTHS.get(Kind(self.plan.kind), 0)

    @property
    def zones(self) -> list[str]:
        """Where it works, in words."""
        return zone_names(self.version.zones)

    @property
    def is_period_plan(self) -> bool:
        """Whether it is a link of the line's chain of plans."""
        return self.plan.is_period_plan

    @property
    def is_buyable(self) -> bool:
        """Whether a line of the brand can buy it here: the one place that pages ask."""
        return self.plan.is_on_sale and self.version.gives_a_period

    @property
    def after_limit(self) -> str:
        """What happens when an allowance is used up."""
        return after_limit_text(self.version)

    @property
    def early_renewal(self) -> str:
        """What becomes of a period that still runs."""
        return early_renewal_text(self.version)

    @property
    def counting(self) -> str:
        """How its days are counted."""
        return counting_text(self.version, self.brand)

    @property
    def identity(self) -> str:
        """Whether the buyer's identity must have been checked."""
        return identity_text(self.version)

    @property
    def rollover(self) -> str:
        """What becomes of data left at the end; empty where there is no data."""
        has_data = 0 < self.amount(Allowance.Kind.DATA) < inf
        return rollover_text(self.version) if has_data else ""

    @property
    def refund(self) -> str:
        """How long a buyer may change their mind."""
        return refund_text(self.brand)

    @property
    def tax(self) -> str:
        """What the price says about tax."""
        return tax_text(self.brand)


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One plan with the others of its family that are on sale."""

    card: PlanCard
    family: list[PlanCard]


def brands() -> QuerySet[Brand]:
    """Every brand, in its order."""
    return Brand.objects.order_by("position", "slug")


def plan_cards() -> list[PlanCard]:
    """What is on sale now, of all brands; three queries however many plans."""
    return _cards(Plan.objects.on_sale())


def brand_cards(brand: Brand) -> list[PlanCard]:
    """What one brand sells now; three queries however many plans."""
    return _cards(Plan.objects.on_sale().filter(brand=brand))


def plan_page(sku: str) -> PlanPage | None:
    """The plan with this SKU, on sale or withdrawn; three queries.

    None when no such plan was ever published.
    """
    of_its_brand = Plan.objects.filter(brand__plans__sku=sku, current__isnull=False)
    cards = _cards(of_its_brand.filter(Q(is_on_sale=True) | Q(sku=sku)))
    card = next((card for card in cards if card.plan.sku == sku), None)
    if card is None:
        return None
    return PlanPage(
        card=card,
        family=[one for one in cards if one.family == card.family and one.plan.sku != sku],
    )


def cards_of(skus: list[str], *, shown_in: str = "") -> list[PlanCard]:
    """The published plans among these SKUs, on sale or withdrawn, in the order asked for."""
    # Anything else is no SKU, and may hold signs that a database refuses.
    wanted = [sku for sku in skus if SKU.fullmatch(sku)]
    found = {
        card.plan.sku: replace(card, shown_in=shown_in)
        for card in _cards(Plan.objects.filter(sku__in=wanted, current__isnull=False))
    }
    return [found[sku] for sku in dict.fromkeys(skus) if sku in found]


def renewal_cards(brand: Brand) -> list[PlanCard]:
    """The plans a line of this brand can be renewed with, each with its price in the brand's
    currency alone; two queries."""
    prices = (
        Price.objects.filter(
            version=F("version__plan__current"),
            version__plan__brand=brand,
            version__plan__is_on_sale=True,
            version__plan__kind__in=DAILY_KINDS,
            currency=brand.currency,
        )
        .select_related("version__plan")
        .order_by("version__plan__position", "version__plan__sku")
    )
    own = {price.version: price for price in prices if price.version.gives_a_period}
    allowances = _by_version(Allowance.objects.filter(version__in=own))
    is_basic = any(version.plan.kind in RICHER_KINDS for version in own)
    return [
        PlanCard(
            plan=version.plan,
            version=version,
            brand=brand,
            prices=[price],
            allowances=_sorted(allowances.get(version.pk, [])),
            family=_family(version.plan, is_basic=is_basic),
        )
        for version, price in own.items()
    ]


def lines_for_plan(customer: User, brand: Brand) -> list[Line]:
    """The customer's lines that this brand's plans are for; closed ones are out."""
    own = Line.objects.owned_by(customer).filter(brand=brand)
    return list(own.exclude(state=Line.State.TERMINATED).order_by("pk"))


def _cards(plans: QuerySet[Plan]) -> list[PlanCard]:
    read = list(
        plans.select_related("brand", "current")
        .prefetch_related(
            Prefetch("current__prices", queryset=Price.objects.order_by("currency")),
            "current__allowances",
        )
        .order_by("brand__position", "position", "sku")
    )
    richer = {plan.brand_id for plan in read if plan.kind in RICHER_KINDS}
    cards = [_card(plan, is_basic=plan.brand_id in richer) for plan in read]
    return [replace(card, monthly=_monthly_of(card, cards)) for card in cards]


def _card(plan: Plan, *, is_basic: bool) -> PlanCard:
    version = plan.current
    assert version is not None  # noqa: S101 (every caller asks for plans with a current version)
    version.plan = plan
    return PlanCard(
        plan=plan,
        version=version,
        brand=plan.brand,
        prices=list(version.prices.all()),
        allowances=_sorted(version.allowances.all()),
        family=_family(plan, is_basic=is_basic),
    )


def _family(plan: Plan, *, is_basic: bool) -> str:
    plain = "basic" if is_basic else "monthly"
    return plain if plan.kind == Kind.PLAN else plan.kind


def _monthly_of(card: PlanCard, cards: Iterable[PlanCard]) -> PlanCard | None:
    """The monthly plan on sale whose data, so many times, is what the quarter or year gives."""
    months = MONTHS.get(Kind(card.plan.kind))
    data = card.amount(Allowance.Kind.DATA)
    if months is None or not data:
        return None
    return next(
        (
            one
            for one in cards
            if one.brand == card.brand
            and one.plan.kind == Kind.PLAN
            and one.plan.is_on_sale
            and months * one.amount(Allowance.Kind.DATA) == data
            and A_MONTH[0] <= shortest_days(one.version) <= A_MONTH[1]
        ),
        None,
    )


def _by_version(allowances: Iterable[Allowance]) -> dict[int, list[Allowance]]:
    found: dict[int, list[Allowance]] = {}
    for allowance in allowances:
        found.setdefault(allowance.version_id, []).append(allowance)
    return found


def _sorted(allowances: Iterable[Allowance]) -> list[Allowance]:
    return sorted(allowances, key=lambda a: ALLOWANCE_ORDER.index(Allowance.Kind(a.kind)))
