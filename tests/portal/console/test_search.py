"""Seven questions of the people on the phone, each answered by one search and one click at most."""

from datetime import timedelta

import pytest
from django.test import Client

from billing.models import LedgerEntry, Order, StripeEvent
from messaging.console import Section, page_of
from messaging.models import Message
from messaging.services.delivery import deliver_due
from plans.models import Line
from tests.billing.factories import RefundFactory, StripeEventFactory
from tests.factories import PeriodFactory
from tests.portal.console.conftest import NOW, column, links, tables

URL = "/admin/search/"


def search(staff: Client, term: str) -> dict[str, Section]:
    """What a search shows, table by table."""
    page = staff.get(URL, {"q": term})
    assert page.status_code == 200
    return tables(page)


def opened(staff: Client, order: Order) -> dict[str, Section]:
    """The tables of an order's page."""
    return tables(staff.get(page_of(order)))


def test_who_paid_this_order_and_with_what(staff: Client, order: Order) -> None:
    found = search(staff, order.number.lower())

    assert column(found["Orders"], "order") == [order.number]
    assert column(found["Orders"], "customer") == ["王芳"]
    assert column(found["Orders"], "paid with") == ["Bank card / Visa 4242"]
    assert column(found["Orders"], "total") == ["฿359.00"]
    assert column(found["Orders"], "state") == ["Effective"]


def test_why_it_is_not_effective(staff: Client, hanging: Order) -> None:
    found = search(staff, hanging.number)
    assert column(found["Orders"], "state") == ["Applied"]

    story = opened(staff, hanging)
    assert column(story["Where it stands"], "state") == ["done", "done", "done", "under way"]
    assert column(story["Where it stands"], "step")[-1] == "Confirmed by the network"
    assert column(story["Renewal and network"], "state") == ["To be sent"]
    assert column(story["Renewal and network"], "effective at") == ["–"]
    assert column(story["Timeline"], "event") == ["Ordered", "Paid", "Applied"]
    assert column(story["Timeline"], "detail")[1] == "฿359.00 / Bank card / Visa 4242"


def test_why_it_is_not_effective_when_the_network_refused(staff: Client, hanging: Order) -> None:
    hanging.events.create(kind="network_refused", at=NOW, detail={"reason": "unknown subscriber"})

    story = opened(staff, hanging)

    assert column(story["Timeline"], "detail")[-1] == "unknown subscriber"
    assert column(story["Where it stands"], "state")[-1] == "stopped"


def test_which_messages_went_out_and_whether_they_were_sent(staff: Client, order: Order) -> None:
    before = column(search(staff, order.number)["Messages"], "state")
    deliver_due(now=NOW + timedelta(minutes=1))
    found = search(staff, order.number)["Messages"]

    assert before == ["waiting to be sent"] * 2
    assert sorted(column(found, "recipient")) == ["+66812345678", "wang@example.com"]
    assert column(found, "state") == ["kept in the outbox"] * 2
    assert column(found, "template") == ["renewal_effective"] * 2
    assert links(found) == {
        page_of(message) for message in Message.objects.filter(context__order_number=order.number)
    }


@pytest.mark.parametrize(
    "term",
    ["081-234-5678", "+66 81 234 5678", "０８１２３４５６７８", "5678", "8966010000000000010"],
)
def test_whose_number_is_this_and_until_when(staff: Client, order: Order, term: str) -> None:
    found = search(staff, term)
    line = found["Lines"]

    assert column(line, "number") == ["+66 81 234 5678"]
    assert column(line, "customer") == ["王芳"]
    assert column(line, "state") == ["Active"]
    assert column(line, "valid until") == ["2026-11-27 03:00:00"]
    assert page_of(order.line) in links(line)
    assert order.number in column(found["Orders"], "order")


def test_a_person_is_found_by_name_and_address_with_all_lines(staff: Client, shop: None) -> None:
    for term in ("王芳", "WANG@example.com"):
        found = search(staff, term)
        assert column(found["Customers"], "name") == ["王芳"]
        assert len(column(found["Lines"], "number")) == 3
        assert len(column(found["Orders"], "order")) == 2


def test_the_last_digits_of_one_line_do_not_tell_of_the_others(staff: Client, order: Order) -> None:
    found = search(staff, "8966010000000000010")

    assert column(found["Orders"], "order") == [order.number]


def test_which_stripe_payment_belongs_to_the_order_and_the_reverse(
    staff: Client, order: Order
) -> None:
    payment = order.payments.get()
    event = StripeEventFactory.create(object_id=payment.stripe_session_id)
    refund = RefundFactory.create(payment=payment, stripe_refund_id="re_test_1")
    intent, session = payment.stripe_payment_intent_id, payment.stripe_session_id

    assert column(search(staff, order.number)["Payment attempts"], "payment at Stripe") == [intent]
    for term in (intent, session, refund.stripe_refund_id, event.event_id):
        assert term is not None
        found = search(staff, term)
        assert column(found["Orders"], "order") == [order.number]
        assert column(found["Refunds"], "refund at Stripe") == ["re_test_1"]
    assert column(search(staff, event.event_id)["Stripe events"], "event") == [event.event_id]
    assert column(opened(staff, order)["Stripe events"], "event") == [event.event_id]
    assert StripeEvent.objects.count() == 1


def test_where_the_money_of_this_order_is(staff: Client, order: Order) -> None:
    entries = opened(staff, order)["Ledger entries"]

    assert column(entries, "debit account") == ["cash:stripe:THB", "prepaid:hongka:THB"]
    assert column(entries, "credit account") == ["prepaid:hongka:THB", "revenue:hongka:THB"]
    assert column(entries, "amount") == ["฿359.00", "฿359.00"]
    assert links(entries) >= {page_of(entry) for entry in LedgerEntry.objects.filter(order=order)}


def test_what_is_queued_on_this_line_and_why_it_cannot_renew(staff: Client, hanging: Order) -> None:
    PeriodFactory.create(
        line=hanging.line,
        version=hanging.lines.get().version,
        start_at=NOW + timedelta(days=6),
        state="queued",
    )
    Line.objects.filter(pk=hanging.line_id).update(is_blocked=True)
    found = search(staff, "+12135550147")
    assert column(found["Lines"], "state") == ["Blocked"]

    story = tables(staff.get(page_of(hanging.line)))
    seen = story["As the customer sees it"]
    assert column(seen, "can be renewed now") == [
        "No: This line is blocked. Customer service tells you why and can lift the block."
    ]
    assert column(story["Periods"], "state") == ["Queued", "Active"]
    assert column(seen, "queued periods") == ["1"]
    assert column(seen, "paid until") == ["2026-12-27 10:00:00"]
    assert column(story["Orders"], "state") == ["Applied"]


def test_a_line_that_can_renew_says_so(staff: Client, order: Order) -> None:
    seen = tables(staff.get(page_of(order.line)))["As the customer sees it"]

    assert column(seen, "can be renewed now") == ["Yes"]


@pytest.mark.parametrize("term", ["", " ", "9", "nobody@example.com", "XK00000000000", "pi_no_1"])
def test_what_means_nothing_finds_nothing(staff: Client, order: Order, term: str) -> None:
    assert search(staff, term) == {}


def test_the_palette_asks_the_same_search(staff: Client, order: Order) -> None:
    html = staff.get(URL, {"s": order.number}).content.decode()

    assert page_of(order) in html
    assert page_of(order.line) in html
