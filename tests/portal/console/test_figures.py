"""The start page's figures are exact, per currency and per window, and name what needs a person."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Order
from billing.selectors import figures
from billing.selectors.figures import Takings
from messaging.console import page_of
from messaging.models import Message
from messaging.services.outbox import queue_message
from plans.models import Brand, Line
from tests.billing.factories import (
    OrderEventFactory,
    OrderFactory,
    PaymentFactory,
    RefundFactory,
    RenewalFactory,
)
from tests.factories import BrandFactory, LineFactory, PeriodFactory
from tests.messaging.samples import contexts
from tests.portal.console.conftest import NOW, column, links

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MIDNIGHT = NOW.replace(hour=0)


def sold(at: datetime, currency: str = "THB", amount_minor: int = 35_900, **order: Any) -> Order:
    """An order that was opened and paid at one time."""
    made = OrderFactory.create(
        state="effective", currency=currency, total_minor=amount_minor, **order
    )
    Order.objects.filter(pk=made.pk).update(created_at=at, paid_at=at)
    PaymentFactory.create(order=made, state="paid", paid_at=at)
    return made


def dead_message() -> Message:
    """A message that was given up."""
    message = queue_message(
        channel="email",
        address="gone@example.com",
        language="en",
        template="order_in_review",
        context=contexts("en")["order_in_review"],
        dedupe_key="test:dead",
    )
    Message.objects.filter(pk=message.pk).update(state="dead", error="550 no such user")
    return message


def test_takings_are_summed_per_currency_and_window(clock: object) -> None:
    sold(MIDNIGHT, amount_minor=10_000)
    sold(MIDNIGHT - timedelta(seconds=1), amount_minor=2_000)
    sold(MIDNIGHT - 6 * DAY, amount_minor=300)
    sold(MIDNIGHT - 29 * DAY, amount_minor=40)
    sold(MIDNIGHT - 29 * DAY - timedelta(seconds=1), amount_minor=5)
    sold(NOW, currency="CNY", amount_minor=7_200)
    back = sold(NOW, amount_minor=1)
    RefundFactory.create(
        payment=back.payments.get(), amount_minor=1, state="succeeded", succeeded_at=NOW
    )
    RefundFactory.create(payment=sold(NOW - 40 * DAY).payments.get())

    taken = figures.takings(now=NOW)

    assert taken["today"] == [Takings("CNY", 7_200, 0, 1, 0), Takings("THB", 10_001, 1, 2, 0)]
    assert taken["week"] == [Takings("CNY", 7_200, 0, 1, 0), Takings("THB", 12_301, 1, 4, 0)]
    assert taken["month"] == [Takings("CNY", 7_200, 0, 1, 0), Takings("THB", 12_341, 1, 5, 0)]
    assert taken["today"][1].net_minor == 10_000


def test_renewals_count_when_they_became_effective(clock: object) -> None:
    RenewalFactory.create(applied_at=NOW - 2 * DAY, effective_at=NOW - DAY)
    RenewalFactory.create()

    taken = figures.takings(now=NOW)

    assert [row.renewals for row in taken["today"]] == [0]
    assert [row.renewals for row in taken["week"]] == [1]


def test_nothing_sold_is_an_empty_table(clock: object) -> None:
    assert figures.takings(now=NOW) == {"today": [], "week": [], "month": []}


def test_the_charts_count_orders_per_day_and_renewals_per_brand(clock: object) -> None:
    sold(NOW)
    sold(MIDNIGHT - 29 * DAY)
    sold(MIDNIGHT - 30 * DAY)
    renewal = RenewalFactory.create(applied_at=NOW - DAY, effective_at=NOW)
    Order.objects.filter(pk=renewal.order_id).update(created_at=NOW - 60 * DAY)
    idle = BrandFactory.create(position=9)

    days = figures.orders_per_day(now=NOW)
    brands = dict(figures.renewals_per_brand(now=NOW))

    assert len(days) == 30
    assert (days[0], days[-1]) == (("2026-10-23", 1), ("2026-11-21", 1))
    assert brands[renewal.line.brand] == 1
    assert brands[idle] == 0


def test_lines_are_counted_by_state_and_by_their_end(clock: object) -> None:
    brand = BrandFactory.create()
    ending, going_on, ended = (LineFactory.create(brand=brand) for _ in range(3))
    LineFactory.create(brand=brand, state=Line.State.GRACE)
    for line, days in ((ending, 7), (going_on, 3), (ended, 0)):
        PeriodFactory.create(line=line, start_at=NOW - 20 * DAY, end_at=NOW + days * DAY)
    PeriodFactory.create(
        line=going_on, start_at=NOW + 3 * DAY, end_at=NOW + 33 * DAY, state="queued"
    )

    (row,) = figures.lines_per_brand(Brand.objects.filter(pk=brand.pk), now=NOW)

    assert row.states == {"active": 3, "grace": 1}
    assert row.ending == 1


def test_what_needs_a_person_is_counted_and_listed_newest_first(clock: object) -> None:
    quarter = NOW - timedelta(minutes=15)
    OrderFactory.create(state="applied", paid_at=quarter)
    hanging = OrderFactory.create(state="paid", paid_at=quarter - timedelta(seconds=1))
    review = OrderFactory.create(state="in_review", paid_at=NOW - timedelta(hours=1))
    refused = OrderFactory.create(state="applied", paid_at=NOW - timedelta(hours=2))
    OrderEventFactory.create(
        order=refused, kind="network_refused", at=NOW - timedelta(hours=2), detail={"reason": "no"}
    )
    failed = OrderFactory.create(state="refunded")
    OrderEventFactory.create(order=failed, kind="refund_failed", at=NOW - timedelta(hours=3))
    message = dead_message()

    counts = figures.attention(now=NOW)
    tasks = figures.tasks(now=NOW)

    assert counts == figures.Attention(
        hanging=2, in_review=1, refunds_failed=1, refused=1, dead_messages=1
    )
    assert [(task.kind, task.row) for task in tasks] == [
        ("dead", message),
        ("hanging", hanging),
        ("in_review", review),
        ("refused", refused),
        ("refund_failed", failed),
    ]


def test_the_start_page_leads_to_each_thing(staff: Client) -> None:
    order = OrderFactory.create(state="in_review")

    page = staff.get("/admin/")
    tasks = page.context["tasks"]

    assert column(tasks, "what") == ["In review"]
    assert column(tasks, "reason") == ["The amount paid is not the amount due. (wrong_amount)"]
    assert links(tasks) == {page_of(order)}
    assert [figure["count"] for figure in page.context["counts"]] == [0, 1, 0, 0, 0]


def test_the_sidebar_counts_hanging_orders_and_those_in_review(staff: Client) -> None:
    OrderFactory.create(state="paid", paid_at=NOW - timedelta(hours=1))
    OrderFactory.create(state="in_review")
    OrderFactory.create(state="in_review")

    groups = staff.get("/admin/").context["sidebar_navigation"]
    badges = [
        str(item["badge_callback"])
        for group in groups
        for item in group["items"]
        if "badge" in item
    ]

    assert badges == ["1", "2"]
