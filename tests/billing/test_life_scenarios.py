"""Scenarios S10, S11 and S13: money for lines at the end of their life, and for recycled numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from billing.errors import CheckoutRefused
from billing.models import Order, Payment, Refund
from billing.sandbox.server import SandboxServer
from billing.services.books import check_books
from billing.services.settlement import settle_payment
from messaging.models import Message
from plans.models import Line, LineHistory, NumberAssignment, Period
from plans.services.lifecycle_run import run_lifecycle
from plans.services.new_lines import note_new_lines
from tests.billing.conftest import NOW
from tests.factories import LineFactory
from tests.plans.vectors import scenario

DAY = timedelta(days=1)
# Midnight that opened 21 November in Bangkok. The brand has 15, 45 and 90 days and a fee of 100 THB.
TODAY = datetime(2026, 11, 20, 17, tzinfo=UTC)

type OrderFor = Callable[..., Order]


def lapse(line: Line, *, days_ago: int) -> None:
    """The validity ended at a midnight so many days ago, and the clock has run."""
    Line.objects.filter(pk=line.pk).update(valid_until=TODAY - days_ago * DAY)
    run_lifecycle(now=datetime.now(UTC))
    line.refresh_from_db()


def pay(sandbox: SandboxServer, order: Order) -> Payment:
    payment = order.payments.get()
    sandbox.pay(payment.stripe_session_id or "")
    return settle_payment(payment_id=payment.pk, now=datetime.now(UTC))


def test_s10_suspended_line_is_woken_and_starts_on_the_day_of_payment(
    clock: time_machine.Traveller, sandbox: SandboxServer, line: Line, order_for: OrderFor
) -> None:
    row = scenario("S10")
    assert (row["expected_period_start"], row["money_effect"]) == (
        "day of payment",
        "price of A + fee, two lines",
    )
    lapse(line, days_ago=20)
    assert line.state == "suspended"

    order = order_for(line)
    lines = [(item.kind, item.amount_minor) for item in order.lines.all()]
    assert (order.total_minor, lines) == (45_900, [("plan", 35_900), ("reactivation", 10_000)])
    pay(sandbox, order)

    line.refresh_from_db()
    period = Period.objects.get()
    assert line.state == "active"
    assert (period.start_at, period.end_at) == (TODAY, TODAY + 30 * DAY)
    last = LineHistory.objects.latest("pk")
    assert (last.from_state, last.to_state, last.by) == ("suspended", "active", "payment")
    assert check_books() == []


@pytest.mark.usefixtures("en")
def test_s11_line_on_hold_is_never_sold_what_cannot_be_applied(
    clock: time_machine.Traveller, sandbox: SandboxServer, line: Line, order_for: OrderFor
) -> None:
    assert scenario("S11")["money_effect"] == "none"
    lapse(line, days_ago=61)
    assert line.state == "quarantine"

    with pytest.raises(CheckoutRefused, match="This number is on hold"):
        order_for(line)
    assert not Order.objects.exists()
    assert sandbox.requests == []


def test_s13_old_order_of_a_recycled_number_goes_back_in_full(
    clock: time_machine.Traveller, sandbox: SandboxServer, line: Line, order_for: OrderFor
) -> None:
    assert scenario("S13")["money_effect"] == "full refund"
    note_new_lines(lines=[line], by="test", reason="added", now=NOW - 300 * DAY)
    order = order_for(line)
    lapse(line, days_ago=151)
    assert line.state == "terminated"
    new = LineFactory.create(brand=line.brand, msisdn=line.msisdn)
    note_new_lines(lines=[new], by="test", reason="added", now=datetime.now(UTC))
    before = Line.objects.filter(pk=new.pk).values().get()

    pay(sandbox, order)

    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.state, refund.amount_minor) == (Order.State.REFUNDED, 35_900)
    assert not Period.objects.exists()
    # The new owner sees nothing: no line changed, no text to the number, no order on a page.
    assert Line.objects.filter(pk=new.pk).values().get() == before
    assert not Message.objects.filter(address=line.msisdn, template="payment_refunded").exists()
    assert new.customer is not None
    client = Client()
    client.force_login(new.customer)
    assert client.get(f"/orders/{order.number}/").status_code == 404
    assert client.get(f"/lines/{line.public_id}/").status_code == 404
    assert order.number not in client.get(f"/lines/{new.public_id}/").content.decode()
    held = NumberAssignment.objects.filter(msisdn=line.msisdn).order_by("from_at")
    assert [(one.line_id, one.to_at is None) for one in held] == [(line.pk, False), (new.pk, True)]
    assert held[0].to_at <= held[1].from_at  # type: ignore[operator]  # ended just now
    assert check_books() == []
