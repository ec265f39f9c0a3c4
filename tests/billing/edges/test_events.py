"""Events in strange clothes: replayed, not to be stored, in another version first, in a list."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from billing.models import Order, Payment, StripeEvent
from billing.sandbox.server import SandboxServer
from billing.services.reconciliation import reconcile_stripe
from billing.stripe_client import (
    API_VERSION,
    SessionItem,
    SessionRequest,
    create_session,
    expire_session,
    list_events,
)
from portal.sweep import sweep
from tests.billing.edges.conftest import Answer

Clock = time_machine.Traveller
Deliver = Callable[..., int]
PATH = "/billing/stripe/webhook/"
SECRET = b"whsec_sandbox_xuka"


def now() -> datetime:
    return datetime.now(UTC)


def mac(body: bytes, at: int) -> str:
    return hmac.new(SECRET, f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def post(client: Client, body: bytes, header: str | None = None) -> int:
    stamp = int(time.time())
    return client.post(
        PATH,
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": header or f"t={stamp},v1={mac(body, stamp)}"},
    ).status_code


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {"id": "cs_test_unknown", "object": "checkout.session"}},
        **changes,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        "t={old},v1={mac},t={new}",
        "t={old},t={new},v1={mac}",
        "t=+{old},v1={mac},t={new}",
        "t={old}=x,v1={mac},t={new}",
        "t={new},t={old},v1={mac}",
    ],
)
def test_old_body_with_a_second_younger_time_is_refused(client: Client, header: str) -> None:
    body, new = json.dumps(event()).encode(), int(time.time())
    old = new - 3600
    assert post(client, body, header.format(old=old, new=new, mac=mac(body, old))) == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "note",
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800": 1}',
        b'{"a\\u0000": 1}',
        b'"\\u0000"',
        b"[" * 500 + b"]" * 500,
        b"[" * 1500 + b"]" * 1500,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"9" * 5000,
    ],
    ids=range(13),
)
def test_signed_body_that_no_database_can_keep_is_refused(client: Client, note: bytes) -> None:
    body = json.dumps(event(note="HERE")).encode().replace(b'"HERE"', note)
    assert post(client, body) == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["\\u0000", "\\x00", "😀 续卡 \u2028", [[[[1]]]], -1.5, None])
def test_signed_body_that_only_looks_strange_is_kept_as_it_is(client: Client, note: Any) -> None:
    body = event(note=note)
    assert post(client, json.dumps(body).encode()) == 200
    assert StripeEvent.objects.get().body == body


def test_event_that_first_came_in_another_version_is_processed_when_it_comes_in_ours(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    """Two endpoints while the version is being raised: each event comes twice, once in each."""
    sandbox.pay(payment.stripe_session_id or "")
    paid = sandbox.events("checkout.session.completed")[0]
    assert deliver(paid, api_version="2017-08-15") == 200
    assert StripeEvent.objects.get().state == StripeEvent.State.REFUSED
    assert deliver(paid) == 200
    stored = StripeEvent.objects.get()
    assert (stored.state, stored.refusal, stored.api_version) == ("due", "", API_VERSION)
    assert stored.body["api_version"] == API_VERSION
    sweep(now=now())
    assert Order.objects.get().applied_at is not None


def test_live_event_stays_refused_whatever_comes_after(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    paid = sandbox.events("checkout.session.completed")[0]
    for changes in ({"livemode": True}, {"api_version": "2017-08-15"}, {}):
        assert deliver(paid, **changes) == 200
    stored = StripeEvent.objects.get()
    assert (stored.state, stored.refusal) == (StripeEvent.State.REFUSED, "live_mode")


def test_processed_event_is_not_taken_back_by_another_version_of_it(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    paid = sandbox.events("checkout.session.completed")[0]
    assert deliver(paid) == 200
    sweep(now=now())
    for changes in ({"api_version": "2017-08-15"}, {}):
        assert deliver(paid, **changes) == 200
    assert StripeEvent.objects.get().state == StripeEvent.State.DONE


def test_list_of_events_with_prices_in_it_can_be_kept(
    clock: Clock, stripe_answers: Answer, db: None
) -> None:
    """The SDK makes Decimals of amounts that Stripe writes as text; JSON knows none."""
    price = {"id": "price_1", "object": "price", "unit_amount_decimal": "1000.5"}
    listed = event(type="price.created", data={"object": price})
    page = {"object": "list", "url": "/v1/events", "has_more": False, "data": [listed]}
    stripe_answers(200, json.dumps(page).encode())
    assert reconcile_stripe(now=now()).events_missed == 1
    assert StripeEvent.objects.get().body == listed


def test_strange_event_in_the_list_does_not_hide_the_others(
    clock: Clock, sandbox: SandboxServer, payment: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    strange = SessionRequest(
        idempotency_key="strange",
        order_number="XK\x00",
        payment_id="none",
        currency="THB",
        items=(SessionItem("x", 5000),),
        method="card",
        locale="en",
        success_url="http://testserver/",
        cancel_url="http://testserver/",
        expires_at=now() + timedelta(minutes=40),
        display_name="x",
    )
    expire_session(create_session(strange).session_id)
    sandbox.pay(payment.stripe_session_id or "")
    all_events = len(sandbox.events())
    clock.shift(timedelta(minutes=10))
    report = reconcile_stripe(now=now())
    assert report.events_missed == report.events_listed == all_events - 1
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["event not kept"]
    assert Order.objects.get().applied_at is not None


def test_more_events_than_a_page_holds_are_all_found(
    clock: Clock, sandbox: SandboxServer, db: None
) -> None:
    for number in range(104):
        session = create_session(
            SessionRequest(
                idempotency_key=f"many:{number}",
                order_number=f"XK{number}",
                payment_id="none",
                currency="THB",
                items=(SessionItem("x", 5000),),
                method="card",
                locale="en",
                success_url="http://testserver/",
                cancel_url="http://testserver/",
                expires_at=now() + timedelta(minutes=40),
                display_name="x",
            )
        )
        expire_session(session.session_id)
    found = list(list_events(since=now() - timedelta(minutes=5)))
    assert len({one.event_id for one in found}) == len(found) == len(sandbox.events()) >= 104


def test_clock_of_an_event_far_ahead_does_not_blind_reconciliation(
    clock: Clock, sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    ahead = event(id="evt_ahead", created=int(time.time()) + 10**8)
    assert deliver(ahead) == 200
    clock.shift(timedelta(minutes=10))
    assert reconcile_stripe(now=now()).events_missed > 0
