"""Which ways to pay a plan can be offered, and in which currency: one table decides."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.models import Payment
from billing.services.quotes import renewal_total_minor
from plans.models import Line, PlanVersion
from plans.renewability import reactivation_fee_minor

# Currencies a method can charge at Stripe (notes on Stripe, section 5). Further methods are
# further rows.
CURRENCIES: dict[str, frozenset[str]] = {
    Payment.Method.CARD: frozenset({"THB", "CNY", "USD", "EUR", "GBP"}),
}


@dataclass(frozen=True, slots=True)
class MethodOffer:
    """One way to pay: the customer picks the method, the currency follows."""

    method: str
    currency: str
    amount_minor: int

    @property
    def code(self) -> str:
        """How forms name it, e.g. `card:THB`."""
        return f"{self.method}:{self.currency}"

    @property
    def label(self) -> str:
        """The method's name in the active language; text only, never a logo."""
        return {Payment.Method.CARD.value: _("Bank card")}[self.method]


def offered_methods(version: PlanVersion, *, line: Line | None = None) -> list[MethodOffer]:
    """Offers for a version, the brand's own currency first; for a line with its fee and tax.

    A line that owes a re-activation fee can pay in the brand's currency only: the fee has no
    price in another.
    """
    brand = version.plan.brand
    own_currency_only = line is not None and reactivation_fee_minor(line) > 0
    prices = sorted(
        version.prices.all(), key=lambda price: (price.currency != brand.currency, price.currency)
    )
    return [
        MethodOffer(
            method,
            price.currency,
            renewal_total_minor(price.amount_minor, line=line) if line else price.amount_minor,
        )
        for method in brand.payment_methods
        for price in prices
        if price.currency in CURRENCIES.get(method, frozenset())
        and (price.currency == brand.currency or not own_currency_only)
    ]
