"""Whatever comes back over the wire, each call has one outcome of the port."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from plans.network import get_network, wire
from plans.network.http import HttpNetwork
from plans.network.operator_book import Book, Fault
from plans.network.port import (
    AnswerLost,
    AnswerState,
    NetworkAnswer,
    NetworkLine,
    NetworkOrder,
    NetworkRefused,
    NetworkUnavailable,
)
from plans.network.signing import Keyring
from plans.network.simulated_operator import SimulatedOperator
from tests.plans.network.answers import ScriptedServer, reply
from tests.plans.network.conftest import KEYS

type MakeOrder = Callable[..., NetworkOrder]
COMPLETED = b'{"state":"completed","completed_at":"2026-11-21T05:00:00+00:00"}'


def client_of(server: ScriptedServer, settings: Settings) -> HttpNetwork:
    settings.LOCAL_TEST = True
    return HttpNetwork(base_url=server.url, keys=KEYS)


def test_the_setting_names_the_adapter(over_http: SimulatedOperator) -> None:
    assert isinstance(get_network(), HttpNetwork)


def test_an_order_is_taken_once_and_known_afterwards(
    network: HttpNetwork, book: Book, an_order: MakeOrder
) -> None:
    order = an_order()

    first = network.put(order)

    assert first.state == AnswerState.COMPLETED
    assert first.completed_at is not None
    assert network.put(order) == network.get(order.order_id) == first
    assert book.applied == {str(order.order_id): 1}


def test_an_order_that_never_arrived_is_unknown(network: HttpNetwork) -> None:
    assert network.get(uuid4()) is None


def test_the_same_id_with_another_body_is_a_conflict(
    network: HttpNetwork, an_order: MakeOrder
) -> None:
    order_id = uuid4()
    network.put(an_order(order_id))

    with pytest.raises(NetworkRefused) as refusal:
        network.put(an_order(order_id, plan_version=2))

    assert refusal.value.code == "conflict"


def test_a_slow_network_says_that_it_is_under_way(
    network: HttpNetwork, book: Book, an_order: MakeOrder
) -> None:
    book.fail(Fault.DELAY, seconds=3600)

    assert network.put(an_order()) == NetworkAnswer(AnswerState.UNDERWAY)


def test_a_refusal_has_its_code_now_and_later(
    network: HttpNetwork, book: Book, an_order: MakeOrder
) -> None:
    order = an_order()
    book.fail(Fault.REFUSE)

    with pytest.raises(NetworkRefused) as refusal:
        network.put(order)

    assert refusal.value.code == "unknown_line"
    assert network.get(order.order_id) == NetworkAnswer(AnswerState.REFUSED, reason="unknown_line")
    assert book.applied.total() == 0


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.TOO_MANY])
def test_a_busy_network_says_when_to_come_back(
    network: HttpNetwork, book: Book, an_order: MakeOrder, fault: Fault
) -> None:
    book.fail(fault, seconds=120)

    with pytest.raises(NetworkUnavailable) as trouble:
        network.put(an_order())

    assert trouble.value.retry_after == 120
    assert book.applied.total() == 0


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.SERVER_ERROR])
def test_an_order_whose_answer_was_lost_is_found_by_asking(
    network: HttpNetwork, book: Book, an_order: MakeOrder, fault: Fault
) -> None:
    order = an_order()
    book.fail(fault)

    with pytest.raises(AnswerLost):
        network.put(order)

    found = network.get(order.order_id)
    assert found is not None
    assert found.state == AnswerState.COMPLETED
    assert book.applied == {str(order.order_id): 1}


def test_a_wrong_secret_takes_nothing_and_is_an_alarm(
    over_http: SimulatedOperator,
    an_order: MakeOrder,
    book: Book,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stranger = HttpNetwork(base_url=over_http.base_url, keys=Keyring("2026", {"2026": "x" * 40}))

    with pytest.raises(NetworkUnavailable):
        stranger.put(an_order())

    assert book.applied.total() == 0
    assert "network answers outside the contract" in caplog.text


def test_the_call_is_signed_and_says_what_it_is(settings: Settings, an_order: MakeOrder) -> None:
    order = an_order(msisdn="+66812345678")
    with ScriptedServer(reply("202 Accepted")) as server:
        assert client_of(server, settings).put(order) == NetworkAnswer(AnswerState.UNDERWAY)

    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0] == f"PUT /v1/service-orders/{order.order_id} HTTP/1.1"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Key-Id"] == "2026"
    KEYS.verify(body, headers, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        ("200 OK", b'{"state":"acknowledged"}', NetworkAnswer(AnswerState.UNDERWAY)),
        ("201 Created", b'{"state":"inProgress"}', NetworkAnswer(AnswerState.UNDERWAY)),
        ("202 Accepted", b'{"state":"held"}', NetworkAnswer(AnswerState.UNDERWAY, reason="held")),
        (
            "200 OK",
            COMPLETED,
            NetworkAnswer(AnswerState.COMPLETED, datetime(2026, 11, 21, 5, tzinfo=UTC)),
        ),
        ("200 OK", b'{"state":"completed"}', NetworkAnswer(AnswerState.COMPLETED)),
        (
            "200 OK",
            b'{"state":"completed","completed_at":"2026-11-21T05:00:00"}',
            NetworkAnswer(AnswerState.COMPLETED),
        ),
        (
            "200 OK",
            b'{"state":"failed","code":"no_such_plan"}',
            NetworkAnswer(AnswerState.REFUSED, reason="no_such_plan"),
        ),
        (
            "200 OK",
            b'{"state":"partial","code":"<script>"}',
            NetworkAnswer(AnswerState.REFUSED, reason="partial"),
        ),
        (
            "200 OK",
            b'{"state":"cancelled"}',
            NetworkAnswer(AnswerState.REFUSED, reason="cancelled"),
        ),
    ],
)
def test_each_word_of_the_contract_is_understood(
    settings: Settings, an_order: MakeOrder, status: str, body: bytes, said: NetworkAnswer
) -> None:
    with ScriptedServer(reply(status, body)) as server:
        assert client_of(server, settings).put(an_order()) == said


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        ("409 Conflict", b"", "conflict"),
        ("412 Precondition Failed", b"", "version"),
        ("422 Unprocessable Content", b'{"code":"number_ported_out"}', "number_ported_out"),
        ("422 Unprocessable Content", b"<html>", "refused"),
        ("422 Unprocessable Content", b'{"code":7}', "refused"),
    ],
)
def test_a_refusal_for_good_has_a_code(
    settings: Settings, an_order: MakeOrder, status: str, body: bytes, code: str
) -> None:
    with (
        ScriptedServer(reply(status, body)) as server,
        pytest.raises(NetworkRefused) as refusal,
    ):
        client_of(server, settings).put(an_order())

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "script",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"],
        [b"SSH-2.0-OpenSSH\r\n"],
        reply("200 OK", b"<html>a proxy's page</html>"),
        reply("200 OK", b'{"state":"fine"}'),
        reply("200 OK", b'{"state":["completed"]}'),
        reply("200 OK", b"[" * 50_000),
        reply("200 OK", b""),
        reply("200 OK", b" " * (wire.MAX_ANSWER + 1)),
        reply("500 Internal Server Error"),
        reply("502 Bad Gateway"),
        reply("504 Gateway Timeout"),
    ],
    ids=range(12),
)
def test_an_answer_that_tells_nothing_is_a_lost_one(
    settings: Settings, an_order: MakeOrder, script: list[bytes]
) -> None:
    with ScriptedServer(script, script) as server:
        network = client_of(server, settings)
        with pytest.raises(AnswerLost):
            network.put(an_order())
        with pytest.raises(AnswerLost):
            network.get(uuid4())


@pytest.mark.parametrize(
    "status",
    ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "413 Too Large"],
)
def test_a_status_outside_the_contract_took_nothing(
    settings: Settings, an_order: MakeOrder, status: str
) -> None:
    with ScriptedServer(reply(status)) as server, pytest.raises(NetworkUnavailable) as trouble:
        client_of(server, settings).put(an_order())

    assert trouble.value.retry_after is None


def test_a_redirect_is_not_followed(settings: Settings, an_order: MakeOrder) -> None:
    with ScriptedServer(reply("200 OK", COMPLETED)) as elsewhere:
        to = f"Location: {elsewhere.url}/".encode()
        with ScriptedServer(reply("307 Temporary Redirect", b"", to)) as server:
            network = client_of(server, settings)
            with pytest.raises(NetworkUnavailable):
                network.put(an_order())

    assert elsewhere.asked == []


def test_proxies_of_the_environment_are_not_used(
    settings: Settings, an_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(reply("200 OK", COMPLETED)) as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        answer = client_of(server, settings).put(an_order())

    assert answer.state == AnswerState.COMPLETED


def test_a_network_that_does_not_listen_took_nothing(
    settings: Settings, an_order: MakeOrder
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.LOCAL_TEST = True
    network = HttpNetwork(base_url=f"http://127.0.0.1:{port}", keys=KEYS)

    with pytest.raises(NetworkUnavailable):
        network.put(an_order())


def test_a_trickle_of_bytes_does_not_hold_us(
    settings: Settings, an_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire.exchange, "__kwdefaults__", {"body": b"", "seconds": 0.3})
    trickle = [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100]
    with ScriptedServer(trickle, pause=0.1) as server, pytest.raises(AnswerLost) as lost:
        client_of(server, settings).put(an_order())

    assert str(lost.value) == "too slow"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"Retry-After: 0", 0),
        (b"Retry-After: 7", 7),
        (b"Retry-After: 99999999999999", 3600),
        (b"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", 0),
        (b"Retry-After: soon", None),
        (b"Retry-After: -5", None),
        (b"X-Other: 7", None),
    ],
)
def test_retry_after_is_read_in_both_writings_and_bounded(
    settings: Settings, an_order: MakeOrder, header: bytes, seconds: int | None
) -> None:
    with (
        ScriptedServer(reply("503 Service Unavailable", b"", header)) as server,
        pytest.raises(NetworkUnavailable) as trouble,
    ):
        client_of(server, settings).put(an_order())

    assert trouble.value.retry_after == seconds


def test_plain_http_is_refused_outside_a_test_installation(settings: Settings) -> None:
    settings.LOCAL_TEST = False

    with pytest.raises(ImproperlyConfigured, match="https"):
        HttpNetwork(base_url="http://ocs.example", keys=KEYS)


def test_changed_lines_come_page_by_page(
    network: HttpNetwork, book: Book, an_order: MakeOrder
) -> None:
    for number in range(205):
        book.put(str(uuid4()), an_order(line_ref=f"L{number:04}").body())
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    lines = list(network.changed_lines(an_hour_ago))

    assert [line.line_ref for line in lines] == [f"L{number:04}" for number in range(205)]
    assert lines[0] == NetworkLine(
        line_ref="L0000",
        msisdn="+66812345678",
        iccid="8966010000000000010",
        state="active",
        service_until=datetime(2026, 12, 20, 17, tzinfo=UTC),
    )
    assert network.line("L0204") == lines[-1]
    assert network.line("../service-orders/x") is None
    assert list(network.changed_lines(datetime.now(UTC) + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"line_ref":"A"}', NetworkLine("A")),
        (b'{"line_ref":"A","service_until":null}', NetworkLine("A", has_service=False)),
        (b'{"line_ref":"A","msisdn":7,"state":"a\\u0000b\\ud800"}', NetworkLine("A", state="ab?")),
    ],
)
def test_a_line_says_what_it_says(settings: Settings, body: bytes, line: NetworkLine) -> None:
    with ScriptedServer(reply("200 OK", body)) as server:
        assert client_of(server, settings).line("A") == line


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"lines":7}',
        b'{"lines":[7]}',
        b'{"lines":[{"line_ref":""}]}',
        b'[{"line_ref":"A"}]',
    ],
)
def test_a_listing_of_another_shape_is_a_lost_answer(settings: Settings, body: bytes) -> None:
    with ScriptedServer(reply("200 OK", body)) as server, pytest.raises(AnswerLost):
        list(client_of(server, settings).changed_lines(datetime.now(UTC)))
