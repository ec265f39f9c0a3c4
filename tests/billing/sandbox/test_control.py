"""The control page: for this machine only, sends again, moves the clock, forgets."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from billing.sandbox.server import SandboxServer
from tests.billing.sandbox.conftest import Receiver, Seen

Open = Callable[..., Any]
Browse = Callable[..., Seen]

JSON = {"Content-Type": "application/json"}


def test_the_page_lists_events_with_a_button_each(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    assert "No events yet." in browse("/_sandbox/").text
    sandbox.pay(open_session().id)
    seen = browse("/_sandbox/")
    assert seen.status == 200
    assert seen.text.count(">Resend</button>") == 3
    for event in sandbox.events():
        assert event["id"] in seen.text
        assert event["type"] in seen.text


def test_the_root_leads_to_the_control_page(browse: Browse) -> None:
    assert browse("/").headers["location"] == "/_sandbox/"


def test_the_json_twin_lists_events(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    sandbox.pay(open_session().id)
    listed = json.loads(browse("/_sandbox/api/events").text)
    assert listed == {"events": sandbox.events(), "tries": []}
    some = json.loads(browse("/_sandbox/api/events?type=charge.succeeded").text)
    assert [event["type"] for event in some["events"]] == ["charge.succeeded"]


def test_an_event_is_sent_again_to_the_endpoint_that_was_set(
    sandbox: SandboxServer, open_session: Open, browse: Browse, receiver: Receiver
) -> None:
    sandbox.pay(open_session().id)
    event = sandbox.events()[0]
    told = browse("/_sandbox/api/webhook", {"url": receiver.url})
    assert json.loads(told.text)["url"] == receiver.url
    assert browse("/_sandbox/api/resend", {"event": event["id"]}).status == 200
    assert browse("/_sandbox/do/resend", {"event": event["id"]}).status == 303
    assert [got.id for got in receiver.wait_for(2)] == [event["id"]] * 2


def test_the_clock_is_moved_and_reset_forgets_everything(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    sandbox.pay(open_session().id)
    browse("/_sandbox/api/clock", {"offset_seconds": "3600"})
    assert sandbox.clock_offset == 3600
    browse("/_sandbox/api/reset", {})
    assert (sandbox.events(), sandbox.requests, sandbox.clock_offset) == ([], [], 0)


def test_an_empty_endpoint_stops_sending(sandbox: SandboxServer, browse: Browse) -> None:
    browse("/_sandbox/api/webhook", {"url": "http://127.0.0.1:9/"})
    assert sandbox.delivery.url == "http://127.0.0.1:9/"
    browse("/_sandbox/api/webhook", {"url": ""})
    assert sandbox.delivery.url is None


def test_orders_may_come_as_json(sandbox: SandboxServer, browse: Browse) -> None:
    seen = browse("/_sandbox/api/clock", body='{"offset_seconds": -60}', headers=JSON)
    assert json.loads(seen.text) == {"offset_seconds": -60, "url": None}
    for body in ("{", "[]", '{"offset_seconds": null}'):
        assert browse("/_sandbox/api/clock", body=body, headers=JSON).status == 400
    assert sandbox.clock_offset == -60


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/_sandbox/api/nothing", None, 404),
        ("/_sandbox/api/nothing", {}, 404),
        ("/_sandbox/api/resend", {"event": "evt_nothing"}, 404),
        ("/_sandbox/api/resend", {}, 400),
        ("/_sandbox/api/clock", {"offset_seconds": "soon"}, 400),
        ("/_sandbox/api/clock", {}, 400),
        ("/_sandbox/api/webhook", {"url": "file:///etc/passwd"}, 400),
    ],
)
def test_a_faulty_order_is_refused(
    path: str, form: dict[str, str] | None, status: int, browse: Browse
) -> None:
    assert browse(path, form).status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_give_no_orders(
    headers: dict[str, str], sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    sandbox.pay(open_session().id)
    assert browse("/_sandbox/api/reset", {}, headers=headers).status == 403
    assert len(sandbox.events()) == 3
