"""Payment records: own orders, narrowed by line, state and year, page by page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Order, Payment
from billing.sandbox.server import SandboxServer
from billing.services.settlement import settle_payment
from plans.models import Line, PlanVersion
from tests.billing.factories import OrderFactory, PaymentFactory
from tests.billing.pages.conftest import read
from tests.factories import LineFactory

OrderFor = Callable[..., Order]

pytestmark = pytest.mark.django_db


def test_records_list_own_orders_newest_first(
    own: Client, order: Order, order_for: OrderFor, line: Line
) -> None:
    newer = order_for(line, currency="CNY")
    other = order_for(LineFactory.create(brand=line.brand))
    text = read(own, "/orders/")
    assert text.index(newer.number) < text.index(order.number)
    assert other.number not in text
    assert "¥72" in text
    assert "ending 5678" in text


def test_records_of_a_new_customer_are_empty_and_say_so(stranger: Client) -> None:
    stranger.cookies["django_language"] = "en"
    assert "No payments yet" in read(stranger, "/orders/")


def test_records_are_paged(own: Client, order: Order) -> None:
    order_page = read(own, "/orders/?page=99")
    assert order.number in order_page
    assert order.number in read(own, "/orders/?page=x")


def test_pager_keeps_the_filter(own: Client, line: Line, version: PlanVersion) -> None:
    for _ in range(21):
        made = OrderFactory.create(line=line, plan=False)
        made.lines.create(kind="plan", version=version, amount_minor=35_900)
        PaymentFactory.create(order=made)
    text = read(own, f"/orders/?line={line.public_id}&state=open")
    assert f'href="?line={line.public_id}&amp;state=open&amp;page=2">Older<' in text
    second = read(own, f"/orders/?line={line.public_id}&state=open&page=2")
    assert second.count('class="cover"') == 1
    assert "Page 2 of 2" in second


def test_records_can_be_narrowed_by_line_state_and_year(
    own: Client, line: Line, version: PlanVersion
) -> None:
    other = LineFactory.create(customer=line.customer, brand=line.brand)
    first = PaymentFactory.create(order__line=line, order__state="effective").order
    second = PaymentFactory.create(order__line=other).order
    old = datetime(2025, 12, 31, 17, 30, tzinfo=UTC)
    Order.objects.filter(pk=second.pk).update(created_at=old)

    def listed(query: str) -> set[str]:
        return set(re.findall(r'class="cover" href="/orders/(\w+)/"', read(own, query)))

    assert listed("/orders/") == {first.number, second.number}
    assert listed(f"/orders/?line={other.public_id}") == {second.number}
    assert listed("/orders/?state=done") == {first.number}
    assert listed("/orders/?state=closed") == set()
    # The last evening of the year in UTC is the new year in Bangkok.
    assert listed("/orders/?year=2026") == {first.number, second.number}
    Order.objects.filter(pk=second.pk).update(created_at=old - timedelta(hours=1))
    assert listed("/orders/?year=2025") == {second.number}


def test_narrowed_list_without_match_says_how_to_see_more(own: Client, order: Order) -> None:
    text = read(own, "/orders/?state=refunded")
    assert "No payment fits" in text
    assert 'href="/orders/">Show all payments</a>' in text


@pytest.mark.parametrize("query", ["line=NOTMINE", "state=x", "year=1999", "year=x", "year=٢٠٢٦"])
def test_unknown_filter_is_named_and_hides_nothing(own: Client, order: Order, query: str) -> None:
    text = read(own, f"/orders/?{query}")
    assert "Select a valid choice." in text
    assert order.number in text


def test_filters_name_only_own_lines(own: Client, order: Order) -> None:
    other = LineFactory.create(msisdn="+66899999999")
    OrderFactory.create(line=other)
    text = read(own, "/orders/")
    assert "ending 5678</option>" in text
    assert "9999" not in text


def test_row_of_a_paid_order_has_its_proof_and_its_method(
    own: Client, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    assert "Proof of payment" not in read(own, "/orders/")
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=datetime.now(UTC))
    url = f"/orders/{order.number}/"
    text = read(own, "/orders/")
    assert f'class="proof" href="{url}#proof">Proof of payment' in text
    assert "Bank card" in text
    assert 'id="proof"' in read(own, url)


def test_list_costs_the_same_queries_however_long(
    own: Client,
    line: Line,
    version: PlanVersion,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for _ in range(20):
        made = OrderFactory.create(line=line, plan=False)
        made.lines.create(kind="plan", version=version, amount_minor=35_900)
        PaymentFactory.create(order=made)
    with django_assert_max_num_queries(6):
        assert own.get("/orders/").content.count(b'class="cover"') == 20
