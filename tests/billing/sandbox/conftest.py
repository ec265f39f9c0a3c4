"""A running stand-in, the official SDK pointed at it, a browser without a screen, a receiver."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from billing.sandbox.server import SandboxServer

KEY = "sk_test_sandbox_xuka"
SECRET = "whsec_sandbox_xuka"
# Longest wait for something that normally takes milliseconds.
PATIENCE = 20


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for another thread; fails when it does not happen at all."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def client_for(server: SandboxServer, key: str = KEY) -> stripe.StripeClient:
    """The SDK with all four addresses set: an unset one would stay on the internet."""
    url = server.base_url
    return stripe.StripeClient(
        key,
        base_addresses={"api": url, "files": url, "connect": url, "meter_events": url},
        max_network_retries=0,
    )


@pytest.fixture(autouse=True)
def _no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A stand-in with an empty store that sends nothing."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def api(sandbox: SandboxServer) -> stripe.StripeClient:
    """The official SDK, speaking to the stand-in."""
    return client_for(sandbox)


def wanted(**changes: Any) -> SessionCreateParams:
    """Parameters of an ordinary session, with changes; a change to None leaves a name out."""
    price = {"currency": "thb", "unit_amount": 35900, "product_data": {"name": "月度套餐 20GB"}}
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "http://localhost:8000/orders/A1/?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/orders/A1/",
        "client_reference_id": "A1",
        "metadata": {"order": "A1"},
        "payment_intent_data": {"metadata": {"order": "A1"}},
        "locale": "zh",
    }
    left = {name: value for name, value in (params | changes).items() if value is not None}
    # Some tests send what the type forbids, on purpose.
    return cast("SessionCreateParams", left)


def one_line(currency: str, amount: int, quantity: int = 1) -> list[dict[str, Any]]:
    """A cart of one row."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Plan"}}
    return [{"price_data": price, "quantity": quantity}]


@pytest.fixture
def open_session(api: stripe.StripeClient) -> Callable[..., Any]:
    """Make a session through the SDK: `open_session(locale="en")`."""

    def make(**changes: Any) -> Any:
        options = changes.pop("options", {})
        return api.v1.checkout.sessions.create(wanted(**changes), options)

    return make


@dataclass(frozen=True)
class Seen:
    """What a browser got."""

    status: int
    headers: dict[str, str]
    text: str


@pytest.fixture
def browse(sandbox: SandboxServer) -> Callable[..., Seen]:
    """`browse(path)` gets a page, `browse(path, {…})` sends a form; redirects are not followed."""
    address = urlsplit(sandbox.base_url).netloc

    def visit(
        path: str,
        form: dict[str, str] | None = None,
        *,
        body: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Seen:
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        body = body if form is None else urlencode(form)
        try:
            connection.request("GET" if body is None else "POST", path, body=body, headers=sent)
            with connection.getresponse() as answer:
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Seen(answer.status, found, answer.read().decode())
        finally:
            connection.close()

    return visit


@dataclass
class Receiver:
    """A webhook endpoint of its own: answers as told, keeps what came."""

    url: str = ""
    # The statuses to answer with, in turn; 200 when none is left.
    answers: list[int] = field(default_factory=list)
    received: list[tuple[bytes, str]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes, signature: str) -> int:
        """Keep a webhook and say what to answer."""
        with self.came:
            self.received.append((body, signature))
            self.came.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, count: int) -> list[Any]:
        """The first `count` webhooks as verified events."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.received) >= count, timeout=PATIENCE)
            got = list(self.received)
        return [stripe.Webhook.construct_event(body, mark, SECRET) for body, mark in got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A tiny HTTP server on loopback."""
    box = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(box.take(body, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_address[1]}/hook/?from=test"
    yield box
    server.shutdown()
    server.server_close()
    thread.join()
