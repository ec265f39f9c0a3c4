"""What the pages about brands and plans read: the catalogue as it is offered."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Prefetch, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from plans.models import Allowance, Brand, Line, Plan, PlanVersion, Price
from plans.presenters import (
    allowance_text,
    per_day_minor,
    per_gb_minor,
    validity_text,
    zone_names,
)

Kind = Plan.Kind
# Order of the families within a brand; as shown, not as imported.
FAMILY_ORDER = (
    Kind.PLAN,
    Kind.QUARTER,
    Kind.YEAR,
    Kind.MIXED,
    Kind.VOICE,
    Kind.CROSS_BORDER,
    Kind.DATA_PACK,
    Kind.ADDON,
    Kind.TOPUP,
    Kind.KEEPALIVE,
)
# Kinds beside which the plain plan of a brand is its basic data plan rather than its monthly one.
RICHER_KINDS = frozenset({Kind.MIXED, Kind.CROSS_BORDER})
ALLOWANCE_ORDER = (Allowance.Kind.DATA, Allowance.Kind.VOICE, Allowance.Kind.SMS)


@dataclass(frozen=True)
class PlanCard:
    """A plan as it is offered: the current version, its prices and allowances, all read."""

    plan: Plan
    version: PlanVersion
    brand: Brand
    prices: list[Price]
    allowances: list[Allowance]

    @property
    def name(self) -> str:
        """The version's name in the reader's language."""
        return self.version.name

    @property
    def price(self) -> Price:
        """The price in the brand's currency; every plan has one."""
        return next(price for price in self.prices if price.currency == self.brand.currency)

    @property
    def other_prices(self) -> list[Price]:
        """Prices in other currencies."""
        return [price for price in self.prices if price.currency != self.brand.currency]

    @cached_property
    def includes(self) -> list[str]:
        """What it gives, in words: data, calls, texts."""
        return [allowance_text(allowance) for allowance in self.allowances]

    @cached_property
    def validity(self) -> str:
        """How long it lasts, in words."""
        return validity_text(self.version)

    @property
    def per_day_minor(self) -> int | None:
        """Price of a day in the brand's currency."""
        return per_day_minor(self.version, self.price.amount_minor) if self.is_period_plan else None

    @property
    def per_gb_minor(self) -> int | None:
        """Price of a GB in the brand's currency."""
        return per_gb_minor(self.allowances, self.price.amount_minor)

    @property
    def zones(self) -> list[str]:
        """Where it works, in words."""
        return zone_names(self.version.zones)

    @property
    def is_period_plan(self) -> bool:
        """Whether a line can be renewed with it."""
        return self.plan.is_period_plan


