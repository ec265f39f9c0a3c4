"""The customer's orders as a list that can be narrowed: rows, filters, what there is to choose."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from billing.models import Order, OrderLine, Payment, Refund
from billing.selectors.orders import STATE_WORDS, StateWords
from plans.models import Line, PlanVersion
from plans.validity import local_midnight

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

State = Order.State


@dataclass(frozen=True, slots=True)
class Group:
    """States that mean the same to somebody who looks for an order."""

    label: StrOrPromise
    states: tuple[Order.State, ...]


GROUPS = {
    "open": Group(
        _("Under way"), (State.AWAITING_PAYMENT, State.PAID, State.APPLIED, State.IN_REVIEW)
    ),
    "done": Group(_("Done"), (State.EFFECTIVE, State.CREDITED)),
    "refunded": Group(_("Refunds"), (State.REFUNDED,)),
    "closed": Group(_("Not paid"), (State.EXPIRED, State.CANCELLED)),
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What to list; empty values narrow nothing. `line` is a public id, `group` a key of GROUPS,
    `year` counts in the zone of each order's brand."""

    line: str = ""
    group: str = ""
    year: int | None = None


class Facts(TypedDict):
    """What a row tells beside the order's own fields, read in the same query."""

    # Method of the payment that counts: the paid one, else the newest.
    method: str
    # Tax within the total.
    order_tax_minor: int
    # What has gone back for good.
    refunded_minor: int


# Quoted: only the type checker knows it.
type HistoryItem = "WithAnnotations[OrderLine, Facts]"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One order in the list of payments."""

    order: Order
    line: Line
    version: PlanVersion
    words: StateWords
    method: StrOrPromise
    tax_minor: int
    refunded_minor: int


def order_history(customer: User, wanted: OrderFilter) -> QuerySet[HistoryItem]:
    """The plan lines of the customer's own orders, newest first, ready for `history_row`.

    One query however many orders; read in pages or by `iterator()`.
    """
    items = OrderLine.objects.filter(order__customer=customer, kind=OrderLine.Kind.PLAN)
    if wanted.line:
        items = items.filter(order__line__public_id=wanted.line)
    if wanted.group:
        items = items.filter(order__state__in=GROUPS[wanted.group].states)
    if wanted.year is not None:
        items = items.filter(_in_year(wanted.year, lines_ordered_for(customer)))
    return (
        items.select_related("order__line__brand", "version")
        .annotate(
            method=_method(),
            order_tax_minor=_tax(),
            refunded_minor=Coalesce(_refunded(), 0),
        )
        .order_by("-order__pk")
    )


def history_row(item: HistoryItem) -> HistoryRow:
    """A row from an item of `order_history`; no query."""
    assert item.version is not None  # noqa: S101 (constraint billing_order_line_plan)
    order = item.order
    words = STATE_WORDS[order.state]
    if order.state == State.REFUNDED:
        word = _("Refunded") if item.refunded_minor else _("Money goes back to you")
        words = replace(words, word=word)
    return HistoryRow(
        order=order,
        line=order.line,
        version=item.version,
        words=words,
        method=Payment.Method(item.method).label,
        tax_minor=item.order_tax_minor,
        refunded_minor=item.refunded_minor,
    )


def lines_ordered_for(customer: User) -> list[Line]:
    """The lines that the customer has ordered for, also those that are no longer theirs."""
    return list(
        Line.objects.filter(pk__in=customer.orders.values("line"))
        .select_related("brand")
        .order_by("brand__position", "pk")
    )


def years_of_orders(customer: User, lines: Iterable[Line], *, now: datetime) -> list[int]:
    """The years from the first order to this one, newest first, by the zones of the brands."""
    first = customer.orders.aggregate(first=Min("created_at"))["first"]
    zones = {line.brand.zone for line in lines}
    if first is None or not zones:
        return []
    begin = min(first.astimezone(zone).year for zone in zones)
    end = max(now.astimezone(zone).year for zone in zones)
    return list(range(end, begin - 1, -1))


def _in_year(year: int, lines: Iterable[Line]) -> Q:
    """Orders of one year, each by the zone of its own brand."""
    found = Q(pk__in=[])
    for name in {line.brand.time_zone for line in lines}:
        zone = ZoneInfo(name)
        found |= Q(
            order__line__brand__time_zone=name,
            order__created_at__gte=local_midnight(date(year, 1, 1), zone),
            order__created_at__lt=local_midnight(date(year + 1, 1, 1), zone),
        )
    return found


def _method() -> Subquery:
    unpaid = ExpressionWrapper(Q(paid_at__isnull=True), output_field=BooleanField())
    payments = Payment.objects.filter(order=OuterRef("order")).order_by(unpaid, "-pk")
    return Subquery(payments.values("method")[:1])


def _tax() -> Subquery:
    items = OrderLine.objects.filter(order=OuterRef("order")).order_by().values("order")
    return Subquery(items.annotate(total=Sum("tax_minor")).values("total"))


def _refunded() -> Subquery:
    refunds = Refund.objects.filter(payment__order=OuterRef("order"), state=Refund.State.SUCCEEDED)
    by_order = refunds.order_by().values("payment__order")
    return Subquery(by_order.annotate(total=Sum("amount_minor")).values("total"))
