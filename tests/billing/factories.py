"""Factories for what billing/ stores: rows as they stand, without the rules that write them.

A test of a rule calls the rule; these are for tests that only need a row to be there.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from billing.models import (
    LedgerAccount,
    LedgerEntry,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Renewal,
    StripeEvent,
)
from tests.factories import LineFactory, PeriodFactory, PlanVersionFactory, ServiceOrderFactory

# A Saturday morning in Bangkok; the demo's own day.
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAID = ("paid", "applied", "effective", "credited")


class OrderFactory(DjangoModelFactory[Order]):
    """An order of ฿359 for a plan of 30 days, waiting for payment; `state="effective"` is done.

    `plan=False` leaves its only line away.
    """

    class Meta:
        model = Order
        skip_postgeneration_save = True

    line = SubFactory(LineFactory)
    customer = SelfAttribute("line.customer")
    currency = "THB"
    total_minor = 35_900
    promised_start_at = AT
    promised_end_at = LazyAttribute(lambda order: order.promised_start_at + timedelta(days=30))
    language = "en"
    expires_at = AT + timedelta(minutes=35)
    paid_at = LazyAttribute(lambda order: AT if order.state in PAID else None)
    applied_at = LazyAttribute(
        lambda order: AT if order.state in {"applied", "effective"} else None
    )
    effective_at = LazyAttribute(lambda order: AT if order.state == "effective" else None)
    state = Order.State.AWAITING_PAYMENT
    review_reason = LazyAttribute(lambda o: "wrong_amount" if o.state == "in_review" else "")

    @post_generation
    def plan(self: Any, create: object, extracted: object, **_more: object) -> None:
        """Give the order the line of its plan."""
        if create and extracted is not False:
            OrderLineFactory.create(order=self)


class OrderLineFactory(DjangoModelFactory[OrderLine]):
    """The plan of an order, at the order's whole price."""

    class Meta:
        model = OrderLine

    order = SubFactory(OrderFactory, plan=False)
    kind = OrderLine.Kind.PLAN
    version = LazyAttribute(
        lambda item: PlanVersionFactory.create(plan__brand=item.order.line.brand)
    )
    amount_minor = SelfAttribute("order.total_minor")


class OrderEventFactory(DjangoModelFactory[OrderEvent]):
    """The first step of an order's story."""

    class Meta:
        model = OrderEvent

    order = SubFactory(OrderFactory)
    kind = OrderEvent.Kind.ORDERED
    at = AT
    by = "customer"


class PaymentFactory(DjangoModelFactory[Payment]):
    """A card payment whose hosted page is open; `state="paid"` is done."""

    class Meta:
        model = Payment

    order = SubFactory(OrderFactory)
    method = Payment.Method.CARD
    state = Payment.State.PENDING
    currency = SelfAttribute("order.currency")
    amount_minor = SelfAttribute("order.total_minor")
    return_base = "http://testserver"
    expires_at = SelfAttribute("order.expires_at")
    stripe_session_id = Sequence(lambda n: f"cs_test_{n}")
    checkout_url = "https://checkout.stripe.com/c/pay/cs_test"
    paid_at = LazyAttribute(
        lambda payment: AT if payment.state in {"paid", "refunding", "refunded"} else None
    )
    next_try_at = AT


class RefundFactory(DjangoModelFactory[Refund]):
    """The whole sum of a paid payment, about to go back."""

    class Meta:
        model = Refund

    payment = SubFactory(PaymentFactory, state="paid")
    reason = Refund.Reason.PAID_TWICE
    amount_minor = SelfAttribute("payment.amount_minor")
    currency = SelfAttribute("payment.currency")
    succeeded_at = LazyAttribute(lambda refund: AT if refund.state == "succeeded" else None)
    state = Refund.State.CREATED
    next_try_at = AT


class RenewalFactory(DjangoModelFactory[Renewal]):
    """What an applied order became, not confirmed by the network yet."""

    class Meta:
        model = Renewal

    order = SubFactory(OrderFactory, state="applied")
    line = SelfAttribute("order.line")
    period = LazyAttribute(lambda renewal: PeriodFactory.create(line=renewal.line))
    service_order = LazyAttribute(lambda made: ServiceOrderFactory.create(period=made.period))
    applied_at = AT


class LedgerAccountFactory(DjangoModelFactory[LedgerAccount]):
    """Money in baht that Stripe holds."""

    class Meta:
        model = LedgerAccount

    code = Sequence(lambda n: f"cash:{n}:THB")
    kind = LedgerAccount.Kind.CASH
    currency = "THB"


class LedgerEntryFactory(DjangoModelFactory[LedgerEntry]):
    """One baht from one account to another."""

    class Meta:
        model = LedgerEntry

    key = Sequence(lambda n: f"test:{n}")
    debit = SubFactory(LedgerAccountFactory)
    credit = SubFactory(LedgerAccountFactory)
    amount_minor = 100
    currency = SelfAttribute("debit.currency")


class StripeEventFactory(DjangoModelFactory[StripeEvent]):
    """A stored event that waits to be processed."""

    class Meta:
        model = StripeEvent

    event_id = Sequence(lambda n: f"evt_{n}")
    type = "checkout.session.completed"
    api_version = "2026-10-28.endive"
    livemode = False
    object_id = "cs_test_1"
    body = LazyAttribute(lambda event: {"id": event.event_id, "type": event.type})
    created_at = AT
    next_try_at = AT
