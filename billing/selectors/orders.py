"""Orders as the customer reads them: rows of a list, and one order with its story."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from billing.models import Order, OrderEvent, OrderLine, Payment, Refund, Renewal
from billing.models.orders import OrderQuerySet
from plans.models import Line, PlanVersion

State = Order.State


@dataclass(frozen=True, slots=True)
class StateWords:
    """An order's state for people: one word, its tone, its icon."""

    word: StrOrPromise
    # ok, warn, bad or off.
    tone: str
    icon: str


STATE_WORDS = {
    State.AWAITING_PAYMENT.value: StateWords(_("Waiting for your payment"), "warn", "clock"),
    State.PAID.value: StateWords(_("Paid"), "ok", "check"),
    State.APPLIED.value: StateWords(_("Paid, being activated"), "ok", "renew"),
    State.EFFECTIVE.value: StateWords(_("Renewed and effective"), "ok", "check"),
    State.CREDITED.value: StateWords(_("Credited to your balance"), "ok", "check"),
    State.REFUNDED.value: StateWords(_("Refund"), "off", "back"),
    State.EXPIRED.value: StateWords(_("Expired, not paid"), "off", "clock"),
    State.CANCELLED.value: StateWords(_("Cancelled"), "off", "cross"),
    State.IN_REVIEW.value: StateWords(_("Being checked by us"), "warn", "info"),
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    order: Order
    line: Line
    version: PlanVersion
    words: StateWords


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order with everything its page tells."""

    order: Order
    line: Line
    version: PlanVersion
    items: list[OrderLine]
    # The attempt that counts: the paid one, else the newest; None where nobody may see it.
    payment: Payment | None
    # All events, oldest first.
    events: list[OrderEvent]
    renewal: Renewal | None
    refunds: list[Refund]

    @property
    def words(self) -> StateWords:
        """The state for people; a refund is told apart from one that is on its way."""
        words = STATE_WORDS[self.order.state]
        if self.order.state != State.REFUNDED:
            return words
        is_back = self.refunded is not None
        return replace(words, word=_("Refunded") if is_back else _("Money goes back to you"))

    @property
    def refunded(self) -> OrderEvent | None:
        """When the money went back; nothing while it has not, or after a bank sent it back."""
        sent = self.event(OrderEvent.Kind.REFUNDED)
        failed = self.event(OrderEvent.Kind.REFUND_FAILED)
        return None if sent and failed and failed.at >= sent.at else sent

    def event(self, kind: OrderEvent.Kind) -> OrderEvent | None:
        """The newest event of a kind."""
        return next((event for event in reversed(self.events) if event.kind == kind), None)

    @property
    def ends_at(self) -> datetime:
        """The end (exclusive): what the line got, else what was promised."""
        return self.renewal.period.end_at if self.renewal else self.order.promised_end_at

    @property
    def starts_at(self) -> datetime:
        """The start: what the line got, else what was promised."""
        return self.renewal.period.start_at if self.renewal else self.order.promised_start_at

    @property
    def tax_minor(self) -> int:
        """Tax within the total."""
        return sum(item.tax_minor for item in self.items)


def order_row(item: OrderLine, *, line: Line) -> OrderRow:
    """A row from an order's plan line, whose order and version are read."""
    assert item.version is not None  # noqa: S101 (constraint billing_order_line_plan)
    return OrderRow(item.order, line, item.version, STATE_WORDS[item.order.state])


def order_story(customer: User, number: str) -> OrderStory | None:
    """One order of the customer with its story, or None; six queries."""
    return _story(Order.objects.owned_by(customer).filter(number=number))


def link_story(token: str, line: Line) -> OrderStory | None:
    """The order opened by a renewal link: the newest that was paid, else the newest; or None.

    Told to whoever holds the link, hence without the payment: no card, no way to pay (G13, G14).
    """
    orders = Order.objects.filter(line=line, link_token=token)
    story = _story(orders.order_by(F("paid_at").desc(nulls_last=True), "-pk"))
    return story and replace(story, payment=None)


def _story(orders: OrderQuerySet) -> OrderStory | None:
    order = (
        orders.select_related("line__brand")
        .prefetch_related("lines__version__plan", "payments__refunds", "events")
        .first()
    )
    if order is None:
        return None
    items = list(order.lines.all())
    version = next(item.version for item in items if item.version is not None)
    payments = list(order.payments.all())
    paid = [payment for payment in payments if payment.paid_at]
    return OrderStory(
        order=order,
        line=order.line,
        version=version,
        items=items,
        payment=next(iter([*paid, *payments]), None),
        events=list(order.events.all()),
        renewal=_renewal(order),
        refunds=[refund for payment in payments for refund in payment.refunds.all()],
    )


def _renewal(order: Order) -> Renewal | None:
    return Renewal.objects.filter(order=order).select_related("period", "service_order").first()
