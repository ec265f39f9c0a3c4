"""Stripe's door: what is believed, what is stored, what is done about it."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from billing.models import LedgerEntry, Order, Payment, Renewal, StripeEvent
from billing.sandbox.server import SandboxServer
from billing.services.stripe_events import process_stripe_event
from billing.stripe_client import API_VERSION
from messaging.models import Message
from plans.models import Period
from portal.sweep import sweep

Deliver = Callable[..., int]
PATH = "/billing/stripe/webhook/"
SECRET = "whsec_sandbox_xuka"


def now() -> datetime:
    return datetime.now(UTC)


def signature(body: bytes, *, at: int | None = None, secret: str = SECRET) -> str:
    stamp = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


def event_body(**changes: Any) -> dict[str, Any]:
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


def post(client: Client, body: bytes, header: str | None) -> int:
    headers = {} if header is None else {"Stripe-Signature": header}
    return client.post(
        PATH, data=body, content_type="application/json", headers=headers
    ).status_code


def encoded(**changes: Any) -> bytes:
    return json.dumps(event_body(**changes)).encode()


@pytest.mark.django_db
def test_genuine_event_is_stored_and_answered(client: Client) -> None:
    body = encoded()
    assert post(client, body, signature(body)) == 200
    event = StripeEvent.objects.get()
    assert (event.event_id, event.state, event.object_id) == ("evt_1", "due", "cs_test_unknown")
    assert event.body == json.loads(body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forge",
    [
        lambda body: (body, None),
        lambda body: (body, ""),
        lambda body: (body, "v1=abc"),
        lambda body: (body, "t=abc,v1=abc"),
        lambda body: (body, signature(body, secret="whsec_other")),
        lambda body: (body, signature(body, secret="")),
        lambda body: (body, signature(body, at=int(time.time()) - 301)),
        lambda body: (body, signature(body, at=int(time.time()) + 302)),
        lambda body: (body + b" ", signature(body)),
        lambda body: (body, signature(body).replace("v1=", "v0=")),
        lambda body: (body, signature(body).replace("v1=", "v1=é")),
        lambda body: (body[:-1], signature(body[:-1])),
        lambda _: (b"[]", signature(b"[]")),
        lambda _: (b"null", signature(b"null")),
        lambda _: (b"\xff\xfe", signature(b"\xff\xfe")),
        lambda _: (encoded(id=None), signature(encoded(id=None))),
        lambda _: (encoded(id="cs_1"), signature(encoded(id="cs_1"))),
        lambda _: (encoded(id="evt_" + "x" * 200), signature(encoded(id="evt_" + "x" * 200))),
        lambda _: (encoded(type=7), signature(encoded(type=7))),
        lambda _: (encoded(created="soon"), signature(encoded(created="soon"))),
        lambda _: (encoded(created=10**20), signature(encoded(created=10**20))),
        lambda _: (encoded(data={}), signature(encoded(data={}))),
        lambda _: (encoded(data={"object": []}), signature(encoded(data={"object": []}))),
        lambda _: (encoded(note="\x00"), signature(encoded(note="\x00"))),
        lambda _: (encoded(note="x" * 300_000), signature(encoded(note="x" * 300_000))),
        lambda _: (b"x" * 2_000_000, signature(b"x" * 2_000_000)),
    ],
    ids=range(26),
)
def test_what_cannot_be_trusted_is_refused_and_leaves_no_row(
    client: Client, forge: Callable[[bytes], tuple[bytes, str | None]]
) -> None:
    body, header = forge(encoded())
    assert post(client, body, header) == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.django_db
def test_only_posts_are_answered(client: Client) -> None:
    assert client.get(PATH).status_code == 405


@pytest.mark.django_db
def test_both_secrets_are_good_while_one_is_being_changed(
    client: Client, settings: LazySettings
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_old", "whsec_new"]
    for secret in ("whsec_old", "whsec_new"):
        body = encoded(id=f"evt_{secret}")
        assert post(client, body, signature(body, secret=secret)) == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"livemode": True}, "live_mode"),
        ({"api_version": "2017-08-15"}, "api_version"),
        ({"api_version": None}, "api_version"),
    ],
)
def test_live_mode_and_other_versions_are_stored_as_refused_with_an_alarm(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    refusal: str,
) -> None:
    body = encoded(**changes)
    assert post(client, body, signature(body)) == 200
    event = StripeEvent.objects.get()
    assert (event.state, event.refusal) == (StripeEvent.State.REFUSED, refusal)
    alarms = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in alarms] == ["event refused"]
    process_stripe_event(event_pk=event.pk, now=now())
    sweep(now=now() + timedelta(hours=1))
    event.refresh_from_db()
    assert (event.state, event.attempts) == (StripeEvent.State.REFUSED, 0)


def test_refused_event_of_a_paid_session_applies_nothing(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    event = sandbox.events("checkout.session.completed")[0]
    assert deliver(event, livemode=True) == 200
    sweep_events()
    assert not Renewal.objects.exists()
    assert Order.objects.get().state == Order.State.AWAITING_PAYMENT


def sweep_events() -> None:
    for event in StripeEvent.objects.order_by("pk"):
        process_stripe_event(event_pk=event.pk, now=now())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["invoice.paid", "checkout.session.completed", "refund.updated"])
def test_unknown_types_and_unknown_objects_are_kept_and_left_alone(
    client: Client, kind: str
) -> None:
    body = encoded(type=kind)
    assert post(client, body, signature(body)) == 200
    sweep_events()
    assert StripeEvent.objects.get().state == StripeEvent.State.IGNORED


def test_paid_session_becomes_a_renewal_by_its_event(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    for event in sandbox.events():
        assert deliver(event) == 200
    sweep(now=now())
    sweep(now=now() + timedelta(seconds=2))
    assert Order.objects.get().state == Order.State.EFFECTIVE
    assert Renewal.objects.count() == Period.objects.count() == 1
    assert not StripeEvent.objects.filter(state=StripeEvent.State.DUE).exists()


def test_same_event_a_hundred_times_is_one_renewal_and_one_mail(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    event = sandbox.events("checkout.session.completed")[0]
    for _ in range(100):
        assert deliver(event) == 200
        sweep_events()
    sweep(now=now() + timedelta(seconds=2))
    assert StripeEvent.objects.count() == 1
    assert Renewal.objects.count() == Period.objects.count() == 1
    assert LedgerEntry.objects.count() == 2
    assert Message.objects.filter(channel="email").count() == 1
    assert Message.objects.filter(channel="sms").count() == 1


def test_event_that_overtakes_the_answer_to_our_call_still_finds_its_payment(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    session_id = payment.stripe_session_id or ""
    Payment.objects.update(stripe_session_id=None, checkout_url="", state="created")
    sandbox.pay(session_id)
    assert deliver(sandbox.events("checkout.session.completed")[0]) == 200
    sweep_events()
    payment.refresh_from_db()
    assert (payment.state, payment.stripe_session_id) == (Payment.State.PAID, session_id)


def test_event_stays_due_while_stripe_cannot_be_asked(
    sandbox: SandboxServer,
    settings: LazySettings,
    clock: time_machine.Traveller,
    payment: Payment,
    deliver: Deliver,
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    assert deliver(sandbox.events("checkout.session.completed")[0]) == 200
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    sweep_events()
    event = StripeEvent.objects.get()
    assert (event.state, event.attempts) == (StripeEvent.State.DUE, 1)
    assert not Renewal.objects.exists()
    settings.STRIPE_API_BASE = sandbox.base_url
    sweep(now=now() + timedelta(minutes=1))
    assert Renewal.objects.count() == 1


def test_session_that_stripe_does_not_know_puts_the_order_in_review(
    sandbox: SandboxServer, payment: Payment, deliver: Deliver
) -> None:
    sandbox.pay(payment.stripe_session_id or "")
    event = sandbox.events("checkout.session.completed")[0]
    signed = {**event}
    sandbox.reset()
    assert deliver(signed) == 200
    sweep_events()
    order = Order.objects.get()
    assert order.state == Order.State.IN_REVIEW
    assert order.review_reason == "unreadable_resource_missing"
    assert not Renewal.objects.exists()
