"""The API as the official SDK meets it: sessions, cards, keys, refusals."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from billing.sandbox import server as server_module
from billing.sandbox.cards import CARDS, Outcome
from billing.sandbox.server import SandboxServer
from tests.billing.sandbox.conftest import client_for, one_line, wait_until, wanted

Open = Callable[..., Any]

DECLINES = [
    ("4000000000000002", "card_declined", "generic_decline"),
    ("4000000000009995", "card_declined", "insufficient_funds"),
    ("4000000000000341", "card_declined", "generic_decline"),
    ("4000000000000069", "expired_card", "expired_card"),
    ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
    ("4000000000000119", "processing_error", "processing_error"),
    ("4000000000006975", "card_declined", "card_velocity_exceeded"),
    ("4000000000009987", "card_declined", "lost_card"),
    ("4000000000009979", "card_declined", "stolen_card"),
]


def intent_of(api: stripe.StripeClient, session_id: str) -> Any:
    session = api.v1.checkout.sessions.retrieve(
        session_id, {"expand": ["payment_intent.latest_charge"]}
    )
    return session.payment_intent


def test_a_new_session_is_open_and_has_no_intent_yet(
    sandbox: SandboxServer, open_session: Open
) -> None:
    session = open_session(line_items=[*one_line("thb", 35900), *one_line("thb", 4100, 2)])
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_total, session.currency) == (44100, "thb")
    assert (session.client_reference_id, session.metadata["order"]) == ("A1", "A1")
    assert session.payment_intent is None
    assert session.payment_method_types == ["card"]
    assert session.url == f"{sandbox.base_url}/c/pay/{session.id}"


@pytest.mark.parametrize("card", ["4242424242424242", "5555555555554444", "4000000000000259"])
def test_a_good_card_pays(
    card: str, api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    paid = sandbox.pay(session_id, card)
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    intent = intent_of(api, session_id)
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 35900, "thb")
    assert intent.metadata["order"] == intent.latest_charge.metadata["order"] == "A1"
    assert intent.latest_charge.payment_method_details.card.last4 == card[-4:]
    assert [event["type"] for event in sandbox.events()] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(("card", "code", "decline_code"), DECLINES)
def test_a_bad_card_leaves_the_session_open_and_another_card_pays(
    card: str, code: str, decline_code: str, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    tried = sandbox.pay(session_id, card)
    assert (tried["status"], tried["payment_status"]) == ("open", "unpaid")
    (failed,) = sandbox.events()
    assert failed["type"] == "payment_intent.payment_failed"
    error = failed["data"]["object"]["last_payment_error"]
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    paid = sandbox.pay(session_id)
    assert (paid["payment_status"], paid["payment_intent"]) == ("paid", tried["payment_intent"])


@pytest.mark.parametrize("card", ["4000002500003155", "4000002760003184"])
def test_a_challenge_can_be_approved_failed_or_walked_away_from(
    card: str, api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    sandbox.pay(session_id, card, challenge=None)
    assert intent_of(api, session_id).status == "requires_action"
    sandbox.pay(session_id, card, challenge="fail")
    intent = intent_of(api, session_id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert sandbox.pay(session_id, card, challenge="approve")["payment_status"] == "paid"
    charge = intent_of(api, session_id).latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_paying_twice_is_refused_and_changes_nothing(
    sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    sandbox.pay(session_id)
    before = sandbox.events()
    with pytest.raises(ValueError, match="complete, not open"):
        sandbox.pay(session_id)
    assert sandbox.events() == before


def test_the_same_key_replays_the_same_answer(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    first = open_session(options={"idempotency_key": "checkout:1"})
    again = open_session(options={"idempotency_key": "checkout:1"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(api.v1.checkout.sessions.list().data) == 1
    assert sandbox.requests[:2] == [("POST", "/v1/checkout/sessions", "checkout:1")] * 2


def test_the_same_key_with_another_body_is_refused(open_session: Open) -> None:
    open_session(options={"idempotency_key": "checkout:1"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        open_session(locale="en", options={"idempotency_key": "checkout:1"})
    assert refused.value.http_status == 400


def test_a_key_that_met_a_refusal_may_be_used_again(open_session: Open) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        open_session(success_url=None, options={"idempotency_key": "checkout:1"})
    assert open_session(options={"idempotency_key": "checkout:1"}).status == "open"


def test_a_decline_is_replayed_as_a_decline(
    api: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    def charge() -> str:
        with pytest.raises(stripe.CardError) as declined:
            api.v1.payment_intents.create(
                {
                    "amount": 35900,
                    "currency": "thb",
                    "payment_method": "pm_card_visa_chargeDeclined",
                    "confirm": True,
                    "off_session": True,
                },
                {"idempotency_key": "autorenew:1"},
            )
        error = declined.value.error
        assert error is not None
        assert error.payment_intent is not None
        return error.payment_intent.id

    assert charge() == charge()
    assert len(sandbox.events("payment_intent.payment_failed")) == 1


def test_a_twin_request_in_flight_gets_409(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    first = threading.Thread(target=open_session, kwargs={"options": {"idempotency_key": "k"}})
    with sandbox._world.lock:
        first.start()
        wait_until(lambda: sandbox._api._guard._running)
        with pytest.raises(stripe.APIError, match="in-progress") as busy:
            open_session(options={"idempotency_key": "k"})
    first.join()
    assert busy.value.http_status == 409
    assert len(api.v1.checkout.sessions.list().data) == 1


@pytest.mark.parametrize("key", ["sk_test_other", "sk_live_real", "sk_test_sandbox_xuka2"])
def test_any_other_key_is_refused_without_being_repeated(key: str, sandbox: SandboxServer) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client_for(sandbox, key).v1.events.list()
    assert refused.value.http_status == 401
    assert key not in str(refused.value)


def test_another_api_version_is_refused(api: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"2026-10-28\.endive only"):
        api.v1.events.list({}, {"stripe_version": "2017-08-15"})


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"surprise": "x"}, "surprise", "parameter_unknown"),
        (
            {"line_items": [{"amount": 1, "quantity": 1}]},
            "line_items[0][amount]",
            "parameter_unknown",
        ),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"allowed_payment_method_types": ["alipay"]}, "allowed_payment_method_types", None),
        ({"excluded_payment_method_types": ["card"]}, "allowed_payment_method_types", None),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "shop.example"}, "success_url", "url_invalid"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"mode": "subscription"}, "mode", None),
        ({"mode": None}, "mode", None),
        ({"ui_mode": "elements"}, "ui_mode", None),
        ({"discounts": [{"coupon": "x"}]}, "discounts", None),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]", None),
        ({"locale": "xx"}, "locale", None),
        ({"customer": "cus_nobody"}, "customer", "resource_missing"),
        ({"customer_email": "nobody"}, "customer_email", "email_invalid"),
        ({"client_reference_id": ""}, "client_reference_id", "parameter_invalid_empty"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
    ],
)
def test_a_faulty_session_is_refused_by_name(
    changes: dict[str, Any],
    param: str,
    code: str | None,
    api: stripe.StripeClient,
    open_session: Open,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(**changes)
    assert (refused.value.http_status, refused.value.param, refused.value.code) == (
        400,
        param,
        code,
    )
    assert api.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("thb", 999, "amount_too_small"),
        ("usd", 49, "amount_too_small"),
        ("jpy", 49, "amount_too_small"),
        ("eur", 100_000_000, "amount_too_large"),
        ("xyz", 1000, None),
        ("usd", -1, "parameter_invalid_integer"),
        ("usd", 1.5, "parameter_invalid_integer"),
    ],
)
def test_amounts_and_currencies_have_limits(
    currency: str, amount: Any, code: str | None, open_session: Open
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(line_items=one_line(currency, amount))
    assert refused.value.code == code


def test_two_currencies_in_one_cart_are_refused(open_session: Open) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        open_session(line_items=[*one_line("thb", 5000), *one_line("usd", 5000)])


def test_a_refused_method_says_what_is_offered(open_session: Open) -> None:
    with pytest.raises(
        stripe.InvalidRequestError, match=r"wechat_pay\. This stand-in offers .*thb"
    ):
        open_session(allowed_payment_method_types=["card", "wechat_pay"])


@pytest.mark.parametrize("seconds", [29 * 60, 24 * 60 * 60 + 60])
def test_the_time_to_pay_has_limits(seconds: int, open_session: Open) -> None:
    at = int(datetime.now(UTC).timestamp()) + seconds
    with pytest.raises(stripe.InvalidRequestError) as refused:
        open_session(expires_at=at)
    assert refused.value.param == "expires_at"


def test_a_session_expires_when_somebody_looks(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    sandbox.pay(session_id, "4000000000000002")
    sandbox.clock_offset = 24 * 60 * 60 + 1
    session = api.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    assert (session.status, session.payment_status, session.url) == ("expired", "unpaid", None)
    assert session.payment_intent.status == "canceled"  # type: ignore[union-attr]  # expanded
    assert len(sandbox.events("checkout.session.expired")) == 1
    with pytest.raises(ValueError, match="expired, not open"):
        sandbox.pay(session_id)


def test_a_session_expires_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SWEEP_EVERY", 0.01)
    with SandboxServer() as server:
        client_for(server).v1.checkout.sessions.create(wanted())
        assert server.events() == []
        server.clock_offset = 24 * 60 * 60 + 1
        wait_until(server.events)
        assert [event["type"] for event in server.events()] == ["checkout.session.expired"]


def test_the_shop_can_expire_an_open_session_once(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    assert api.v1.checkout.sessions.expire(session_id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="this one is expired"):
        api.v1.checkout.sessions.expire(session_id)
    assert len(sandbox.events("checkout.session.expired")) == 1


def test_a_paid_session_cannot_be_expired(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    sandbox.pay(session_id)
    with pytest.raises(stripe.InvalidRequestError, match="this one is complete"):
        api.v1.checkout.sessions.expire(session_id)


def test_sessions_are_listed_by_state(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    paid, waiting = open_session().id, open_session().id
    sandbox.pay(paid)
    assert [s.id for s in api.v1.checkout.sessions.list().data] == [waiting, paid]
    assert [s.id for s in api.v1.checkout.sessions.list({"status": "open"}).data] == [waiting]


def test_a_tampered_session_is_what_the_shop_reads(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    sandbox.pay(session_id)
    sandbox.tamper(session_id, amount_total=1, currency="usd")
    session = api.v1.checkout.sessions.retrieve(session_id)
    assert (session.amount_total, session.currency) == (1, "usd")
    with pytest.raises(ValueError, match="no price"):
        sandbox.tamper(session_id, price=1)


def test_the_store_survives_a_restart(tmp_path: Any) -> None:
    data = str(tmp_path / "sandbox.sqlite3")
    with SandboxServer(data=data) as first:
        session = client_for(first).v1.checkout.sessions.create(wanted())
    with SandboxServer(data=data) as second:
        assert second.pay(session.id)["payment_status"] == "paid"


def test_an_unknown_address_says_so(api: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        api.v1.products.list()
    assert refused.value.http_status == 404


def test_every_listed_card_knows_its_reason() -> None:
    assert all((card.decline is None) == (card.off_session is Outcome.PAID) for card in CARDS)
