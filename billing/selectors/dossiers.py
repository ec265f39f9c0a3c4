"""The whole story of a line, an order or a customer, for the staff's pages: rows, read once."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from billing.models import (
    LedgerEntry,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Renewal,
    StripeEvent,
)
from billing.selectors.orders import order_story
from billing.selectors.search import messages_about
from billing.selectors.timeline import Step, explanation, steps
from messaging.models import Message
from plans.models import Line, LineClaim, Period, Reminder, ServiceOrder
from plans.renewability import Refusal, why_line_cannot_renew, why_no_renewal
from plans.selectors.lines import LineView, line_view

# Rows of each table on a page; older ones are found in the lists.
LISTED = 30


@dataclass(frozen=True, slots=True)
class LineDossier:
    """A line with everything that happened to it, newest first."""

    line: Line
    view: LineView
    # Why no plan at all may be bought, else why the plan it has may not be bought again.
    refusal: Refusal | None
    periods: list[Period]
    orders: list[Order]
    network: list[ServiceOrder]
    messages: list[Message]
    reminders: list[Reminder]
    claims: list[LineClaim]
    entries: list[LedgerEntry]


@dataclass(frozen=True, slots=True)
class OrderDossier:
    """An order with everything that hangs on it, oldest first."""

    order: Order
    # What the state means and what comes next, as the customer reads it.
    explanation: str
    steps: list[Step]
    items: list[OrderLine]
    events: list[OrderEvent]
    payments: list[Payment]
    refunds: list[Refund]
    renewal: Renewal | None
    stripe_events: list[StripeEvent]
    messages: list[Message]
    entries: list[LedgerEntry]


@dataclass(frozen=True, slots=True)
class CustomerDossier:
    """What a customer has and bought, newest first."""

    lines: list[Line]
    orders: list[Order]
    messages: list[Message]
    claims: list[LineClaim]


def line_dossier(line: Line, *, now: datetime) -> LineDossier:
    """Return the story of a line; about a dozen queries."""
    view = line_view(line, now=now)
    return LineDossier(
        line=line,
        view=view,
        refusal=_why_not(line, view, now=now),
        periods=list(
            line.periods.select_related("version")
            .prefetch_related("buckets")
            .order_by("-sequence")[:LISTED]
        ),
        orders=_orders(Q(line=line)),
        network=list(line.service_orders.order_by("-pk")[:LISTED]),
        messages=_messages({line.msisdn}, since=line.created_at),
        reminders=list(line.reminders.select_related("period").order_by("-due_at")[:LISTED]),
        claims=list(line.claims.select_related("claimant")[:LISTED]),
        entries=list(
            LedgerEntry.objects.filter(Q(debit__line=line) | Q(credit__line=line))
            .select_related("debit", "credit", "order")
            .order_by("-pk")[:LISTED]
        ),
    )


def _why_not(line: Line, view: LineView, *, now: datetime) -> Refusal | None:
    latest = view.latest
    if latest is None:
        return why_line_cannot_renew(line=line, now=now)
    current = latest.version.plan.current or latest.version
    return why_no_renewal(line=line, version=current, now=now, chain=view.chain)


def order_dossier(order: Order, *, now: datetime) -> OrderDossier:
    """Return the story of an order; about a dozen queries."""
    story = order_story(order.customer, order.number)
    assert story is not None  # noqa: S101 (asked for its own customer)
    payments = list(order.payments.order_by("pk"))
    return OrderDossier(
        order=order,
        explanation=explanation(story),
        steps=steps(story, now=now),
        items=story.items,
        events=story.events,
        payments=payments,
        refunds=list(Refund.objects.filter(payment__order=order).select_related("payment")),
        renewal=Renewal.objects.filter(order=order)
        .select_related("period", "service_order")
        .first(),
        stripe_events=_stripe_events(payments),
        messages=list(messages_about([order]).order_by("pk")[:LISTED]),
        entries=list(order.entries.select_related("debit", "credit").order_by("pk")),
    )


def customer_dossier(customer: User) -> CustomerDossier:
    """Return what a customer has and bought; five queries."""
    addresses = {way for way in (customer.email, customer.phone) if way}
    return CustomerDossier(
        lines=list(customer.lines.select_related("brand", "customer")[:LISTED]),
        orders=_orders(Q(customer=customer)),
        messages=_messages(addresses, since=customer.date_joined),
        claims=list(customer.line_claims.select_related("line__brand")[:LISTED]),
    )


def _orders(condition: Q) -> list[Order]:
    return list(
        Order.objects.filter(condition)
        .select_related("line__brand", "customer")
        .prefetch_related("payments", "lines__version")[:LISTED]
    )


def _messages(addresses: set[str], *, since: datetime) -> list[Message]:
    """Messages to these addresses; numbers are recycled, so none from before `since`."""
    found = Message.objects.filter(address__in=addresses, created_at__gte=since)
    return list(found.order_by("-pk")[:LISTED])


def _stripe_events(payments: list[Payment]) -> list[StripeEvent]:
    """Events about the sessions, payments and refunds of an order."""
    ids = {payment.stripe_session_id for payment in payments}
    ids |= {payment.stripe_payment_intent_id for payment in payments}
    refunds = Refund.objects.filter(payment__in=payments).values("stripe_refund_id")
    about = Q(object_id__in=[one for one in ids if one]) | Q(object_id__in=refunds)
    return list(StripeEvent.objects.filter(about).order_by("created_at", "pk")[:LISTED])
