"""Wang with three lines and their orders, and a browser in which staff are logged in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from billing.models import LedgerAccount, Order
from messaging.console import Section
from messaging.services.outbox import queue_message
from plans.models import Line
from tests.billing.factories import (
    LedgerEntryFactory,
    OrderEventFactory,
    OrderFactory,
    PaymentFactory,
    RenewalFactory,
)
from tests.factories import (
    BrandFactory,
    LineFactory,
    PeriodFactory,
    ServiceOrderFactory,
    UserFactory,
)
from tests.messaging.samples import contexts

# A Saturday morning in Bangkok; the demo's own day.
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAID_AT = NOW - timedelta(hours=1)
DAYS_LEFT = timedelta(days=6)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock, ticking from NOW."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def staff(clock: time_machine.Traveller, db: None) -> Client:
    """A browser in which a member of staff with all rights is logged in and reads English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def wang(clock: time_machine.Traveller, db: None) -> User:
    """The customer with three lines of one brand."""
    user = UserFactory.create(name="王芳", email="wang@example.com", phone="+66812345678")
    brand = BrandFactory.create(slug="hongka")
    for msisdn, iccid in (
        ("+66812345678", "8966010000000000010"),
        ("+12135550147", "8966010000000000028"),
        ("+447400123456", "8966010000000000036"),
    ):
        LineFactory.create(
            brand=brand, customer=user, msisdn=msisdn, iccid=iccid, valid_until=NOW + DAYS_LEFT
        )
    return user


def bought(line: Line, *, effective: bool) -> Order:
    """An order with all that the rules leave behind it: steps, payment, period, money, messages."""
    state = "effective" if effective else "applied"
    order = OrderFactory.create(line=line, state=state, paid_at=PAID_AT, applied_at=PAID_AT)
    version = order.lines.get().version
    payment = PaymentFactory.create(
        order=order,
        state="paid",
        paid_at=PAID_AT,
        card_brand="visa",
        card_last4="4242",
        stripe_payment_intent_id=f"pi_{order.pk}",
    )
    period = PeriodFactory.create(
        line=line, version=version, start_at=NOW - timedelta(days=24), end_at=NOW + DAYS_LEFT
    )
    network = ServiceOrderFactory.create(
        period=period,
        state="completed" if effective else "due",
        completed_at=PAID_AT if effective else None,
    )
    effective_at = PAID_AT if effective else None
    RenewalFactory.create(
        order=order,
        period=period,
        service_order=network,
        applied_at=PAID_AT,
        effective_at=effective_at,
    )
    _told(order, payment_id=str(payment.public_id), effective=effective)
    _booked(order)
    return order


def _told(order: Order, *, payment_id: str, effective: bool) -> None:
    """The steps of the story, and the messages about its end."""
    details: dict[str, dict[str, Any]] = {
        "ordered": {},
        "paid": {"payment": payment_id},
        "applied": {"end_at": (NOW + DAYS_LEFT).isoformat()},
    }
    if effective:
        details["effective"] = {}
        for channel, address in (("email", order.customer.email), ("sms", order.line.msisdn)):
            queue_message(
                channel=channel,
                address=str(address),
                language="en",
                template="renewal_effective",
                context={**contexts("en")["renewal_effective"], "order_number": order.number},
                dedupe_key=f"renewal_effective:{order.number}:{channel}",
                demo=True,
            )
    for kind, detail in details.items():
        OrderEventFactory.create(order=order, kind=kind, at=PAID_AT, detail=detail)


def _booked(order: Order) -> None:
    """The two entries of a renewal, between the accounts that every order shares."""
    accounts = [
        LedgerAccount.objects.get_or_create(
            code=code, defaults={"kind": code.partition(":")[0], "currency": "THB"}
        )[0]
        for code in ("cash:stripe:THB", "prepaid:hongka:THB", "revenue:hongka:THB")
    ]
    for debit, credit in pairwise(accounts):
        LedgerEntryFactory.create(
            debit=debit, credit=credit, amount_minor=order.total_minor, order=order
        )


@pytest.fixture
def order(wang: User) -> Order:
    """Wang's order for +66 81 234 5678: paid by card, effective, told."""
    return bought(wang.lines.get(msisdn="+66812345678"), effective=True)


@pytest.fixture
def hanging(wang: User) -> Order:
    """Wang's order for +1 213 555 0147 that the network has not confirmed for an hour."""
    return bought(wang.lines.get(msisdn="+12135550147"), effective=False)


@pytest.fixture
def shop(order: Order, hanging: Order) -> None:
    """Both orders, and three more of other customers."""
    for _ in range(3):
        bought(LineFactory.create(brand=order.line.brand), effective=True)


def tables(page: Any) -> dict[str, Section]:
    """The tables of a page by their titles."""
    return {str(section.title): section for section in page.context["sections"]}


def column(section: Section, head: str) -> list[str]:
    """The texts of one column of a table."""
    at = [str(name) for name in section.heads].index(head)
    return [str(row[at].text) for row in section.rows]


def links(section: Section) -> set[str]:
    """Every address that a table leads to."""
    return {cell.href for row in section.rows for cell in row if cell.href}
