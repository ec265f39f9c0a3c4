"""What a renewal would cost and until when it would last, before anything is written."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from billing.errors import CheckoutRefused
from billing.models import OrderLine
from plans.chain import Agreed, Chain, NextPeriod, next_period, read_chain
from plans.models import Brand, Line, Period, PlanVersion
from plans.presenters import days_until_end
from plans.renewability import reactivation_fee_minor, why_no_renewal
from plans.validity import last_local_day


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """One line of the summary; amounts in minor units, tax being a part of the amount."""

    kind: OrderLine.Kind
    label: str
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What the customer gives up when the running period is replaced."""

    period: Period
    # When it would have ended.
    ends_at: datetime
    # Bytes of its data that are left now, by the last measurement.
    data_left_bytes: int
    # Local days of it that are left, today included.
    days_lost: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The promise a customer agrees to: price, and the period from start to exclusive end."""

    line: Line
    version: PlanVersion
    currency: str
    items: tuple[QuoteItem, ...]
    starts_at: datetime
    ends_at: datetime
    # How the period would lie, and what of the running one would be lost by it.
    mode: PlanVersion.EarlyRenewal = PlanVersion.EarlyRenewal.QUEUE
    loses: Loss | None = None

    @property
    def total_minor(self) -> int:
        """What will be charged, tax included."""
        return sum(item.amount_minor for item in self.items)

    @property
    def agreed(self) -> Agreed:
        """How the period is to lie, as an order freezes it."""
        return Agreed(self.mode, self.loses.period.pk if self.loses else None)

    @property
    def promise(self) -> tuple[int, date]:
        """What the customer agrees to: the sum, and the last day of service.

        The day counts, for the end of a rolling plan moves on with every second.
        """
        return self.total_minor, last_local_day(self.ends_at, self.line.brand.zone)

    @property
    def tax_minor(self) -> int:
        """The part of the total that is tax."""
        return sum(item.tax_minor for item in self.items)


def quote_renewal(*, line: Line, version: PlanVersion, currency: str, now: datetime) -> Quote:
    """Price and dates of renewing `line` with `version`, as page and checkout both use them.

    Raises CheckoutRefused when the line may not renew now, or has no price in the currency.
    """
    chain = read_chain(line)
    refusal = why_no_renewal(line=line, version=version, now=now, chain=chain)
    if refusal:
        raise CheckoutRefused(refusal.message, next_step=refusal.next_step)
    price = version.prices.filter(currency=currency).first()
    fee = reactivation_fee_minor(line)
    if price is None or (fee and currency != line.brand.currency):
        raise CheckoutRefused(_("This plan has no price in this currency. Choose another."))
    items = [_item(OrderLine.Kind.PLAN, version.name, price.amount_minor, line.brand)]
    if fee:
        items.append(_item(OrderLine.Kind.REACTIVATION, _("Re-activation fee"), fee, line.brand))
    period = next_period(line=line, version=version, paid_at=now, chain=chain)
    return Quote(
        line=line,
        version=version,
        currency=currency,
        items=tuple(items),
        starts_at=period.start_at,
        ends_at=period.end_at,
        mode=period.mode,
        loses=loss_by(period, chain=chain, now=now),
    )


def loss_by(upcoming: NextPeriod, *, chain: Chain, now: datetime) -> Loss | None:
    """What a purchase would end before its time; None where it ends nothing (rule 4)."""
    ended = upcoming.ends
    if ended is None:
        return None
    data = chain.data_of(ended)
    return Loss(
        period=ended,
        ends_at=ended.end_at,
        data_left_bytes=data.left if data else 0,
        days_lost=days_until_end(ended, now=now),
    )


def _item(kind: OrderLine.Kind, label: str, amount_minor: int, brand: Brand) -> QuoteItem:
    amount, tax = with_tax(amount_minor, rate=brand.tax_rate_percent, included=brand.tax_included)
    return QuoteItem(kind=kind, label=label, amount_minor=amount, tax_minor=tax)


def renewal_total_minor(price_minor: int, *, line: Line) -> int:
    """What a renewal at this price charges in all: tax, and the fee of a suspended line."""
    return sum(
        with_tax(amount, rate=line.brand.tax_rate_percent, included=line.brand.tax_included)[0]
        for amount in (price_minor, reactivation_fee_minor(line))
    )


def with_tax(amount_minor: int, *, rate: Decimal, included: bool) -> tuple[int, int]:
    """Return (amount with tax, tax) in minor units, tax rounded half up.

    `rate` is in percent; `included` says whether the catalogue's price contains it already.
    """
    base = Decimal(amount_minor)
    tax = base * rate / (100 + rate) if included else base * rate / 100
    tax_minor = int(tax.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return (amount_minor if included else amount_minor + tax_minor), tax_minor
