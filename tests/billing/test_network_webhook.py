"""The network's door: proved before any write, stored once, and only a reason to ask."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from billing.models import Renewal
from billing.services.renewals import push_renewal
from plans.models import NetworkEvent, ServiceOrder
from plans.network.callbacks import MAX_CALLBACK
from plans.network.signing import Keyring
from plans.services.network import place_service_order
from portal import ring
from portal.sweep import WORK
from tests.billing.factories import OrderFactory, RenewalFactory
from tests.factories import PeriodFactory, ServiceOrderFactory, SimulatorFaultFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEYS = Keyring("2026", {"2025": "o" * 40, "2026": "n" * 40})
URL = "/hooks/network/"
type Post = Callable[..., int]


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    """NOW, and keys that the operator signs with."""
    settings.NETWORK_KEY_ID = KEYS.key_id
    settings.NETWORK_SECRETS = dict(KEYS.secrets)
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was rung for."""
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(ring, "_publish", lambda *rung: heard.append(rung[:2]))
    return heard


@pytest.fixture
def post(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Post:
    """Send a callback, signed now, with changes to its headers; return the status."""

    def send(
        content: dict[str, Any] | bytes, keys: Keyring = KEYS, at: datetime = NOW, **headers: str
    ) -> int:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        signed = {**keys.sign(body, at=at), **headers}
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(URL, body, content_type="application/json", headers=signed)
        return response.status_code

    return send


@pytest.fixture
def renewal() -> Renewal:
    """An applied renewal whose network order is asked about again in ten minutes."""
    made = RenewalFactory.create()
    ServiceOrder.objects.filter(pk=made.service_order_id).update(
        state="underway", attempts=1, next_try_at=NOW + timedelta(minutes=10)
    )
    made.service_order.refresh_from_db()
    return made


def event(order_id: UUID | str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": "ev-1",
        "order_id": str(order_id),
        "state": "completed",
        "occurred_at": "2026-11-21T02:59:58+00:00",
        "completed_at": "2026-11-21T02:59:57+07:00",
        **changes,
    }


def test_news_is_stored_and_its_renewal_is_due_and_rung_for(
    renewal: Renewal, post: Post, bells: list[tuple[str, int]]
) -> None:
    order = renewal.service_order

    assert post(event(order.public_id)) == 200

    stored = NetworkEvent.objects.get()
    assert (stored.event_id, stored.order_id) == ("ev-1", order.public_id)
    assert (stored.service_order, stored.said, stored.received_at) == (order, "completed", NOW)
    assert stored.body == {
        "state": "completed",
        "code": "",
        "occurred_at": "2026-11-21T02:59:58+00:00",
        "completed_at": "2026-11-21T02:59:57+07:00",
    }
    order.refresh_from_db()
    assert (order.state, order.next_try_at) == ("underway", NOW)
    assert bells == [("billing.push_renewal", renewal.pk)]
    assert renewal.pk in next(work for work in WORK if work.name == "renewals").due(NOW)


def test_the_same_event_again_changes_nothing(
    renewal: Renewal, post: Post, bells: list[tuple[str, int]], clock: time_machine.Traveller
) -> None:
    post(event(renewal.service_order.public_id))
    later = NOW + timedelta(hours=1)
    ServiceOrder.objects.update(next_try_at=later)
    bells.clear()

    assert post(event(renewal.service_order.public_id)) == 200
    assert post(event(renewal.service_order.public_id, state="failed")) == 200

    assert NetworkEvent.objects.get().said == "completed"
    assert ServiceOrder.objects.get().next_try_at == later
    assert bells == []


def test_news_of_an_unknown_order_is_kept(post: Post, bells: list[tuple[str, int]]) -> None:
    order_id = uuid4()

    assert post(event(order_id)) == 200

    stored = NetworkEvent.objects.get()
    assert (stored.order_id, stored.service_order) == (order_id, None)
    assert bells == []


def test_news_of_an_order_without_a_renewal_makes_it_due(
    post: Post, bells: list[tuple[str, int]]
) -> None:
    order = ServiceOrderFactory.create(state="underway", next_try_at=NOW + timedelta(hours=1))

    assert post(event(order.public_id)) == 200

    order.refresh_from_db()
    assert order.next_try_at == NOW
    assert bells == []


@pytest.mark.parametrize(
    "ended", [{"state": "completed", "completed_at": NOW}, {"state": "refused"}]
)
def test_late_news_of_an_order_that_has_ended_changes_nothing(
    post: Post, ended: dict[str, Any]
) -> None:
    order = ServiceOrderFactory.create(next_try_at=None, **ended)

    assert post(event(order.public_id, state="inProgress")) == 200

    before = (order.state, order.next_try_at, order.completed_at)
    order.refresh_from_db()
    assert (order.state, order.next_try_at, order.completed_at) == before


@pytest.fixture
def slow() -> Renewal:
    """A renewal that the network has taken and confirms after a minute."""
    order = OrderFactory.create(state="applied")
    period = PeriodFactory.create(line=order.line)
    SimulatorFaultFactory.create(line_ref=order.line.public_id, kind="delay", seconds=60)
    placed = place_service_order(period=period, now=NOW)
    made = RenewalFactory.create(order=order, period=period, service_order=placed)
    push_renewal(renewal_id=made.pk, now=NOW)
    return made


def test_an_event_is_never_taken_for_the_state(post: Post, slow: Renewal) -> None:
    assert post(event(slow.service_order.public_id, state="completed")) == 200
    push_renewal(renewal_id=slow.pk, now=NOW)

    slow.refresh_from_db()
    slow.service_order.refresh_from_db()
    assert slow.effective_at is None
    assert (slow.service_order.state, slow.service_order.attempts) == ("underway", 2)


def test_two_events_in_the_wrong_order_end_as_in_the_right_one(
    post: Post, slow: Renewal, clock: time_machine.Traveller
) -> None:
    at = NOW + timedelta(minutes=1)
    clock.move_to(at)

    post(event(slow.service_order.public_id, event_id="ev-2"), at=at)
    push_renewal(renewal_id=slow.pk, now=at)
    post(event(slow.service_order.public_id, event_id="ev-1", state="inProgress"), at=at)
    push_renewal(renewal_id=slow.pk, now=at)

    slow.refresh_from_db()
    slow.service_order.refresh_from_db()
    assert slow.effective_at == at
    assert (slow.service_order.state, slow.service_order.attempts) == ("completed", 2)
    assert NetworkEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"X-Signature": ""}, NOW),
        ({"X-Signature": "v1=" + "0" * 64}, NOW),
        ({"X-Key-Id": "2024"}, NOW),
        ({"X-Key-Id": "2025"}, NOW),
        ({"X-Timestamp": "soon"}, NOW),
        ({}, NOW - timedelta(seconds=301)),
        ({}, NOW + timedelta(seconds=301)),
    ],
)
def test_what_is_not_believed_leaves_no_row(
    renewal: Renewal,
    post: Post,
    bells: list[tuple[str, int]],
    headers: dict[str, str],
    at: datetime,
) -> None:
    assert post(event(renewal.service_order.public_id), at=at, **headers) == 400

    assert not NetworkEvent.objects.exists()
    assert ServiceOrder.objects.get().next_try_at == NOW + timedelta(minutes=10)
    assert bells == []


