"""The customer's lines as pages show them: cards, dashboard, and what a renewal would bring."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from billing.methods import CURRENCIES, MethodOffer
from billing.selectors.events import Event, latest_events
from billing.services.quotes import Loss, loss_by, renewal_total_minor
from messaging.formats import money_exact
from plans.charts import UsageChart
from plans.forecast import Note, forecast, forecast_note
from plans.line_status import Status
from plans.models import Allowance, Brand, Line, PlanVersion
from plans.presenters import used_text
from plans.renewability import (
    Refusal,
    reactivation_fee_minor,
    why_line_cannot_renew,
    why_no_renewal,
)
from plans.selectors.catalogue import PlanCard, renewal_cards
from plans.selectors.lines import LineView, line_view, line_views, lines_of, short_status
from plans.selectors.usage import MONTH_DAYS, UsageHistory, usage_history
from plans.services.periods import next_period
from plans.terms import after_limit_text

# Plans offered on the dashboard; the others stand on the page of the choice.
TOP_OFFERS = 4
# Bars on the dashboard, today included.
CHART_DAYS = 30


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

    @property
    def facts(self) -> list[str]:
        """What it gives and how long, and what buying it now would do beyond that."""
        mode = {
            PlanVersion.EarlyRenewal.PARALLEL: _("starts at once, the plan's end stays"),
            PlanVersion.EarlyRenewal.REPLACE: _("replaces the running period"),
        }.get(self.mode)
        return [*self.card.includes, mode or self.card.validity]

    @property
    def per_day(self) -> str:
        """The price of a day in words; how long it lasts where a day has no price."""
        price = self.card.per_day_minor
        if price is None or self.mode == PlanVersion.EarlyRenewal.PARALLEL:
            return self.card.validity
        return _("%(price)s per day") % {"price": money_exact(price, self.currency)}

    @property
    def per_gb(self) -> str:
        """The price of a GB in words; "" for unlimited data and for none."""
        price = self.card.per_gb_minor
        return _("%(price)s per GB") % {"price": money_exact(price, self.currency)} if price else ""


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

    @property
    def top(self) -> list[RenewOffer]:
        """The few offers of the dashboard: the current plan, what is preselected, then others."""
        ranked = sorted(self.offers, key=lambda one: (not one.is_current, one != self.chosen))
        return ranked[:TOP_OFFERS]

    @property
    def methods(self) -> list[str]:
        """Ways to pay in the brand's currency, by name."""
        return method_names(self.view.line.brand)


@dataclass(frozen=True, slots=True)
class LineChip:
    """One of the customer's lines, to go to."""

    line: Line
    status: Status


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page of one line."""

    chips: list[LineChip]
    renewing: Renewing
    events: list[Event]
    usage: UsageHistory

    @property
    def view(self) -> LineView:
        """The line itself."""
        return self.renewing.view

    @property
    def chart(self) -> UsageChart | None:
        """The bars; None where no use was ever reported."""
        if self.usage.is_empty:
            return None
        return UsageChart(self.usage.last(CHART_DAYS), pace=self.view.even_pace)

    @property
    def month_data(self) -> str:
        """Data used this calendar month, where that is another stretch than the period; else ""."""
        since = self.view.data_since
        if self.usage.is_empty or since is None:
            return ""
        month = self.usage.this_month
        is_same = since.astimezone(self.view.line.brand.zone).date() == month.first_on
        return "" if is_same else used_text(Allowance.Kind.DATA, month.data)

    @property
    def note(self) -> Note | None:
        """Whether the data will last; None for unlimited data and for none at all."""
        view, portions = self.view, self.view.data_portions
        if not portions or view.running is None:
            return None
        found = forecast(portions, self.usage.recent_data, now=view.now)
        rule = after_limit_text(view.running.version)
        note = forecast_note(found, view.line.brand.zone, now=view.now, after_limit=rule)
        if len(portions) == len(view.plan_buckets[Allowance.Kind.DATA]):
            return note
        counted = _("Your data packs are counted in.")
        return replace(note, text=f"{note.text} {counted}")


def line_cards(customer: User, *, now: datetime) -> list[LineCard]:
    """Every line of the customer; two queries however many lines."""
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
    page = _renewing(line, sku="", now=now)
    others = [LineChip(one, short_status(one, now=now)) for one in lines if one is not line]
    return Dashboard(
        # The page's own line stands first, where a phone shows it without scrolling.
        chips=[LineChip(line, page.view.status), *others],
        renewing=page,
        events=latest_events(line, customer, now=now),
        usage=usage_history(line, days=MONTH_DAYS, now=now),
    )


def method_names(brand: Brand) -> list[str]:
    """The ways to pay a brand's plans in its own currency, by name."""
    return [
        MethodOffer(method, brand.currency, 0).label
        for method in brand.payment_methods
        if brand.currency in CURRENCIES.get(method, frozenset())
    ]


def renewing(customer: User, public_id: str, *, sku: str, now: datetime) -> Renewing | None:
    """What a line can be renewed with, `sku` preselected where it is offered; None for no line."""
    line = own_line(customer, public_id)
    return None if line is None else _renewing(line, sku=sku, now=now)


def own_line(customer: User, public_id: str) -> Line | None:
    """The customer's line with its brand, or None; one query."""
    line = (
        Line.objects.owned_by(customer).filter(public_id=public_id).select_related("brand").first()
    )
    if line is not None:
        line.customer = customer
    return line


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