@dataclass(frozen=True, slots=True)
class Family:
    """Plans of one brand that belong under one heading."""

    key: str
    label: str
    cards: list[PlanCard]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything one brand sells, in families."""

    brand: Brand
    families: list[Family]


def brands() -> QuerySet[Brand]:
    """Every brand, in its order."""
    return Brand.objects.order_by("position", "slug")


def plan_cards(brand_slug: str = "") -> list[PlanCard]:
    """What is on sale now, of one brand or of all; three queries however many plans."""
    plans = (
        Plan.objects.on_sale()
        .select_related("brand", "current")
        .prefetch_related(
            Prefetch("current__prices", queryset=Price.objects.order_by("currency")),
            "current__allowances",
        )
        .order_by("brand__position", "position", "sku")
    )
    if brand_slug:
        plans = plans.filter(brand__slug=brand_slug)
    return [_card(plan) for plan in plans]


def plan_card(sku: str) -> PlanCard | None:
    """The plan with this SKU, on sale or withdrawn; None when no such plan was ever published."""
    plan = (
        Plan.objects.filter(sku=sku, current__isnull=False)
        .select_related("brand", "current")
        .prefetch_related("current__prices", "current__allowances")
        .first()
    )
    return None if plan is None else _card(plan)


def renewal_cards(brand: Brand) -> list[PlanCard]:
    """The plans a line of this brand can be renewed with; two queries."""
    prices = (
        Price.objects.filter(
            version=F("version__plan__current"),
            version__plan__brand=brand,
            version__plan__is_on_sale=True,
            version__plan__kind__in=Plan.PERIOD_KINDS,
        )
        .select_related("version__plan")
        .order_by("version__plan__position", "version__plan__sku", "currency")
    )
    by_version: dict[PlanVersion, list[Price]] = {}
    for price in prices:
        by_version.setdefault(price.version, []).append(price)
    allowances = _by_version(Allowance.objects.filter(version__in=by_version))
    return [
        PlanCard(
            plan=version.plan,
            version=version,
            brand=brand,
            prices=its_prices,
            allowances=_sorted(allowances.get(version.pk, [])),
        )
        for version, its_prices in by_version.items()
    ]


def shelves(cards: Iterable[PlanCard], family: str = "") -> list[Shelf]:
    """Group plans by brand and family; `family` keeps one of them."""
    by_brand: dict[Brand, list[PlanCard]] = {}
    for card in cards:
        by_brand.setdefault(card.brand, []).append(card)
    found = [
        Shelf(brand, [f for f in _families(own) if not family or f.key == family])
        for brand, own in by_brand.items()
    ]
    return [shelf for shelf in found if shelf.families]


def family_labels(cards: Iterable[PlanCard]) -> dict[str, str]:
    """The families among these plans, key → label, in their order."""
    labels = {f.key: f.label for shelf in shelves(cards) for f in shelf.families}
    order = ["monthly", "basic", *FAMILY_ORDER[1:]]
    return {key: labels[key] for key in order if key in labels}


def lines_for_plan(customer: User, brand: Brand) -> list[Line]:
    """The customer's lines that this brand's plans can renew."""
    return list(Line.objects.owned_by(customer).filter(brand=brand).order_by("pk"))


def after_limit_text(version: PlanVersion) -> StrOrPromise:
    """What happens when an allowance is used up, in words; empty where nothing can be."""
    rule = PlanVersion.AfterLimit
    return {
        rule.STOP.value: _("stops until you renew; nothing is charged on top"),
        rule.THROTTLE.value: _("slows down to %(speed)s kbit/s; nothing is charged on top")
        % {"speed": version.throttle_kbps},
        rule.PAY.value: _("is paid from the line's balance: %(rate)s") % {"rate": version.pay_rate},
    }.get(version.after_limit, "")


def _families(cards: list[PlanCard]) -> list[Family]:
    has_richer = any(card.plan.kind in RICHER_KINDS for card in cards)
    found = []
    for kind in FAMILY_ORDER:
        own = [card for card in cards if card.plan.kind == kind]
        if own:
            key, label = _family_name(kind, has_richer=has_richer)
            found.append(Family(key, label, own))
    return found


def _family_name(kind: Plan.Kind, *, has_richer: bool) -> tuple[str, str]:
    if kind == Kind.PLAN:
        return ("basic", _("Basic data plans")) if has_richer else ("monthly", _("Monthly plans"))
    return kind.value, {
        Kind.QUARTER: _("Quarter offers"),
        Kind.YEAR: _("Annual offers"),
        Kind.MIXED: _("Mixed plans"),
        Kind.VOICE: _("Voice plans"),
        Kind.CROSS_BORDER: _("Cross-border data plans"),
        Kind.DATA_PACK: _("Data packs"),
        Kind.ADDON: _("Add-ons"),
        Kind.TOPUP: _("Top-ups"),
        Kind.KEEPALIVE: _("Keep the number"),
    }[kind]


def _card(plan: Plan) -> PlanCard:
    version = plan.current
    assert version is not None  # noqa: S101 (both callers ask for plans with a current version)
    version.plan = plan
    return PlanCard(
        plan=plan,
        version=version,
        brand=plan.brand,
        prices=list(version.prices.all()),
        allowances=_sorted(version.allowances.all()),
    )


def _by_version(allowances: Iterable[Allowance]) -> dict[int, list[Allowance]]:
    found: dict[int, list[Allowance]] = {}
    for allowance in allowances:
        found.setdefault(allowance.version_id, []).append(allowance)
    return found


def _sorted(allowances: Iterable[Allowance]) -> list[Allowance]:
    return sorted(allowances, key=lambda a: ALLOWANCE_ORDER.index(Allowance.Kind(a.kind)))
