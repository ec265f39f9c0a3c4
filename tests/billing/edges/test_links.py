"""Renewal links and open orders when the line changes hands, and what no form ever sends."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client

from billing.errors import CheckoutRefused
from billing.exports import inert_cell
from billing.models import Order, Payment, Refund
from billing.sandbox.server import SandboxServer
from billing.services.books import check_books
from billing.services.checkout import resume_checkout
from billing.services.settlement import settle_payment
from messaging.models import Message
from plans.models import Line
from plans.renewal_links import renewal_token
from tests.factories import PeriodFactory, UserFactory

Clock = time_machine.Traveller
NUL = "XK\x00"


@pytest.fixture
def link(clock: Clock, line: Line) -> str:
    """The address that a reminder of the running plan carries."""
    start_at = datetime(2026, 10, 27, 17, tzinfo=UTC)
    period = PeriodFactory.create(
        line=line, version=line.brand.plans.get().current, start_at=start_at
    )
    return f"/r/{renewal_token(period)}/"


def test_an_order_number_that_no_database_can_hold_leads_back_to_the_link(
    client: Client, link: str
) -> None:
    answer = client.post(link, {"order": NUL})

    assert (answer.status_code, answer.headers["Location"]) == (303, link)


@pytest.mark.parametrize("token", ["2-\x00", "\x00-2", "2-é", "²-2", "2-" + "z" * 4000, "-", "--"])
def test_no_token_makes_an_error(client: Client, link: str, token: str) -> None:
    for end in ("", "state/", "return/"):
        assert client.get(f"/r/{quote(token)}/{end}").status_code == 404


def test_what_the_former_owner_ordered_can_no_longer_be_paid(
    clock: Clock, sandbox: SandboxServer, order: Order, line: Line
) -> None:
    Payment.objects.update(state="failed")
    Line.objects.filter(pk=line.pk).update(customer=UserFactory.create())

    with pytest.raises(CheckoutRefused):
        resume_checkout(order=order, return_base="http://testserver", now=datetime.now(UTC))

    assert Payment.objects.count() == 1


def test_odd_queries_of_the_link_are_no_error(client: Client, link: str) -> None:
    for query in ("?pay=%00", "?pay=%ff", "?again=%00", "?pay=" + "9" * 3000):
        assert client.get(link + query).status_code == 200
    for data in (
        {"pay": "\x00"},
        {"pay": "card:THB", "seen": "\x00"},
        {"pay": "card:ＴＨＢ"},
        {"pay": "card:USD"},
    ):
        assert client.post(link, data).status_code == 409
    assert not Order.objects.exists()


def test_odd_plans_of_the_renewal_are_no_error(client: Client, clock: Clock, line: Line) -> None:
    assert line.customer is not None
    client.force_login(line.customer)
    for query in ("?plan=%00", "?plan=%00&pay=card:THB", "?plan=X&pay=%00", "?plan=X&pay-X=%00"):
        assert client.get(f"/lines/{line.public_id}/renew/{query}").status_code in {200, 302, 303}
    assert client.get("/orders/export.csv?line=%00").status_code == 303
    assert client.get("/orders/export.csv?year=%00").status_code == 303
    assert client.get("/orders/export.csv?year=99999999999").status_code == 303


@pytest.mark.parametrize("begin", ["\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_cell_that_a_chinese_spreadsheet_would_run_is_inert(begin: str) -> None:
    assert inert_cell(f"{begin}1+1") == f"'{begin}1+1"


def test_money_of_the_former_owner_goes_back_and_the_line_gets_nothing(
    clock: Clock, sandbox: SandboxServer, order: Order, line: Line
) -> None:
    payment = order.payments.get()
    sandbox.pay(payment.stripe_session_id or "")
    Line.objects.filter(pk=line.pk).update(customer=UserFactory.create())

    settle_payment(payment_id=payment.pk, now=datetime.now(UTC))

    order.refresh_from_db()
    line.refresh_from_db()
    assert order.state == Order.State.REFUNDED
    assert Refund.objects.get().reason == Refund.Reason.NOT_APPLICABLE
    assert (line.periods.count(), line.balance_minor) == (0, 0)
    assert not Message.objects.filter(address=line.msisdn).exists()
    assert check_books() == []


def test_page_of_a_line_that_has_just_moved_orders_nothing(
    clock: Clock, line: Line, order_for: Callable[..., Order]
) -> None:
    Line.objects.filter(pk=line.pk).update(customer=UserFactory.create())

    with pytest.raises(CheckoutRefused):
        order_for(line)

    assert not Order.objects.exists()
