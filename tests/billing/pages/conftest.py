"""A customer who is logged in, and a line whose plan has six days to go."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from plans.models import Line, Period, PlanVersion
from plans.renewal_links import renewal_token
from tests.factories import BucketFactory, PeriodFactory, UserFactory

# Ends at the local midnight after 26 November, seen on the 21st.
START = datetime(2026, 10, 27, 17, tzinfo=UTC)
GB = 1024**3


@pytest.fixture
def customer(line: Line) -> User:
    """The owner of the line."""
    assert line.customer is not None
    line.customer.name = "Wang Fang"
    line.customer.save()
    return line.customer


@pytest.fixture
def period(line: Line, version: PlanVersion) -> Period:
    """The running period: 24 of 30 days and two thirds of the data are used."""
    period = PeriodFactory.create(line=line, version=version, start_at=START)
    BucketFactory.create(period=period, used=int(13.2 * GB), measured_at=START + timedelta(days=24))
    BucketFactory.create(period=period, kind="voice", granted=3_600, used=2_400)
    BucketFactory.create(period=period, kind="sms", granted=0, is_unlimited=True)
    return period


@pytest.fixture
def own(clock: time_machine.Traveller, client: Client, customer: User) -> Client:
    """A browser in which the line's owner is logged in and reads English."""
    client.force_login(customer)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def stranger(clock: time_machine.Traveller) -> Client:
    """A browser in which another customer is logged in."""
    client = Client()
    client.force_login(UserFactory.create())
    return client


@pytest.fixture
def link(clock: time_machine.Traveller, customer: User, period: Period) -> str:
    """The address that a reminder of the running period carries."""
    return f"/r/{renewal_token(period)}/"


@pytest.fixture
def visitor(clock: time_machine.Traveller, client: Client) -> Client:
    """A browser without log-in that reads English."""
    client.cookies["django_language"] = "en"
    return client


def read(client: Client, url: str) -> str:
    """The text of a page that must be there and must not be stored anywhere."""
    page = client.get(url)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    return page.content.decode()