def test_the_old_secret_is_believed_while_it_is_changed(post: Post) -> None:
    assert post(event(uuid4()), keys=Keyring("2025", KEYS.secrets)) == 200


def test_without_secrets_nobody_is_believed(post: Post, settings: Settings) -> None:
    settings.NETWORK_KEY_ID, settings.NETWORK_SECRETS = "", {}

    assert post(event(uuid4())) == 400
    assert not NetworkEvent.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 50_000,
        b'{"event_id":"ev-1","order_id":"' + b"x" * MAX_CALLBACK + b'"}',
        b"\xff\xfe",
        event("no-uuid"),
        event(uuid4(), event_id=""),
        event(uuid4(), event_id=7),
        event(uuid4(), event_id="a" * 121),
        event(uuid4(), event_id="a\x00b"),
        event(uuid4(), event_id="事件"),
    ],
    ids=range(12),
)
def test_a_signed_body_that_is_no_event_is_refused(
    post: Post, content: dict[str, Any] | bytes
) -> None:
    assert post(content) == 400
    assert not NetworkEvent.objects.exists()


def test_words_of_another_shape_are_dropped_and_the_event_is_kept(post: Post) -> None:
    odd = {"state": "\x00" * 9, "code": "\ud800", "occurred_at": 7, "completed_at": "2026-11-21"}
    body = json.dumps({**event(uuid4()), **odd}).encode()

    assert post(body) == 200

    stored = NetworkEvent.objects.get()
    assert stored.said == ""
    assert stored.body == {"state": "", "code": "", "occurred_at": None, "completed_at": None}


def test_the_door_takes_posts_only(client: Client) -> None:
    assert client.get(URL).status_code == 405
    assert client.put(URL).status_code == 405
