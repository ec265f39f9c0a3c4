"""A line without owner, somebody who wants it, and what was sent about it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from messaging.models import Message
from plans.models import Line
from tests.factories import LineFactory, UserFactory

# A Saturday morning in Bangkok.
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
NUMBER = "+66812345678"
ICCID = "8966010000000000010"
ADD, CODE = "/lines/add/", "/lines/add/code/"


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    """The clock, standing at NOW."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def line(clock: time_machine.Traveller) -> Line:
    """An active line that belongs to nobody yet."""
    return LineFactory.create(customer=None, msisdn=NUMBER, iccid=ICCID, auto_renew=True)


@pytest.fixture
def claimant(clock: time_machine.Traveller) -> User:
    """A customer with a proved e-mail address and no number."""
    return UserFactory.create(email="li@example.com", language="en")


@pytest.fixture
def claiming(claimant: User) -> Client:
    """A browser in which the claimant is logged in and reads English."""
    return browser_of(claimant)


def browser_of(user: User) -> Client:
    """A browser in which this customer is logged in and reads English."""
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def sent_code(number: str = NUMBER) -> str:
    """The code of the newest SMS that adds a line."""
    codes = Message.objects.filter(template="line_claim_code", address=number, channel="sms")
    return str(codes.latest("pk").context["code"])


def wrong(code: str) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def told(*templates: str) -> list[tuple[str, str, str]]:
    """What was queued of these kinds: kind, channel, address."""
    rows = Message.objects.filter(template__in=templates)
    return sorted(rows.values_list("template", "channel", "address"))
