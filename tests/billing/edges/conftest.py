"""Strange neighbours: an address that is not Stripe, and readings that were made up."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings

from billing.models import Payment
from billing.stripe_client import IntentSnapshot, SessionSnapshot, read_session

Answer = Callable[[int, bytes], None]


@pytest.fixture
def stripe_answers(settings: LazySettings) -> Iterator[Answer]:
    """Put an address in Stripe's place that answers everything with one status and body."""
    answer = {"status": 200, "body": b""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer["status"])  # type: ignore[arg-type]
            self.send_header("Content-Length", str(len(answer["body"])))  # type: ignore[arg-type]
            self.end_headers()
            self.wfile.write(answer["body"])  # type: ignore[arg-type]

        do_POST = do_GET  # noqa: N815 (the base class's naming)

        def log_message(self, *_args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def set_answer(status: int, body: bytes) -> None:
        answer.update(status=status, body=body)
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{server.server_port}"

    yield set_answer
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reading(payment: Payment) -> Callable[..., SessionSnapshot]:
    """What Stripe says about the payment's open session, with changes of the test's own."""

    def read(*, intent: dict[str, Any] | None = None, **changes: Any) -> SessionSnapshot:
        snapshot = read_session(payment.stripe_session_id or "")
        if intent is not None:
            changes["intent"] = IntentSnapshot(
                **{
                    "intent_id": "pi_test_1",
                    "status": "requires_payment_method",
                    "currency": "THB",
                    "amount_received": 0,
                    **intent,
                }
            )
        return replace(snapshot, **changes)

    return read
