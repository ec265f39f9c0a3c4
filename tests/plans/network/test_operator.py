"""The simulated operator listens on loopback only and can be started by hand."""

import io
import threading
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from plans.management.commands import simulated_operator
from plans.network.conformance import Peer, new_order
from plans.network.operator_book import TEST_OK, Book
from plans.network.signing import Keyring
from plans.network.simulated_operator import SimulatedOperator
from tests.plans.network.conftest import KEYS


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        SimulatedOperator(KEYS, host=host)


def test_the_command_runs_it_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    statuses: list[int] = []

    def meanwhile(_command: simulated_operator.Command) -> None:
        url = out.getvalue().split()[0]
        keys = Keyring("test", {"test": simulated_operator.SECRET})
        peer = Peer(base_url=url, keys=keys, wait=5)
        statuses.extend(peer.put(uuid4(), new_order(TEST_OK)).status for _try in range(2))

    monkeypatch.setattr(simulated_operator.Command, "_wait", meanwhile)
    before = threading.active_count()

    call_command("simulated_operator", "--port", "0", "--fault", "too_many", stdout=out)

    assert statuses == [429, 201]
    assert threading.active_count() == before


def test_a_port_that_is_taken_is_named() -> None:
    with SimulatedOperator(KEYS) as operator:
        port = operator.base_url.rpartition(":")[2]
        with pytest.raises(CommandError, match=f"port {port} cannot be used"):
            call_command("simulated_operator", "--port", port, stdout=io.StringIO())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/service-orders/no-uuid", 404),
        ("PUT", "/v1/lines", 404),
        ("GET", "/v2/anything", 404),
        ("GET", "/v1/lines", 422),
        ("GET", "/v1/lines?changed_since=yesterday", 422),
        ("GET", "/v1/lines?changed_since=2026-11-21T00:00:00", 422),
        ("GET", "/v1/lines/NOBODY", 404),
    ],
)
def test_what_is_not_in_the_contract_is_refused(
    operator: SimulatedOperator, method: str, path: str, status: int
) -> None:
    peer = Peer(base_url=operator.base_url, keys=KEYS, wait=5)

    assert peer.call(method, path, b"{}" if method == "PUT" else b"").status == status


def test_an_event_that_nobody_takes_is_given_up_in_the_end() -> None:
    book = Book()
    book.put(str(uuid4()), new_order(TEST_OK))
    told = 0
    while due := book.due_callbacks():
        told += 1
        book.call_again(due[0], after=0)

    assert told == 50
