"""Events: listed, paged, signed, delivered until somebody says 2xx, never in the way."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from billing.sandbox.delivery import Parcel
from billing.sandbox.server import SandboxServer
from tests.billing.sandbox.conftest import (
    SECRET,
    Receiver,
    client_for,
    wait_until,
    wanted,
)

Open = Callable[..., Any]

QUICK = (0.01, 0.01, 0.01)


@pytest.fixture
def sending(receiver: Receiver) -> Iterator[SandboxServer]:
    """A stand-in that sends to the receiver and retries quickly."""
    with SandboxServer(webhook_url=receiver.url, retry_after=QUICK) as server:
        yield server


def session_on(server: SandboxServer) -> str:
    return str(client_for(server).v1.checkout.sessions.create(wanted()).id)


def test_events_are_delivered_signed(sending: SandboxServer, receiver: Receiver) -> None:
    session_id = session_on(sending)
    sending.pay(session_id)
    events = receiver.wait_for(3)
    # In threads of their own: the order is not promised, as at Stripe.
    assert {event.type for event in events} == {
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    assert {event.api_version for event in events} == {stripe.api_version}
    (completed,) = [e for e in events if e.type == "checkout.session.completed"]
    assert completed.data.object["id"] == session_id
    assert (completed.livemode, completed.pending_webhooks) == (False, 1)


def test_a_delivery_is_retried_until_2xx(sending: SandboxServer, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 204]
    client_for(sending).v1.checkout.sessions.expire(session_on(sending))
    events = receiver.wait_for(3)
    assert len({event.id for event in events}) == 1
    wait_until(lambda: sending.events()[0]["pending_webhooks"] == 0)
    assert [tried.status for tried in sending.delivery.log] == [500, 302, 204]


def test_a_delivery_that_never_succeeds_stays_pending(
    sending: SandboxServer, receiver: Receiver
) -> None:
    receiver.answers = [500] * 9
    client_for(sending).v1.checkout.sessions.expire(session_on(sending))
    wait_until(lambda: len(sending.delivery.log) == 1 + len(QUICK))
    assert sending.events()[0]["pending_webhooks"] == 1
    undelivered = client_for(sending).v1.events.list({"delivery_success": False})
    assert [event.type for event in undelivered.data] == ["checkout.session.expired"]


def test_nobody_listening_delays_nothing() -> None:
    with SandboxServer(webhook_url="http://127.0.0.1:9/", retry_after=(60,)) as server:
        assert server.pay(session_on(server))["payment_status"] == "paid"
        wait_until(lambda: len(server.delivery.log) == 3)
        assert {tried.problem for tried in server.delivery.log} == {"ConnectionRefusedError"}
    # Leaving the block ends the waiting retries at once.


def test_another_strategy_can_send_twice_and_lie(
    sending: SandboxServer, receiver: Receiver
) -> None:
    def faulty(event: Any) -> list[Parcel]:
        return [Parcel(event), Parcel(event, signed_offset=-301), Parcel(event, secret="whsec_x")]

    sending.delivery.strategy = faulty
    client_for(sending).v1.checkout.sessions.expire(session_on(sending))
    with receiver.came:
        assert receiver.came.wait_for(lambda: len(receiver.received) == 3, timeout=20)
    good = []
    for body, mark in receiver.received:
        try:
            good.append(stripe.Webhook.construct_event(body, mark, SECRET))
        except stripe.SignatureVerificationError:
            continue
    assert len(good) == 1


def test_a_signed_event_is_accepted_and_an_altered_one_is_not(
    sandbox: SandboxServer, open_session: Open
) -> None:
    sandbox.pay(open_session(metadata={"order": "续费 A1"}).id)
    event = sandbox.events("checkout.session.completed")[0]
    body, headers = sandbox.signed(event)
    mark = headers["Stripe-Signature"]
    assert stripe.Webhook.construct_event(body, mark, SECRET).id == event["id"]
    assert "续费 A1".encode() in body
    for wrong in (body.replace(b"35900", b"10000"), body + b" "):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(wrong, mark, SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, mark, "whsec_other")


def test_a_moved_clock_does_not_make_signatures_stale(
    sandbox: SandboxServer, api: stripe.StripeClient, open_session: Open
) -> None:
    sandbox.clock_offset = 90_000
    api.v1.checkout.sessions.expire(open_session().id)
    (event,) = sandbox.events()
    assert event["created"] >= time.time() + 89_000
    body, headers = sandbox.signed(event)
    assert stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)


def test_an_event_names_the_request_that_caused_it(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session_id = open_session().id
    answer = api.v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": "close:1"})
    assert answer.last_response is not None
    assert sandbox.events()[0]["request"] == {
        "id": answer.last_response.headers["Request-Id"],
        "idempotency_key": "close:1",
    }


def test_events_are_snapshots(sandbox: SandboxServer, open_session: Open) -> None:
    session_id = open_session().id
    sandbox.pay(session_id)
    sandbox.tamper(session_id, amount_total=1)
    (event,) = sandbox.events("checkout.session.completed")
    assert event["data"]["object"]["amount_total"] == 35900


def test_events_are_paged_newest_first(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    for _ in range(3):
        sandbox.pay(open_session().id)
    newest_first = [event["id"] for event in reversed(sandbox.events())]
    page = api.v1.events.list({"limit": 4})
    assert [event.id for event in page.data] == newest_first[:4]
    assert page.has_more is True
    rest = api.v1.events.list({"limit": 5, "starting_after": newest_first[3]})
    assert ([event.id for event in rest.data], rest.has_more) == (newest_first[4:], False)
    newer = api.v1.events.list({"limit": 2, "ending_before": newest_first[3]})
    assert ([event.id for event in newer.data], newer.has_more) == (newest_first[1:3], True)
    every = [event.id for event in api.v1.events.list({"limit": 2}).auto_paging_iter()]
    assert every == newest_first


def test_events_are_filtered(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    sandbox.pay(open_session().id)
    sandbox.clock_offset = 1000
    api.v1.checkout.sessions.expire(open_session().id)
    late = sandbox.events()[-1]["created"]

    def kinds(**params: Any) -> list[str]:
        found = api.v1.events.list(params)  # type: ignore[arg-type]  # one filter at a time
        return [event.type for event in found.data]

    assert kinds(type="charge.succeeded") == ["charge.succeeded"]
    assert kinds(type="checkout.session.*") == [
        "checkout.session.expired",
        "checkout.session.completed",
    ]
    assert kinds(types=["charge.succeeded", "payment_intent.succeeded"]) == [
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    assert kinds(created={"gte": late}) == kinds(created=late) == ["checkout.session.expired"]
    assert len(kinds(created={"lt": late})) == 3


def test_a_cursor_that_is_not_in_the_list_is_refused(api: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.events.list({"starting_after": "evt_nothing"})
    assert refused.value.param == "starting_after"
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.events.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        api.v1.events.retrieve("evt_nothing")


def test_one_event_can_be_read_again(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    sandbox.pay(open_session().id)
    event = sandbox.events()[0]
    assert api.v1.events.retrieve(event["id"]).to_dict() == event


def test_a_rolled_back_request_sends_nothing(sending: SandboxServer, receiver: Receiver) -> None:
    session_id = session_on(sending)

    def pay_and_fail() -> None:
        with sending._world.change():
            sending.pay(session_id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        pay_and_fail()
    assert sending.events() == []
    assert sending.session(session_id)["status"] == "open"
    assert receiver.received == []
