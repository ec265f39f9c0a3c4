"""How the shop stands: money and work in figures, and what needs a person. For the console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.models import Order, OrderEvent, Payment, Refund, Renewal
from messaging.models import Message
from plans.models import Brand, Line, Period

# Paid and not in service for longer than this: somebody should know why.
HANGING_AFTER = timedelta(minutes=15)
# Lines whose plan ends within this are about to be lost or renewed.
ENDING_WITHIN = timedelta(days=7)
# Days of the charts, today included.
CHART_DAYS = 30
# Rows of each kind in the list of what needs a person.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of days up to now, today included, counted by the day in UTC."""

    key: str
    days: int

    def since(self, now: datetime) -> datetime:
        """The midnight in UTC with which it begins."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=self.days - 1)


WINDOWS = (Window("today", 1), Window("week", 7), Window("month", 30))


@dataclass(frozen=True, slots=True)
class Takings:
    """What came in and went back in one currency within one window; minor units."""

    currency: str
    paid_minor: int
    refunded_minor: int
    orders: int
    renewals: int

    @property
    def net_minor(self) -> int:
        """What stayed."""
        return self.paid_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class BrandLines:
    """How many lines of a brand are in each state, and how many plans end soon."""

    brand: Brand
    states: dict[str, int]
    ending: int


@dataclass(frozen=True, slots=True)
class Attention:
    """How much there is of each thing that needs a person."""

    hanging: int
    in_review: int
    refunds_failed: int
    refused: int
    dead_messages: int


def takings(*, now: datetime) -> dict[str, list[Takings]]:
    """What came in per window and currency, currencies in alphabetical order; four queries."""
    paid = _per_window(Payment.objects.all(), "currency", "paid_at", Sum, "amount_minor", now=now)
    back = _per_window(
        Refund.objects.filter(state=Refund.State.SUCCEEDED),
        "currency",
        "succeeded_at",
        Sum,
        "amount_minor",
        now=now,
    )
    orders = _per_window(Order.objects.all(), "currency", "created_at", Count, "pk", now=now)
    renewals = _per_window(
        Renewal.objects.all(), "order__currency", "effective_at", Count, "pk", now=now
    )
    currencies = sorted(paid.keys() | back.keys() | orders.keys() | renewals.keys())
    return {
        window.key: [
            Takings(
                currency=currency,
                paid_minor=_of(paid, currency, window),
                refunded_minor=_of(back, currency, window),
                orders=_of(orders, currency, window),
                renewals=_of(renewals, currency, window),
            )
            for currency in currencies
        ]
        for window in WINDOWS
    }


def _per_window(
    rows: QuerySet[Any], currency: str, moment: str, measure: Any, what: str, *, now: datetime
) -> dict[str, dict[str, Any]]:
    """Measures of the rows by currency, one for each window; one query."""
    longest = max(WINDOWS, key=lambda window: window.days)
    measures = {
        window.key: measure(what, filter=Q(**{f"{moment}__gte": window.since(now)}))
        for window in WINDOWS
    }
    found = (
        rows.filter(**{f"{moment}__gte": longest.since(now), f"{moment}__lte": now})
        .order_by()
        .values(code=F(currency))
        .annotate(**measures)
    )
    return {row["code"]: row for row in found}


def _of(rows: dict[str, dict[str, Any]], currency: str, window: Window) -> int:
    return int(rows.get(currency, {}).get(window.key) or 0)


def orders_per_day(*, now: datetime) -> list[tuple[str, int]]:
    """Days in UTC of the last 30, oldest first, each with the orders opened; one query."""
    counts = dict(
        Order.objects.filter(created_at__gte=Window("", CHART_DAYS).since(now), created_at__lte=now)
        .order_by()
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    return [(day.isoformat(), counts.get(day, 0)) for day in days]


def renewals_per_brand(*, now: datetime) -> list[tuple[Brand, int]]:
    """Every brand with its effective renewals of the last 30 days; two queries."""
    counts = dict(
        Renewal.objects.filter(
            effective_at__gte=Window("", CHART_DAYS).since(now), effective_at__lte=now
        )
        .order_by()
        .values_list("line__brand")
        .annotate(count=Count("pk"))
    )
    return [(brand, counts.get(brand.pk, 0)) for brand in Brand.objects.all()]


def lines_per_brand(brands: Iterable[Brand], *, now: datetime) -> list[BrandLines]:
    """Lines of each brand by state, and those whose paid time ends within a week; two queries."""
    by_state: dict[int, dict[str, int]] = {}
    states = Line.objects.order_by().values_list("brand", "state").annotate(count=Count("pk"))
    for brand_id, state, count in states:
        by_state.setdefault(brand_id, {})[state] = count
    ends = Max(
        "periods__end_at",
        filter=Q(periods__is_parallel=False) & ~Q(periods__state=Period.State.CANCELLED),
    )
    ending = (
        Line.objects.exclude(state=Line.State.TERMINATED)
        .order_by()
        .annotate(ends_at=ends)
        .filter(ends_at__gt=now, ends_at__lte=now + ENDING_WITHIN)
        .values("pk")
    )
    counts = Line.objects.filter(pk__in=ending).order_by().values_list("brand")
    soon = dict(counts.annotate(count=Count("pk")))
    return [
        BrandLines(brand, by_state.get(brand.pk, {}), soon.get(brand.pk, 0)) for brand in brands
    ]


def hanging_orders(*, now: datetime) -> QuerySet[Order]:
    """Orders whose money arrived more than 15 minutes ago and which are not in service."""
    return Order.objects.filter(
        state__in=[Order.State.PAID, Order.State.APPLIED], paid_at__lt=now - HANGING_AFTER
    )


def orders_in_review() -> QuerySet[Order]:
    """Orders whose payment did not fit."""
    return Order.objects.filter(state=Order.State.IN_REVIEW)


def orders_refused() -> QuerySet[Order]:
    """Orders that the network will never take by itself."""
    refused = OrderEvent.objects.filter(order=OuterRef("pk"), kind=OrderEvent.Kind.NETWORK_REFUSED)
    return Order.objects.filter(Exists(refused), state=Order.State.APPLIED)


def failed_refunds() -> QuerySet[OrderEvent]:
    """Refunds that did not reach the customer: refused at once, or sent back by a bank later."""
    return OrderEvent.objects.filter(kind=OrderEvent.Kind.REFUND_FAILED)


def dead_messages() -> QuerySet[Message]:
    """Messages that were given up."""
    return Message.objects.filter(state=Message.State.DEAD)


def attention(*, now: datetime) -> Attention:
    """Count what needs a person; five queries."""
    return Attention(
        hanging=hanging_orders(now=now).count(),
        in_review=orders_in_review().count(),
        refunds_failed=failed_refunds().count(),
        refused=orders_refused().count(),
        dead_messages=dead_messages().count(),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that needs a person: which row, why, since when."""

    kind: str
    row: Order | Message
    reason: str
    since: datetime


