"""The customer's lines as pages show them: cards, dashboard, and what a renewal would bring."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from billing.models import OrderLine
from billing.selectors.orders import OrderRow, order_row
from billing.services.quotes import Loss, loss_by, renewal_total_minor
from plans.models import Line, PlanVersion
from plans.renewability import (
    Refusal,
    reactivation_fee_minor,
    why_line_cannot_renew,
    why_no_renewal,
)
from plans.selectors.catalogue import PlanCard, renewal_cards
from plans.selectors.lines import LineView, line_view, line_views, lines_of
from plans.services.periods import next_period

# Orders shown on the dashboard.
LATEST_ORDERS = 4


@dataclass(frozen=True, slots=True)
class RenewOffer:
    """One plan a line can be renewed with: what it costs and until when it would last.

    The total is in minor units of the brand's currency, fee and tax included, exactly as
    quote_renewal counts it; `refusal` says why it cannot be had now.
    """

    card: PlanCard
    total_minor: int
    starts_at: datetime
    ends_at: datetime
    is_current: bool
    refusal: Refusal | None
    # How the period would lie, and what of the running one would be lost by it.
    mode: PlanVersion.EarlyRenewal = PlanVersion.EarlyRenewal.QUEUE
    loses: Loss | None = None

    @property
    def currency(self) -> str:
        """The brand's currency."""
        return self.card.brand.currency


@dataclass(frozen=True, slots=True)
class LineCard:
    """One line in the list, with why it cannot be renewed at all."""

    view: LineView
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Renewing:
    """A line with everything it could be renewed with."""

    view: LineView
    offers: list[RenewOffer]
    # Preselected: the plan as it is, or the first that can be had.
    chosen: RenewOffer | None
    # Why nothing can be bought at all.
    refusal: Refusal | None
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page of one line."""

    lines: list[Line]
    renewing: Renewing
    orders: list[OrderRow]


def line_cards(customer: User, *, now: datetime) -> list[LineCard]:
    """Every line of the customer; three queries however many lines."""
    return [
        LineCard(view=view, refusal=why_line_cannot_renew(line=view.line, now=now))
        for view in line_views(lines_of(customer), now=now)
    ]


def dashboard(customer: User, public_id: str, *, now: datetime) -> Dashboard | None:
    """The page of one line, or None when the customer has no such line; six queries."""
    lines = lines_of(customer)
    line = next((line for line in lines if line.public_id == public_id), None)
    if line is None:
        return None
    items = (
        OrderLine.objects.filter(order__line=line, order__customer=customer, kind="plan")
        .select_related("order", "version")
        .order_by("-order__pk")[:LATEST_ORDERS]
    )
    return Dashboard(
        lines=lines,
        renewing=_renewing(line, sku="", now=now),
        orders=[order_row(item, line=line) for item in items],
    )


def renewing(customer: User, public_id: str, *, sku: str, now: datetime) -> Renewing | None:
    """What a line can be renewed with, `sku` preselected where it is offered; None for no line."""
    line = (
        Line.objects.owned_by(customer).filter(public_id=public_id).select_related("brand").first()
    )
    if line is None:
        return None
    line.customer = customer
    return _renewing(line, sku=sku, now=now)


def _renewing(line: Line, *, sku: str, now: datetime) -> Renewing:
    view = line_view(line, now=now)
    offers = [_offer(view, card, now=now) for card in renewal_cards(line.brand)]
    return Renewing(
        view=view,
        offers=offers,
        chosen=_chosen(offers, sku),
        refusal=why_line_cannot_renew(line=line, now=now),
        fee_minor=reactivation_fee_minor(line),
    )


def _chosen(offers: list[RenewOffer], sku: str) -> RenewOffer | None:
    """The asked-for plan, the current one, or the first that can be had."""
    free = [offer for offer in offers if offer.refusal is None]
    return next(
        (
            offer
            for wanted in (
                [offer for offer in free if offer.card.plan.sku == sku],
                [offer for offer in free if offer.is_current],
                free,
                [offer for offer in offers if offer.is_current],
                offers,
            )
            for offer in wanted
        ),
        None,
    )


def _offer(view: LineView, card: PlanCard, *, now: datetime) -> RenewOffer:
    line = view.line
    chain = view.chain
    period = next_period(line=line, version=card.version, paid_at=now, chain=chain)
    latest = view.latest
    return RenewOffer(
        card=card,
        total_minor=renewal_total_minor(card.price.amount_minor, line=line),
        starts_at=period.start_at,
        ends_at=period.end_at,
        is_current=latest is not None and latest.version.plan_id == card.plan.pk,
        refusal=why_no_renewal(line=line, version=card.version, now=now, chain=chain),
        mode=period.mode,
        loses=loss_by(period, chain=chain, now=now),
    )
