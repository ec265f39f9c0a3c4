"""One search for everything staff may have before them: a number, a card, a name, any id."""

import re
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.phones import normalise_phone
from billing.models import Order, Payment, Refund, StripeEvent
from messaging.models import Message
from plans.line_search import lines_matching
from plans.models import Line

# Rows of each kind; whoever gets as many should say more.
LISTED = 20
# Shorter terms would find half of everything.
SHORTEST = 2
# Ids that Stripe gives: nothing else looks like them, so nothing else is searched.
STRIPE_ID = re.compile(r"(?:pi|cs|re|pyr|evt|ch)_[A-Za-z0-9_]+")
ORDER_NUMBER = re.compile(r"XK[0-9A-Z]{6,14}", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What a term can mean, each kind newest first."""

    term: str
    lines: list[Line] = field(default_factory=list)
    customers: list[User] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    events: list[StripeEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows were found, of all kinds."""
        kinds: tuple[Sized, ...] = (
            self.lines,
            self.customers,
            self.orders,
            self.payments,
            self.refunds,
            self.events,
            self.messages,
        )
        return sum(map(len, kinds))


def find_anything(term: str) -> Found:
    """Return lines, customers, orders, payments, refunds, events and messages that `term` means.

    A line brings its orders and messages, an order its line, payments and messages, a Stripe id
    its order. About a dozen queries, however much there is.
    """
    term = term.strip()
    if len(term) < SHORTEST:
        return Found(term)
    if STRIPE_ID.fullmatch(term):
        return _by_stripe_id(term)
    if ORDER_NUMBER.fullmatch(term):
        return _of_orders(term, Order.objects.filter(number=term.upper()))
    return _by_person(term)


def _by_person(term: str) -> Found:
    """By number, card, address or name."""
    lines = list(
        Line.objects.filter(lines_matching(term))
        .select_related("brand", "customer")
        .order_by("-pk")[:LISTED]
    )
    people = Q(email__iexact=term) | Q(name__icontains=term)
    numbers = normalise_phone(term, regions=settings.PHONE_REGIONS)
    meant = list(User.objects.filter(people | Q(phone__in=numbers)).order_by("-pk")[:LISTED])
    # Somebody's orders for all lines are told to who asks for the person, not for one line.
    found = _of_orders(
        term,
        Order.objects.filter(
            Q(line__in=[line.pk for line in lines]) | Q(customer__in=[one.pk for one in meant])
        ),
    )
    owners = [line.customer for line in lines if line.customer]
    customers = _distinct([*meant, *owners])
    found.lines, found.customers = lines, customers
    addresses = {term.lower(), *numbers, *(line.msisdn for line in lines)}
    addresses |= {way for one in customers for way in (one.email, one.phone) if way}
    found.messages = list(Message.objects.filter(address__in=addresses).order_by("-pk")[:LISTED])
    return found


def _by_stripe_id(term: str) -> Found:
    payments = Q(stripe_payment_intent_id=term) | Q(stripe_session_id=term)
    events = StripeEvent.objects.filter(Q(event_id=term) | Q(object_id=term))
    named = [event.object_id for event in events if event.event_id == term]
    payments |= Q(stripe_payment_intent_id__in=named) | Q(stripe_session_id__in=named)
    payments |= Q(refunds__stripe_refund_id__in=[term, *named])
    found = _of_orders(
        term, Order.objects.filter(payments__in=Payment.objects.filter(payments)).distinct()
    )
    found.events = list(events.order_by("-pk")[:LISTED])
    return found


def _of_orders(term: str, orders: QuerySet[Order]) -> Found:
    """Orders with all that hangs on them."""
    rows = list(
        orders.select_related("line__brand", "customer").prefetch_related(
            "payments", "lines__version"
        )[:LISTED]
    )
    ids = [order.pk for order in rows]
    return Found(
        term,
        lines=_distinct(order.line for order in rows),
        customers=_distinct(order.customer for order in rows),
        orders=rows,
        payments=list(Payment.objects.filter(order__in=ids).select_related("order__line")[:LISTED]),
        refunds=list(
            Refund.objects.filter(payment__order__in=ids).select_related("payment__order")[:LISTED]
        ),
        messages=list(messages_about(rows)[:LISTED]),
    )


def messages_about(orders: list[Order]) -> QuerySet[Message]:
    """Messages that name one of the orders, newest first; found by address, then by number."""
    addresses = {order.line.msisdn for order in orders}
    addresses |= {order.customer.email for order in orders if order.customer.email}
    return Message.objects.filter(
        address__in=addresses, context__order_number__in=[order.number for order in orders]
    ).order_by("-pk")


def _distinct(rows: Any) -> list[Any]:
    return list({row.pk: row for row in rows}.values())