def tasks(*, now: datetime) -> list[Task]:
    """What needs a person, newest first, at most 20 of each kind; five queries.

    An order that the network refused is told as such and not once more as hanging.
    """
    orders = _latest_events(orders_refused(), OrderEvent.Kind.NETWORK_REFUSED)
    refused = {event.order_id for event in orders}
    hanging = hanging_orders(now=now).exclude(pk__in=refused)
    found = [
        *(Task("refused", event.order, _reason(event), event.at) for event in orders),
        *(
            Task("hanging", order, "", order.paid_at or order.created_at)
            for order in _listed(hanging, "-paid_at")
        ),
        *(
            Task("in_review", order, order.review_reason, order.paid_at or order.created_at)
            for order in _listed(orders_in_review(), "-pk")
        ),
        *(
            Task("refund_failed", event.order, _reason(event), event.at)
            for event in failed_refunds()
            .select_related("order__line__brand")
            .order_by("-at")[:LISTED]
        ),
        *(
            Task("dead", message, message.error, message.created_at)
            for message in dead_messages().order_by("-pk")[:LISTED]
        ),
    ]
    return sorted(found, key=lambda task: task.since, reverse=True)


def _listed(orders: QuerySet[Order], order_by: str) -> QuerySet[Order]:
    return orders.select_related("line__brand").order_by(order_by)[:LISTED]


def _latest_events(orders: QuerySet[Order], kind: OrderEvent.Kind) -> list[OrderEvent]:
    return list(
        OrderEvent.objects.filter(kind=kind, order__in=orders)
        .select_related("order__line__brand")
        .order_by("-at")[:LISTED]
    )


def _reason(event: OrderEvent) -> str:
    return str(event.detail.get("reason", ""))
