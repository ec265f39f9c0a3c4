"""A simulated operator on loopback, and the portal's adapter pointed at it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from plans.network.http import HttpNetwork
from plans.network.operator_book import Book
from plans.network.port import NetworkOrder
from plans.network.signing import Keyring
from plans.network.simulated_operator import SimulatedOperator

SECRET = "a-secret-of-forty-characters-for-tests-1"
KEYS = Keyring("2026", {"2026": SECRET})


@pytest.fixture
def book() -> Book:
    """The operator's memory; orders complete at once."""
    return Book()


@pytest.fixture
def operator(book: Book) -> Iterator[SimulatedOperator]:
    """A running operator that calls nobody back."""
    with SimulatedOperator(KEYS, book=book) as running:
        yield running


@pytest.fixture
def over_http(settings: Settings, operator: SimulatedOperator) -> SimulatedOperator:
    """The portal speaks to that operator, as on a desk: without TLS."""
    settings.LOCAL_TEST = True
    settings.NETWORK = "http"
    settings.NETWORK_URL = operator.base_url
    settings.NETWORK_KEY_ID = KEYS.key_id
    settings.NETWORK_SECRETS = dict(KEYS.secrets)
    return operator


@pytest.fixture
def network(over_http: SimulatedOperator) -> HttpNetwork:
    """The adapter as the settings make it."""
    return HttpNetwork.from_settings()


@pytest.fixture
def an_order() -> Callable[..., NetworkOrder]:
    """Make an order as the contract has it, with changes."""

    def make(order_id: UUID | None = None, **changes: Any) -> NetworkOrder:
        body = {
            "line_ref": "7KQ2M9XW4D",
            "msisdn": "+66812345678",
            "iccid": "8966010000000000010",
            "action": "apply_period",
            "plan_sku": "TH-30",
            "plan_version": 1,
            "start_at": "2026-11-20T17:00:00+00:00",
            "end_at": "2026-12-20T17:00:00+00:00",
            "buckets": [],
            **changes,
        }
        return NetworkOrder.from_body(order_id or uuid4(), body)

    return make
