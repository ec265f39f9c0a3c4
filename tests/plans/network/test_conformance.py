"""`check_network` passes a good operator and finds what is wrong with a bad one."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from plans.network.callback_listener import CallbackListener
from plans.network.conformance import Peer, Verdict, run_probes
from plans.network.operator_book import Book, Defect
from plans.network.probes import all_probes
from plans.network.simulated_operator import SimulatedOperator
from tests.plans.network.conftest import KEYS, SECRET

# Seconds an order may take: far more than the simulated operator needs.
WAIT = 20


def probed(*defects: Defect) -> dict[str, tuple[Verdict, str]]:
    """What the suite says of an operator with these defects, by probe."""
    book = Book(seconds=0.3, defects=frozenset(defects))
    with (
        CallbackListener(0) as listener,
        SimulatedOperator(KEYS, book=book, callback_url=listener.url) as operator,
    ):
        peer = Peer(base_url=operator.base_url, keys=KEYS, wait=WAIT)
        results = run_probes(peer, all_probes(listener))
    return {result.probe: (result.verdict, result.detail) for result in results}


def findings(*defects: Defect) -> dict[str, str]:
    """Probe → what it found."""
    return {
        probe: detail
        for probe, (verdict, detail) in probed(*defects).items()
        if verdict == Verdict.FINDING
    }


def test_a_good_operator_keeps_every_promise() -> None:
    assert set(probed().values()) == {(Verdict.OK, "")}


@pytest.mark.parametrize(
    ("defect", "found"),
    [
        (
            Defect.ANY_SIGNATURE,
            {"wrong signature": "401 expected to a call with no X-Signature, 201 came"},
        ),
        (
            Defect.ANY_AGE,
            {"old message": "401 expected to a call signed six minutes ago, 201 came"},
        ),
        (
            Defect.ANY_BODY,
            {
                "same id, other body": "409 expected to the same id with another body, 200 came",
            },
        ),
        (
            Defect.NO_RETRY_AFTER,
            {"busy": "no Retry-After in seconds or as a date"},
        ),
        (
            Defect.UNSIGNED_CALLBACK,
            {"callback": "callback is not believed: no time"},
        ),
    ],
)
def test_a_planted_fault_is_found_where_it_is(defect: Defect, found: dict[str, str]) -> None:
    assert findings(defect) == found


def test_an_operator_that_does_the_work_each_time_is_found() -> None:
    assert {"same order again", "same order at once"} <= set(findings(Defect.NEW_EACH_TIME))


def test_an_operator_that_forgets_what_it_took_is_found() -> None:
    found = findings(Defect.FORGETS)

    assert {"state of an order", "lost answer", "completion"} <= set(found)


def test_a_refusal_without_a_code_is_found() -> None:
    words = "422 without a `code` of letters, digits and _.-"
    assert findings(Defect.NO_CODE) == {"refusal": words, "nonsense": words}


def test_five_faults_at_once_are_five_findings_at_least() -> None:
    found = findings(
        Defect.ANY_SIGNATURE,
        Defect.ANY_AGE,
        Defect.ANY_BODY,
        Defect.NO_RETRY_AFTER,
        Defect.UNSIGNED_CALLBACK,
    )

    assert {
        "wrong signature",
        "old message",
        "same id, other body",
        "busy",
        "callback",
    } <= set(found)


def check(url: str, *more: str, **options: Any) -> str:
    """The table that the command prints; raises CommandError on a finding."""
    out = io.StringIO()
    call_command(
        "check_network",
        *more,
        url=url,
        key_id=KEYS.key_id,
        secret=SECRET,
        stdout=out,
        **{"wait": WAIT, **options},
    )
    return out.getvalue()


@pytest.fixture
def good(book: Book) -> Iterator[str]:
    """Address of an operator that keeps the contract."""
    with SimulatedOperator(KEYS, book=book) as operator:
        yield operator.base_url


def test_the_command_prints_a_table(good: str) -> None:
    lines = check(good).splitlines()

    assert len(lines) == 15
    assert lines[0] == "new order            ok"
    assert lines[13].startswith("callback             skipped   give --listen PORT")
    assert lines[14] == "14 promises asked about, no finding."


def test_the_command_can_ask_one_thing(good: str) -> None:
    assert check(good, only="busy").splitlines() == [
        "busy  ok",
        "1 promises asked about, no finding.",
    ]


def test_the_command_hears_callbacks() -> None:
    with CallbackListener(0) as free:
        port = free.server_address[1]
    url = f"http://127.0.0.1:{port}/"
    with SimulatedOperator(KEYS, book=Book(seconds=0.1), callback_url=url) as operator:
        assert check(operator.base_url, only="callback", listen=port).startswith("callback  ok")


def test_the_command_fails_on_a_finding() -> None:
    book = Book(defects=frozenset({Defect.ANY_BODY}))
    with (
        SimulatedOperator(KEYS, book=book) as operator,
        pytest.raises(CommandError, match=r"1 of 14 promises are not kept\."),
    ):
        check(operator.base_url)


def test_a_wrong_secret_is_a_finding_and_no_crash(good: str) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="promises are not kept"):
        call_command("check_network", url=good, key_id="2026", secret="x" * 40, wait=1, stdout=out)

    assert "new order            finding   201 or 202 expected to a new order, 401 came" in (
        out.getvalue()
    )


def test_an_operator_that_does_not_listen_is_a_finding_everywhere() -> None:
    with SimulatedOperator(KEYS) as gone:
        url = gone.base_url
    with pytest.raises(CommandError, match=r"13 of 14 promises"):
        check(url)


@pytest.mark.parametrize("url", ["ocs.example", "ftp://ocs.example", "http://"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="--url must begin"):
        check(url)


def test_a_port_that_is_taken_is_named(good: str) -> None:
    port = int(good.rpartition(":")[2])
    with pytest.raises(CommandError, match=f"port {port} of this machine cannot be used"):
        check(good, listen=port)
