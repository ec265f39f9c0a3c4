"""The payments as a table: own orders only, safe in a spreadsheet, the same cost for a thousand."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing.exports import inert_cell
from plans.models import Brand, Line
from tests.billing.factories import OrderFactory, PaymentFactory, RefundFactory
from tests.billing.pages.conftest import read
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory

pytestmark = pytest.mark.django_db

URL = "/orders/export.csv"
HEADER = [
    "Order number",
    "Ordered",
    "Paid",
    "Confirmed by the network",
    "Line",
    "Brand",
    "Plan",
    "Total",
    "Currency",
    "Tax included",
    "Way to pay",
    "State",
    "Refunded",
]


def table(client: Client, **filters: Any) -> list[list[str]]:
    """The rows behind the header."""
    answer = client.get(URL, filters)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    header, *rows = csv.reader(io.StringIO(text))
    assert header == HEADER
    return rows


def test_visitor_is_sent_to_the_log_in(client: Client) -> None:
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"


def test_table_holds_what_a_customer_has_to_prove(own: Client, line: Line) -> None:
    at = datetime(2026, 11, 21, 3, 4, 5, 678, tzinfo=UTC)
    payment = PaymentFactory.create(
        state="paid", paid_at=at, order__line=line, order__state="effective"
    )
    order = payment.order
    order.lines.update(tax_minor=2_349)
    type(order).objects.update(created_at=at, paid_at=at, effective_at=at)
    Brand.objects.update(name_en="Hongka")
    assert table(own) == [
        [
            order.number,
            "2026-11-21T10:04:05+07:00",
            "2026-11-21T10:04:05+07:00",
            "2026-11-21T10:04:05+07:00",
            "'+66 81 234 5678",
            "Hongka",
            "Monthly 20 GB",
            "359.00",
            "THB",
            "23.49",
            "Bank card",
            "Renewed and effective",
            "0.00",
        ]
    ]


def test_file_opens_in_a_spreadsheet_and_is_kept_nowhere(own: Client, line: Line) -> None:
    PaymentFactory.create(order__line=line)
    answer = own.get(URL)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="xuka-20261121.csv"'
    assert "no-store" in answer.headers["Cache-Control"]
    text = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert text.startswith(b"\xef\xbb\xbfOrder number,")
    assert text.count(b"\r\n") == 2


def test_table_speaks_the_reader_s_language(own: Client, line: Line) -> None:
    own.cookies["django_language"] = "zh-hans"
    PaymentFactory.create(order__line=line)
    text = b"".join(own.get(URL).streaming_content).decode()  # type: ignore[attr-defined]
    assert "订单号" in text.splitlines()[0]
    assert "月度套餐 20GB" in text
    assert "品牌" in text


def test_only_own_orders_are_exported(own: Client, line: Line) -> None:
    mine = PaymentFactory.create(order__line=line).order
    PaymentFactory.create(order__line=LineFactory.create(brand=line.brand))
    assert [row[0] for row in table(own)] == [mine.number]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_hostile_names_are_made_inert(own: Client, line: Line, hostile: str) -> None:
    order = OrderFactory.create(line=line, plan=False)
    version = PlanVersionFactory.create(plan__brand=line.brand, name_en=hostile)
    order.lines.create(kind="plan", version=version, amount_minor=35_900)
    PaymentFactory.create(order=order)
    Brand.objects.update(name_en=hostile)
    row = table(own)[0]
    assert row[5:7] == [f"'{hostile}"] * 2


@pytest.mark.parametrize("harmless", ["", "Monthly", "1-2", "a=b", "'=1"])
def test_harmless_cells_stay_as_they_are(harmless: str) -> None:
    assert inert_cell(harmless) == harmless


def test_money_that_went_back_stands_in_its_column(own: Client, line: Line) -> None:
    payment = PaymentFactory.create(
        state="refunded",
        order__line=line,
        order__state="refunded",
        order__paid_at=datetime.now(UTC),
    )
    RefundFactory.create(payment=payment, state="succeeded", amount_minor=10_050)
    row = table(own)[0]
    assert (row[11], row[12]) == ("Refunded", "100.50")


def test_refund_on_its_way_is_not_back_yet(own: Client, line: Line) -> None:
    payment = PaymentFactory.create(state="refunding", order__line=line, order__state="refunded")
    RefundFactory.create(payment=payment)
    row = table(own)[0]
    assert (row[11], row[12]) == ("Money goes back to you", "0.00")


def test_paid_method_counts_and_further_tries_make_no_rows(own: Client, line: Line) -> None:
    order = OrderFactory.create(line=line, state="paid")
    PaymentFactory.create(order=order, state="paid")
    PaymentFactory.create(order=order, state="expired")
    RefundFactory.create(payment=order.payments.first(), state="succeeded", amount_minor=100)
    RefundFactory.create(
        payment=order.payments.last(), state="succeeded", amount_minor=50, reason="paid_twice"
    )
    rows = table(own)
    assert [(row[10], row[12]) for row in rows] == [("Bank card", "1.50")]


def test_filters_narrow_the_table_too(own: Client, line: Line, customer: User) -> None:
    other = LineFactory.create(customer=customer, brand=BrandFactory.create())
    first = PaymentFactory.create(order__line=line, order__state="effective").order
    second = PaymentFactory.create(order__line=other).order
    assert [row[0] for row in table(own)] == [second.number, first.number]
    assert [row[0] for row in table(own, line=other.public_id)] == [second.number]
    assert [row[0] for row in table(own, state="done")] == [first.number]
    assert table(own, line=other.public_id, state="done") == []
    assert table(own, year=2026) != []


@pytest.mark.parametrize("wrong", [{"line": "X"}, {"state": "x"}, {"year": "1999"}, {"year": "x"}])
def test_unknown_filter_exports_nothing_and_says_so(
    own: Client, line: Line, wrong: dict[str, str]
) -> None:
    PaymentFactory.create(order__line=line)
    answer = own.get(URL, wrong)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders/")
    assert "There is no such filter, so nothing was exported." in read(own, "/orders/")


@pytest.mark.parametrize("orders", [1, 40])
def test_table_costs_the_same_queries_however_long(
    own: Client,
    line: Line,
    orders: int,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    version = PlanVersionFactory.create(plan__brand=line.brand)
    for _ in range(orders):
        order = OrderFactory.create(line=line, plan=False)
        order.lines.create(kind="plan", version=version, amount_minor=35_900)
        PaymentFactory.create(order=order)
    with django_assert_max_num_queries(5):
        assert len(table(own)) == orders
