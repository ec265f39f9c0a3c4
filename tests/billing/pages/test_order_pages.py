"""Payment records and the order page: the story in words, live until it is final, owner only."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from billing.models import Order, OrderEvent, Payment
from billing.sandbox.server import SandboxServer
from billing.services.orders import record_event
from billing.services.renewals import push_renewal
from billing.services.settlement import settle_payment
from plans.models import Brand, Line, ServiceOrder
from tests.billing.conftest import NOW
from tests.billing.factories import PaymentFactory
from tests.billing.pages.conftest import read
from tests.factories import PeriodFactory

OrderFor = Callable[..., Order]
Settled = Callable[..., Order]

pytestmark = pytest.mark.django_db

NO_FUNDS = "4000000000009995"


@pytest.fixture
def url(order: Order) -> str:
    return f"/orders/{order.number}/"


@pytest.fixture
def paid(sandbox: SandboxServer, order: Order, payment: Payment) -> Settled:
    """Pay the order on the stand-in and settle it."""

    def pay(**how: Any) -> Order:
        sandbox.pay(payment.stripe_session_id or "", **how)
        settle_payment(payment_id=payment.pk, now=datetime.now(UTC))
        order.refresh_from_db()
        return order

    return pay


def state(text: str) -> str:
    """The value of data-state."""
    found = re.search(r'data-testid="order-state" data-state="(\w+)"', text)
    assert found
    return found.group(1)


def timeline(text: str) -> list[tuple[str, str]]:
    """The steps as (key, mark)."""
    return [(key, mark) for mark, key in re.findall(r'<li class="(\w+)" data-step="(\w+)"', text)]


@pytest.mark.parametrize("path", ["", "state/", "return/"])
def test_only_the_owner_sees_an_order(
    client: Client, stranger: Client, url: str, path: str
) -> None:
    assert client.get(url + path).headers["Location"] == f"/accounts/login/?next={url}{path}"
    assert stranger.get(url + path).status_code == 404


@pytest.mark.parametrize("path", ["pay/", "cancel/"])
def test_only_the_owner_can_pay_or_cancel(
    client: Client, stranger: Client, order: Order, url: str, path: str
) -> None:
    assert client.post(url + path).headers["Location"].startswith("/accounts/login/")
    assert stranger.post(url + path).status_code == 404
    order.refresh_from_db()
    assert order.state == Order.State.AWAITING_PAYMENT


@pytest.mark.parametrize("path", ["pay/", "cancel/"])
def test_link_alone_changes_nothing(own: Client, order: Order, url: str, path: str) -> None:
    assert own.get(url + path).status_code == 405
    order.refresh_from_db()
    assert order.state == Order.State.AWAITING_PAYMENT


def test_unpaid_order_offers_to_pay_change_or_cancel(own: Client, url: str, line: Line) -> None:
    text = read(own, url)
    assert state(text) == "awaiting_payment"
    assert timeline(text) == [
        ("ordered", "done"),
        ("paid", "now"),
        ("applied", "todo"),
        ("effective", "todo"),
    ]
    assert 'data-testid="pay">Continue to pay ฿359<' in text
    assert f'href="/lines/{line.public_id}/renew/?plan=' in text
    assert "Cancel the order" in text
    assert "kept for you until 21 Nov 10:35" in text


def test_continue_to_pay_leads_to_the_open_hosted_page(
    own: Client, url: str, payment: Payment
) -> None:
    payment.refresh_from_db()
    answer = own.post(f"{url}pay/")
    assert (answer.status_code, answer.headers["Location"]) == (303, payment.checkout_url)
    assert Payment.objects.count() == 1


def test_declined_card_is_told_in_words(own: Client, url: str, paid: Settled) -> None:
    paid(card=NO_FUNDS)
    text = read(own, url)
    assert "The last try did not go through; nothing was charged." in text
    assert "There is not enough money on the card." in text
    assert 'data-testid="pay"' in text


def test_cancelled_order_says_nothing_was_charged_and_offers_a_new_one(
    own: Client, order: Order, url: str
) -> None:
    assert own.post(f"{url}cancel/").headers["Location"] == url
    text = read(own, url)
    assert state(text) == "cancelled"
    assert timeline(text) == [("ordered", "done"), ("paid", "stop")]
    assert "Order again" in text
    assert 'data-testid="pay"' not in text
    assert "hx-get" not in text


def test_cancelling_twice_is_told_and_changes_nothing(own: Client, order: Order, url: str) -> None:
    own.post(f"{url}cancel/")
    assert "can no longer be cancelled" in own.post(f"{url}cancel/", follow=True).content.decode()
    assert order.events.filter(kind=OrderEvent.Kind.CANCELLED).count() == 1


def test_closed_order_cannot_be_paid_from_an_old_page(own: Client, order: Order, url: str) -> None:
    own.post(f"{url}cancel/")
    answer = own.post(f"{url}pay/", follow=True)
    assert "This order can no longer be paid." in answer.content.decode()
    assert Payment.objects.count() == 1


def test_return_page_believes_the_provider_and_nothing_else(
    own: Client, order: Order, url: str
) -> None:
    answer = own.get(f"{url}return/?session=cs_test_forged&status=paid")
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    order.refresh_from_db()
    assert order.state == Order.State.AWAITING_PAYMENT


def test_return_page_settles_what_was_paid(
    own: Client, sandbox: SandboxServer, order: Order, payment: Payment, url: str
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    text = own.get(f"{url}return/", follow=True).content.decode()
    assert state(text) == "applied"
    assert timeline(text) == [
        ("ordered", "done"),
        ("paid", "done"),
        ("applied", "done"),
        ("effective", "now"),
    ]
    assert "Visa card ending 4242" in text
    assert "Waiting for the network" in text


def test_return_page_without_provider_shows_the_order_all_the_same(
    own: Client, url: str, settings: LazySettings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    text = own.get(f"{url}return/", follow=True).content.decode()
    assert "We could not ask for the result of your payment yet." in text
    assert state(text) == "awaiting_payment"


def test_next_try_at_the_network_is_told(own: Client, url: str, paid: Settled) -> None:
    paid()
    ServiceOrder.objects.update(next_try_at=NOW + timedelta(minutes=5))
    assert "Next try at 10:05:00, then again until it answers" in read(own, url)


def test_refusal_by_the_network_is_told_without_alarm(own: Client, url: str, paid: Settled) -> None:
    record_event(paid(), OrderEvent.Kind.NETWORK_REFUSED, at=NOW, reason="barred")
    text = read(own, url)
    assert "Please do not pay again." in text
    assert timeline(text)[-1] == ("effective", "stop")
    assert "barred" not in text


def test_effective_order_ends_the_waiting_and_leads_home(
    own: Client,
    clock: time_machine.Traveller,
    url: str,
    line: Line,
    paid: Settled,
) -> None:
    order = paid()
    for _ in range(3):
        clock.shift(timedelta(seconds=30))
        push_renewal(renewal_id=order.renewal.pk, now=datetime.now(UTC))
    text = read(own, url)
    assert state(text) == "effective"
    assert [mark for _key, mark in timeline(text)] == ["done"] * 4
    assert f'href="/lines/{line.public_id}/">Back to the account, valid until 20 Dec</a>' in text
    for asking in ("hx-get", 'http-equiv="refresh"', "htmx"):
        assert asking not in text


def test_waiting_page_asks_again_and_more_slowly(own: Client, url: str) -> None:
    assert f'hx-get="{url}state/?n=1" hx-trigger="every 2s"' in read(own, url)
    assert '<noscript><meta http-equiv="refresh"' in read(own, url)
    assert f'hx-get="{url}state/?n=15" hx-trigger="every 2s"' in read(own, f"{url}state/?n=14")
    assert f'hx-get="{url}state/?n=16" hx-trigger="every 5s"' in read(own, f"{url}state/?n=15")
    last = read(own, f"{url}state/?n=40")
    assert "hx-get" not in last
    assert "This is taking longer than usual." in last


@pytest.mark.parametrize("given", ["", "-1", "x", "٣", "99999"])
def test_counter_of_the_page_may_be_anything(own: Client, url: str, given: str) -> None:
    assert own.get(f"{url}state/", {"n": given}).status_code == 200


def test_live_part_is_no_whole_page(own: Client, url: str) -> None:
    text = read(own, f"{url}state/")
    assert "<html" not in text
    assert state(text) == "awaiting_payment"


def test_order_in_review_asks_for_patience(own: Client, order: Order, url: str) -> None:
    Order.objects.update(state="in_review", review_reason="wrong_amount")
    record_event(order, OrderEvent.Kind.IN_REVIEW, at=NOW, reason="wrong_amount")
    text = read(own, url)
    assert "Please do not pay again" in text
    assert timeline(text) == [("ordered", "done"), ("paid", "now")]
    assert "wrong_amount" not in text
    assert "hx-get" not in text


def test_refund_is_told_step_by_step(own: Client, url: str, line: Line, paid: Settled) -> None:
    Line.objects.update(state="terminated")
    order = paid()
    assert order.state == Order.State.REFUNDED
    text = read(own, url)
    assert "Money goes back to you" in text
    assert timeline(text)[-2:] == [("refund_started", "done"), ("refunded", "now")]
    record_event(order, OrderEvent.Kind.REFUNDED, at=NOW)
    assert timeline(read(own, url))[-1] == ("refunded", "done")
    assert ">Refunded</h2>" in read(own, url)


def test_failed_refund_is_told(own: Client, url: str, paid: Settled) -> None:
    Line.objects.update(state="terminated")
    record_event(paid(), OrderEvent.Kind.REFUND_FAILED, at=NOW, reason="closed account")
    text = read(own, url)
    assert timeline(text)[-1] == ("refunded", "stop")
    assert "closed account" not in text


def test_refund_that_the_bank_sent_back_is_told(own: Client, url: str, paid: Settled) -> None:
    Line.objects.update(state="terminated")
    order = paid()
    record_event(order, OrderEvent.Kind.REFUNDED, at=NOW)
    record_event(order, OrderEvent.Kind.REFUND_FAILED, at=NOW + timedelta(days=1), reason="x")
    text = read(own, url)
    assert timeline(text)[-1] == ("refunded", "stop")
    assert ">Refunded</h2>" not in text


def test_credited_order_names_the_sum(own: Client, url: str, paid: Settled, line: Line) -> None:
    """The line is paid so far ahead that money arriving now becomes balance."""
    for number in range(5):
        start = NOW + timedelta(days=300 * number)
        PeriodFactory.create(line=line, start_at=start, end_at=start + timedelta(days=300))
    assert paid().state == Order.State.CREDITED
    text = read(own, url)
    assert "฿359 added" in text
    assert timeline(text) == [("ordered", "done"), ("paid", "done"), ("credited", "done")]


def test_late_money_is_explained(own: Client, url: str, paid: Settled, order: Order) -> None:
    Order.objects.update(state="expired")
    paid()
    assert "arrived after the order had closed; it counts" in read(own, url)


@pytest.mark.parametrize(
    ("order_state", "events", "words"),
    [
        ("awaiting_payment", [], "Unpaid, the order closes by itself."),
        ("paid", [], "It is booked within a minute."),
        ("applied", [], "If it has not by 22 Nov 10:00, you can have your money back."),
        ("applied", ["network_refused"], "A person decides and a message tells you the result, by"),
        ("effective", [], "There is nothing more to do."),
        ("credited", [], "The balance stays with the number."),
        ("refunded", [], "your bank, which books it within ten working days."),
        ("refunded", ["refunded"], "books it within ten working days, so by 5 Dec."),
        ("refunded", ["refund_failed"], "the result, by 22 Nov 10:00 at the latest."),
        ("expired", ["expired"], "Should a payment still arrive, it counts, or it goes back"),
        ("cancelled", ["cancelled"], "Should a payment still arrive, it counts, or it goes back"),
        ("in_review", ["in_review"], "Please do not pay again. A person decides"),
    ],
)
def test_every_state_says_what_happens_next_and_by_when(
    own: Client, line: Line, order_state: str, events: list[str], words: str
) -> None:
    order = PaymentFactory.create(order__line=line, order__state=order_state).order
    for kind in events:
        record_event(order, OrderEvent.Kind(kind), at=NOW)
    text = read(own, f"/orders/{order.number}/")
    assert "What happens next" in text
    assert words in text


@pytest.mark.parametrize(
    ("order_state", "event"),
    [("applied", ""), ("applied", "network_refused"), ("in_review", "in_review")],
)
def test_promise_that_was_not_kept_is_admitted(
    own: Client, clock: time_machine.Traveller, line: Line, order_state: str, event: str
) -> None:
    order = PaymentFactory.create(order__line=line, order__state=order_state).order
    if event:
        record_event(order, OrderEvent.Kind(event), at=NOW)
    clock.shift(timedelta(hours=25))
    text = read(own, f"/orders/{order.number}/")
    assert "It should have been done by 22 Nov 10:00." in text
    assert "name the order number" in text


def test_period_that_waits_says_when_it_starts(own: Client, line: Line) -> None:
    PeriodFactory.create(line=line, start_at=NOW - timedelta(days=10))
    order = PaymentFactory.create(order__line=line, order__state="effective").order
    Order.objects.update(
        promised_start_at=NOW + timedelta(days=20), promised_end_at=NOW + timedelta(days=50)
    )
    text = read(own, f"/orders/{order.number}/")
    assert "The plan starts by itself on Fri 11 Dec" in text


def test_refund_after_the_renewal_is_not_blamed_on_the_line(own: Client, line: Line) -> None:
    order = PaymentFactory.create(
        order__line=line, order__state="refunded", order__applied_at=NOW
    ).order
    text = read(own, f"/orders/{order.number}/")
    assert "The renewal was taken back" in text
    assert "could not take the plan" not in text


def test_order_page_leads_to_the_line_and_can_be_printed(own: Client, url: str, line: Line) -> None:
    text = read(own, url)
    assert f'class="link nw" href="/lines/{line.public_id}/">+66 81 234 5678</a>' in text
    assert "/static/css/order.css" in text


def test_maintenance_is_told_while_there_is_something_to_pay(
    own: Client, url: str, paid: Settled
) -> None:
    Brand.objects.update(
        maintenance_from_at=NOW - timedelta(hours=1), maintenance_until_at=NOW + timedelta(hours=1)
    )
    assert "Until 21 Nov 11:00 (Bangkok) you can look at everything" in read(own, url)
    paid()
    assert "maintenance" not in read(own, url)


def test_possible_duplicate_is_explained(own: Client, url: str) -> None:
    Order.objects.update(is_possible_duplicate=True)
    assert "Possible duplicate." in read(own, url)
    assert "Both count, one after the other." in read(own, url)
    assert "possible duplicate" in read(own, "/orders/")


def test_buyer_who_no_longer_owns_the_line_sees_the_order_but_no_way_to_it(
    own: Client, url: str, line: Line
) -> None:
    Line.objects.update(customer=None)
    text = read(own, url)
    assert state(text) == "awaiting_payment"
    assert f"/lines/{line.public_id}/" not in text


def test_order_page_needs_few_queries(
    own: Client, url: str, paid: Settled, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    paid()
    with django_assert_max_num_queries(10):
        own.get(url)
