"""Ordering and paying by a renewal link: one order, back to the link, money as everywhere else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from billing.models import Order, OrderEvent, Payment, Refund
from billing.sandbox.server import SandboxServer
from billing.services.books import check_books
from billing.services.checkout import session_request
from billing.services.renewals import push_renewal
from billing.services.settlement import settle_payment
from plans.models import Bucket, Line, Period, Price
from plans.renewal_links import renewal_token
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.billing.pages.test_order_pages import state, timeline
from tests.factories import PeriodFactory, PlanVersionFactory

pytestmark = pytest.mark.django_db

CARD = {"pay": "card:THB", "seen": "35900:2026-12-26"}
MB = 1024**2


@pytest.fixture
def opened(visitor: Client, sandbox: SandboxServer, link: str) -> Order:
    """An order that somebody with the link has opened."""
    assert visitor.post(link, CARD).status_code == 303
    return Order.objects.get()


def pay(sandbox: SandboxServer, payment: Payment) -> None:
    sandbox.pay(payment.stripe_session_id or "")


def settle(payment: Payment) -> None:
    settle_payment(payment_id=payment.pk, now=datetime.now(UTC))


def test_ordering_is_in_the_owner_s_name_and_leads_to_the_hosted_page(
    visitor: Client, sandbox: SandboxServer, link: str, period: Period, customer: User
) -> None:
    answer = visitor.post(link, CARD)
    order = Order.objects.get()
    payment = order.payments.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, payment.checkout_url)
    assert (order.customer, order.line, order.language) == (customer, period.line, "en")
    assert (order.total_minor, order.currency) == (35_900, "THB")
    assert order.link_token == renewal_token(period)
    assert order.events.get().by == "link"


def test_hosted_page_leads_back_to_the_link_and_names_only_the_number_s_end(
    sandbox: SandboxServer, link: str, opened: Order
) -> None:
    payment = opened.payments.get()
    session = sandbox.session(payment.stripe_session_id or "")
    assert session["success_url"] == (
        f"http://testserver{link}return/?session={{CHECKOUT_SESSION_ID}}"
    )
    assert session["cancel_url"] == f"http://testserver{link}"
    names = [item.name for item in session_request(payment).items]
    assert names == ["Monthly 20 GB · ending 5678"]


def test_double_click_makes_one_order(
    visitor: Client, sandbox: SandboxServer, link: str, opened: Order
) -> None:
    page = opened.payments.get().checkout_url
    assert [visitor.post(link, CARD).headers["Location"] for _ in range(2)] == [page] * 2
    assert Order.objects.count() == Payment.objects.count() == 1
    assert [seen[0] for seen in sandbox.requests] == ["POST"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"pay": ""},
        {"pay": "card"},
        {"pay": "card:JPY"},
        {"pay": "cash:THB"},
        {"seen": "35800:2026-12-26"},
        {"seen": "35900:2026-12-25"},
    ],
)
def test_wrong_or_stale_form_gets_a_sentence_and_no_order(
    visitor: Client, sandbox: SandboxServer, link: str, wrong: dict[str, str]
) -> None:
    answer = visitor.post(link, {**CARD, **wrong})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert 'data-testid="confirm-order"' in answer.content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_unreachable_provider_keeps_the_order_at_the_link(
    visitor: Client, link: str, settings: LazySettings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = visitor.post(link, CARD, follow=True)
    assert answer.redirect_chain == [(link, 303)]
    text = answer.content.decode()
    assert "Nothing was charged and your order is kept" in text
    assert state(text) == "awaiting_payment"


def test_giving_up_leads_back_to_pay_the_same_order(
    visitor: Client, link: str, opened: Order
) -> None:
    text = read(visitor, link)
    assert state(text) == "awaiting_payment"
    assert 'data-testid="pay">Continue to pay ฿359<' in text
    assert f'name="order" value="{opened.number}"' in text
    answer = visitor.post(link, {"order": opened.number})
    assert answer.headers["Location"] == opened.payments.get().checkout_url
    assert Order.objects.count() == 1


def test_link_does_not_open_the_owner_s_own_orders(
    visitor: Client, link: str, line: Line, order_for: Callable[..., Order]
) -> None:
    own = order_for(line)
    assert own.number not in read(visitor, link)
    answer = visitor.post(link, {"order": own.number})
    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    assert Payment.objects.count() == 1


def test_way_to_pay_can_be_changed_while_the_order_waits(
    visitor: Client, link: str, opened: Order
) -> None:
    assert f'href="{link}?again=1">Change the way to pay</a>' in read(visitor, link)
    text = read(visitor, f"{link}?again=1")
    assert 'href="?pay=card:CNY&amp;again=1"' in text
    visitor.post(link, {"pay": "card:CNY", "seen": "7200:2026-12-26"})
    newer = Order.objects.latest("pk")
    assert (newer.currency, newer.total_minor) == ("CNY", 7_200)
    assert newer.number in read(visitor, link)


def test_order_whose_promise_is_over_is_offered_anew(
    visitor: Client, clock: time_machine.Traveller, link: str, opened: Order
) -> None:
    clock.shift(timedelta(minutes=34))
    Price.objects.filter(currency="THB").update(amount_minor=36_900)
    answer = visitor.post(link, {"order": opened.number})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Price or dates have changed since this order." in text
    assert "Confirm order · ฿369" in text
    assert Payment.objects.count() == 1


def test_closed_order_gives_way_to_a_new_one(visitor: Client, link: str, opened: Order) -> None:
    Order.objects.update(state="expired")
    text = read(visitor, link)
    assert f"The earlier order {opened.number} has closed without a payment" in text
    assert "Confirm order · ฿359" in text
    live = read(visitor, f"{link}state/")
    assert state(live) == "expired"
    assert f'href="{link}">Order again</a>' in live


def test_coming_back_settles_and_shows_only_this_order(
    visitor: Client, sandbox: SandboxServer, link: str, opened: Order, customer: User
) -> None:
    pay(sandbox, opened.payments.get())
    answer = visitor.get(f"{link}return/?session=cs_test_forged")
    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    text = read(visitor, link)
    assert state(text) == "applied"
    assert timeline(text) == [
        ("ordered", "done"),
        ("paid", "done"),
        ("applied", "done"),
        ("effective", "now"),
    ]
    for words in (opened.number, "By the link of a reminder", "฿359.00", "26 Dec 23:59 (Bangkok)"):
        assert words in text
    private = ("4242", "Visa", "+66812345678", customer.name, "/orders/", opened.line.public_id)
    assert [one for one in private if one in text] == []
    assert 'data-testid="confirm-order"' not in text


def test_page_follows_the_order_until_it_is_effective(
    visitor: Client,
    clock: time_machine.Traveller,
    sandbox: SandboxServer,
    link: str,
    opened: Order,
) -> None:
    pay(sandbox, opened.payments.get())
    visitor.get(f"{link}return/")
    assert f'hx-get="{link}state/?n=1" hx-trigger="every 2s"' in read(visitor, link)
    assert f'hx-get="{link}state/?n=16" hx-trigger="every 5s"' in read(
        visitor, f"{link}state/?n=15"
    )
    last = read(visitor, f"{link}state/?n=40")
    assert "hx-get" not in last
    assert "The owner of the line gets a message when it is done" in last
    opened.refresh_from_db()
    for _ in range(3):
        clock.shift(timedelta(seconds=30))
        push_renewal(renewal_id=opened.renewal.pk, now=datetime.now(UTC))
    text = read(visitor, link)
    assert state(text) == "effective"
    assert "hx-get" not in text
    assert "<html" not in read(visitor, f"{link}state/")


def test_state_of_a_link_without_order_leads_to_the_link(visitor: Client, link: str) -> None:
    answer = visitor.get(f"{link}state/")
    assert (answer.status_code, answer.headers["Location"]) == (303, link)


def test_coming_back_believes_the_provider_and_nothing_else(
    visitor: Client, link: str, opened: Order
) -> None:
    visitor.get(f"{link}return/?session=cs_test_forged&status=paid")
    assert state(read(visitor, link)) == "awaiting_payment"


def test_coming_back_without_provider_says_that_it_goes_on(
    visitor: Client, link: str, opened: Order, settings: LazySettings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    text = visitor.get(f"{link}return/", follow=True).content.decode()
    assert "We could not ask for the result of your payment yet." in text
    assert state(text) == "awaiting_payment"


def test_paid_link_takes_no_second_order(
    visitor: Client, sandbox: SandboxServer, link: str, opened: Order
) -> None:
    pay(sandbox, opened.payments.get())
    settle(opened.payments.get())
    for form in (CARD, {"order": opened.number}):
        visitor.post(link, form)
    assert Order.objects.count() == Payment.objects.count() == 1
    assert state(read(visitor, f"{link}?again=1")) == "applied"


def test_order_paid_twice_by_the_link_gives_the_second_payment_back(
    visitor: Client,
    clock: time_machine.Traveller,
    sandbox: SandboxServer,
    link: str,
    opened: Order,
) -> None:
    first = opened.payments.get()
    clock.shift(timedelta(minutes=34))
    visitor.post(link, {"order": opened.number})
    second = opened.payments.exclude(pk=first.pk).get()
    pay(sandbox, second)
    pay(sandbox, first)
    visitor.get(f"{link}return/")
    refund = Refund.objects.get()
    assert refund.reason == "paid_twice"
    opened.refresh_from_db()
    assert opened.state == Order.State.APPLIED
    assert Period.objects.count() == 2
    assert "The order was paid twice" in read(visitor, link)
    assert check_books() == []


def test_late_money_by_the_link_counts(
    visitor: Client, sandbox: SandboxServer, link: str, opened: Order
) -> None:
    Order.objects.update(state="expired")
    pay(sandbox, opened.payments.get())
    visitor.get(f"{link}return/")
    text = read(visitor, link)
    assert state(text) == "applied"
    assert "arrived after the order had closed; it counts" in text
    assert opened.events.filter(kind=OrderEvent.Kind.LATE_PAYMENT).count() == 1


def test_link_and_owner_paying_at_once_are_both_honoured_and_the_second_is_marked(
    visitor: Client,
    sandbox: SandboxServer,
    link: str,
    line: Line,
    opened: Order,
    order_for: Callable[..., Order],
) -> None:
    own = order_for(line)
    assert own != opened
    for order in (own, opened):
        pay(sandbox, order.payments.get())
        settle(order.payments.get())
        order.refresh_from_db()
    assert (own.is_possible_duplicate, opened.is_possible_duplicate) == (False, True)
    assert Period.objects.count() == 3
    assert "Possible duplicate." in read(visitor, link)
    assert check_books() == []


def test_owner_finds_the_link_s_order_among_the_own_ones(own: Client, opened: Order) -> None:
    assert opened.number in read(own, "/orders/")
    text = read(own, f"/orders/{opened.number}/")
    assert "By the link of a reminder" in text


@pytest.fixture
def replacing(line: Line, period: Period) -> str:
    """The link of a plan that replaces a period of which little is left."""
    version = PlanVersionFactory.create(plan__brand=line.brand, early_renewal="replace")
    Period.objects.filter(pk=period.pk).update(version=version)
    Bucket.objects.filter(kind="data").update(used=20 * 1024 * MB - 100 * MB)
    period.refresh_from_db()
    return f"/r/{renewal_token(period)}/"


def test_loss_is_shown_without_the_use_and_must_be_agreed_to(
    visitor: Client, sandbox: SandboxServer, replacing: str
) -> None:
    text = read(visitor, replacing)
    assert "You lose the rest of the running period" in text
    assert "6 days" in text
    assert "100 MB" not in text
    form = {"pay": "card:THB", "seen": "35900:2026-12-20:1"}
    refused = visitor.post(replacing, form).content.decode()
    assert "Please tick the box first. Nothing has been ordered." in refused
    assert Order.objects.count() == 0
    assert visitor.post(replacing, {**form, "agree": "on"}).status_code == 303
    item = Order.objects.get().lines.get()
    assert (item.mode, item.replaces) == ("replace", Period.objects.get())


def test_period_that_waits_behind_forbids_nothing_else(visitor: Client, link: str) -> None:
    """The line's older link says that it is renewed, the newest one sells."""
    first = Period.objects.get()
    second = PeriodFactory.create(line=first.line, version=first.version, start_at=first.end_at)
    assert "renewed already" in read(visitor, link)
    assert "until 25 Jan 2027" in read(visitor, f"/r/{renewal_token(second)}/")
    assert second.start_at > NOW
