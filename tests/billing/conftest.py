"""A stand-in for Stripe in this process, and a line that can be renewed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from billing.models import Order, Payment
from billing.sandbox.server import SandboxServer
from billing.services.checkout import start_checkout
from plans.models import Line, PlanVersion
from tests.factories import LineFactory, PlanVersionFactory

# A Saturday morning in Bangkok; the demo's own day.
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    """One stand-in for the whole run of this worker."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer, settings: LazySettings) -> SandboxServer:
    """An empty stand-in that the portal's client talks to; it delivers nothing by itself."""
    sandbox_server.reset()
    sandbox_server.requests.clear()
    settings.STRIPE_API_BASE = sandbox_server.base_url
    return sandbox_server


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of portal and stand-in, ticking from NOW."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def version(db: None) -> PlanVersion:
    """A plan of 30 calendar days for ฿359 or ¥72."""
    return PlanVersionFactory.create()


@pytest.fixture
def line(version: PlanVersion) -> Line:
    """An active line without a running period, of a customer with an e-mail address."""
    return LineFactory.create(brand=version.plan.brand, msisdn="+66812345678")


@pytest.fixture
def order_for(sandbox: SandboxServer, version: PlanVersion) -> Callable[..., Order]:
    """Start a checkout for a line and return its order."""

    def start(line: Line, **changes: Any) -> Order:
        assert line.customer is not None
        start_checkout(
            **{
                "line": line,
                "version": version,
                "currency": "THB",
                "method": "card",
                "customer": line.customer,
                "language": "en",
                "return_base": "http://testserver",
                "now": datetime.now(UTC),
                **changes,
            }
        )
        return Order.objects.latest("pk")

    return start


@pytest.fixture
def order(clock: time_machine.Traveller, line: Line, order_for: Callable[..., Order]) -> Order:
    """An order that waits for payment on the stand-in's page."""
    return order_for(line)


@pytest.fixture
def payment(order: Order) -> Payment:
    """The order's only payment."""
    return order.payments.get()


@pytest.fixture
def deliver(client: Client, sandbox: SandboxServer) -> Callable[..., int]:
    """Post one of the stand-in's events, signed, to the webhook; return the status."""

    def post(event: dict[str, Any], **changes: Any) -> int:
        body, headers = sandbox.signed({**event, **changes})
        response = client.post(
            "/billing/stripe/webhook/",
            data=body,
            content_type="application/json",
            headers=dict(headers),
        )
        return response.status_code

    return post
