"""What the stand-in does not do, it says: keys, expansions, addresses, broken requests."""

import base64
import http.client
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from billing.sandbox import idempotency
from billing.sandbox.server import SandboxServer
from tests.billing.sandbox.conftest import KEY, Seen, client_for, one_line, wait_until, wanted

Open = Callable[..., Any]
Browse = Callable[..., Seen]


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {KEY}", 200),
        (basic(f"{KEY}:"), 200),
        (basic("sk_test_other:"), 401),
        ("Basic ???", 401),
        (f"Digest {KEY}", 401),
        ("", 401),
    ],
)
def test_the_key_comes_as_bearer_or_basic(authorization: str, status: int, browse: Browse) -> None:
    assert browse("/v1/events", headers={"Authorization": authorization}).status == status


@pytest.mark.parametrize(
    ("expand", "words"),
    [
        (["amount_total"], "cannot be expanded"),
        (["surprise"], "cannot be expanded"),
        (["data"], "cannot be expanded"),
        (["payment_intent.a.b.c.d"], "more than 4 levels"),
    ],
)
def test_what_cannot_be_expanded_is_refused(
    expand: list[str], words: str, api: stripe.StripeClient, open_session: Open
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words) as refused:
        api.v1.checkout.sessions.retrieve(open_session().id, {"expand": expand})
    assert refused.value.param == "expand"


def test_an_empty_reference_expands_to_nothing(
    api: stripe.StripeClient, open_session: Open
) -> None:
    expand = ["payment_intent.latest_charge", "customer"]
    session = api.v1.checkout.sessions.retrieve(open_session().id, {"expand": expand})
    assert (session.payment_intent, session.customer) == (None, None)


def test_a_list_expands_each_of_its_rows(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    sandbox.pay(open_session().id)
    (session,) = api.v1.checkout.sessions.list({"expand": ["data.payment_intent"]}).data
    assert isinstance(session.payment_intent, stripe.PaymentIntent)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"automatic_tax": "yes"}, "automatic_tax"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]"),
        (
            {"line_items": [{"quantity": 1, "price_data": {"currency": "thb"}}]},
            "line_items[0][price_data][product_data]",
        ),
        (
            {
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {"currency": "thb", "product_data": {"name": "x"}},
                    }
                ]
            },
            "line_items[0][price_data][unit_amount]",
        ),
        (
            {"line_items": [{"price_data": one_line("thb", 5000)[0]["price_data"]}]},
            "line_items[0][quantity]",
        ),
        (
            {"line_items": [one_line("thb", 5000)[0] | {"tax_rates": ["x"]}]},
            "line_items[0][tax_rates]",
        ),
        ({"line_items": one_line("thb", 5000) * 101}, "line_items"),
        (
            {"payment_intent_data": {"capture_method": "manual"}},
            "payment_intent_data[capture_method]",
        ),
        ({"branding_settings": {"icon": {"url": "x"}}}, "branding_settings[icon][type]"),
        ({"payment_method_options": {"card": {"x": "y"}}}, "payment_method_options[card][x]"),
        ({"adaptive_pricing": {"enabled": "perhaps"}}, "adaptive_pricing[enabled]"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
    ],
)
def test_a_faulty_part_of_a_session_is_refused_by_its_whole_name(
    changes: dict[str, Any], param: str, open_session: Open
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(**changes)
    assert refused.value.param == param


def test_customer_and_e_mail_exclude_each_other(
    api: stripe.StripeClient, open_session: Open
) -> None:
    customer = api.v1.customers.create({"name": "A"})
    assert api.v1.customers.retrieve(customer.id).to_dict() == customer.to_dict()
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        open_session(customer=customer.id, customer_email="a@example.com")


def test_an_idempotency_key_has_a_longest_length(open_session: Open) -> None:
    assert open_session(options={"idempotency_key": "k" * 255}).status == "open"
    with pytest.raises(stripe.InvalidRequestError, match="up to 255"):
        open_session(options={"idempotency_key": "k" * 256})


def test_a_key_is_forgotten_after_a_day(sandbox: SandboxServer, open_session: Open) -> None:
    first = open_session(options={"idempotency_key": "k"})
    sandbox.clock_offset = 24 * 60 * 60 + 1
    assert open_session(options={"idempotency_key": "k"}).id != first.id


def test_an_intent_needs_a_card_and_its_own_charge(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    intent = api.v1.payment_intents.create({"amount": 35900, "currency": "thb"})
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        api.v1.payment_intents.confirm(intent.id, {"setup_future_usage": "off_session"})
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.confirm(
            intent.id,
            {
                "payment_method": "pm_card_authenticationRequired",
                "error_on_requires_action": True,
            },
        )
    assert declined.value.code == "authentication_required"
    other = sandbox.pay(open_session().id)["payment_intent"]
    charge = str(api.v1.payment_intents.retrieve(other).latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match="does not belong"):
        api.v1.refunds.create({"charge": charge, "payment_intent": intent.id})


def test_a_failed_charge_cannot_be_refunded(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    tried = sandbox.pay(open_session().id, "4000000000000002")
    charge = str(api.v1.payment_intents.retrieve(tried["payment_intent"]).latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match="failed charge"):
        api.v1.refunds.create({"charge": charge})


def connect(server: SandboxServer) -> socket.socket:
    """A connection on which nothing has been said yet."""
    parts = urlsplit(server.base_url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=20)


def send(server: SandboxServer, raw: bytes) -> int:
    """The status that a hand-written request gets."""
    with connect(server) as line:
        line.sendall(raw)
        with http.client.HTTPResponse(line) as answer:
            answer.begin()
            return answer.status


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"POST /v1/refunds HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        (b"POST /v1/refunds HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n", 413),
        (b"POST /v1/refunds HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 413),
        (b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    ],
)
def test_a_broken_request_gets_an_answer(raw: bytes, status: int, sandbox: SandboxServer) -> None:
    assert send(sandbox, raw) == status


def test_a_mistake_of_ours_is_a_500_that_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    sandbox: SandboxServer,
    api: stripe.StripeClient,
    open_session: Open,
) -> None:
    def remember(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "remember", remember)
        with pytest.raises(stripe.APIError) as failed:
            open_session(options={"idempotency_key": "k"})
    assert failed.value.http_status == 500
    assert api.v1.checkout.sessions.list().data == []
    assert open_session(options={"idempotency_key": "k"}).status == "open"


def test_it_ends_although_somebody_keeps_it_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with SandboxServer(webhook_url=url) as server:
            session = client_for(server).v1.checkout.sessions.create(wanted())
            client_for(server).v1.checkout.sessions.expire(session.id)
            wait_until(lambda: any(call.sock for call in list(server.delivery._calls)))
            idle = connect(server)
            wait_until(lambda: server._listener._open)
        idle.close()
