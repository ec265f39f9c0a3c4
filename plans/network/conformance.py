"""Does an operator's system keep the contract of docs/network.md? Asked over the wire, not read.

Points at a test system that knows the three test lines; writes orders there, reads nothing of ours.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from plans.network.operator_book import TEST_OK
from plans.network.signing import Keyring
from plans.network.wire import NoAnswer, NotSent, WireAnswer, exchange

STATES = {"acknowledged", "inProgress", "held", "completed", "failed", "partial", "cancelled"}
OPEN_STATES = {"acknowledged", "inProgress", "held"}
# Seconds between two questions for one order.
ASK_EVERY = 0.2


class Verdict(StrEnum):
    """What came of one probe."""

    OK = "ok"
    FINDING = "finding"
    SKIPPED = "skipped"


class Finding(Exception):
    """The contract is broken; the text says what was expected and what came."""


class NotTried(Exception):
    """The probe needs what was not given; the text says what."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    probe: str
    verdict: Verdict
    detail: str = ""


class Peer:
    """The operator's system under test, and how long it may take to complete an order."""

    def __init__(self, *, base_url: str, keys: Keyring, wait: float) -> None:
        self.base_url = base_url.rstrip("/")
        self.keys = keys
        self.wait = wait

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        keys: Keyring | None = None,
        age: timedelta = timedelta(0),
        without: str = "",
        signed_body: bytes | None = None,
    ) -> WireAnswer:
        """One exchange; the keywords make its signature wrong in one way.

        Raises Finding when nothing comes back.
        """
        at = datetime.now(UTC) - age
        signed = body if signed_body is None else signed_body
        headers = {"Content-Type": "application/json", **(keys or self.keys).sign(signed, at=at)}
        headers.pop(without, None)
        try:
            return exchange(method, self.base_url + path, headers=headers, body=body)
        except NotSent as error:
            raise Finding(f"no connection: {error}") from error
        except NoAnswer as error:
            raise Finding(f"no whole answer to {method} {path}: {error}") from error

    def put(self, order_id: UUID, content: Mapping[str, Any], **wrong: Any) -> WireAnswer:
        """Hand over an order."""
        return self.call("PUT", f"/v1/service-orders/{order_id}", as_bytes(content), **wrong)

    def get(self, order_id: UUID, **wrong: Any) -> WireAnswer:
        """Ask how far an order is."""
        return self.call("GET", f"/v1/service-orders/{order_id}", **wrong)

    def put_new(self, line_ref: str = TEST_OK) -> tuple[UUID, dict[str, Any]]:
        """Hand over an order that must be taken; return its id and its body."""
        order_id, content = uuid4(), new_order(line_ref)
        expect(self.put(order_id, content), {201, 202}, "a new order")
        return order_id, content

    def finished(self, order_id: UUID) -> dict[str, Any]:
        """Ask until the order is no longer under way; raises Finding when that takes too long."""
        deadline = time.monotonic() + self.wait
        while True:
            content = state_in(expect(self.get(order_id), {200}, "the state of an order"))
            if content["state"] not in OPEN_STATES:
                return content
            if time.monotonic() > deadline:
                raise Finding(f"still {content['state']} after {self.wait:g} s")
            time.sleep(ASK_EVERY)


def new_order(line_ref: str) -> dict[str, Any]:
    """The body of an order for a test line: a plan of 30 days from now on, with one bucket."""
    start = datetime.now(UTC).replace(microsecond=0)
    end = start + timedelta(days=30)
    return {
        "line_ref": line_ref,
        "msisdn": "+12015550100",
        "iccid": "8901260000000000014",
        "action": "apply_period",
        "plan_sku": "TEST-30",
        "plan_version": 1,
        "start_at": start.isoformat(),
        "end_at": end.isoformat(),
        "buckets": [
            {
                "code": "data",
                "unit": "bytes",
                "amount": 1024**3,
                "scope": ["US"],
                "valid_from": start.isoformat(),
                "valid_until": end.isoformat(),
            }
        ],
    }


def as_bytes(content: Mapping[str, Any]) -> bytes:
    """A body as it goes over the wire."""
    return json.dumps(content, ensure_ascii=False).encode()


def expect(answer: WireAnswer, statuses: set[int], to: str) -> WireAnswer:
    """Return the answer when its status is one of these; raises Finding otherwise."""
    if answer.status not in statuses:
        wanted = " or ".join(str(status) for status in sorted(statuses))
        raise Finding(f"{wanted} expected to {to}, {answer.status} came")
    return answer


def state_in(answer: WireAnswer) -> dict[str, Any]:
    """Return the content of an answer that tells a state of the contract."""
    content = answer.json()
    state = content.get("state")
    if not isinstance(state, str) or state not in STATES:
        raise Finding(f"state is {state!r}, none of the contract's words")
    return content


def run_probes(peer: Peer, probes: Mapping[str, Callable[[Peer], None]]) -> list[Result]:
    """Run each probe and return what came of it; one finding does not stop the others."""
    results = []
    for name, probe in probes.items():
        try:
            probe(peer)
        except Finding as finding:
            results.append(Result(name, Verdict.FINDING, str(finding)))
        except NotTried as reason:
            results.append(Result(name, Verdict.SKIPPED, str(reason)))
        else:
            results.append(Result(name, Verdict.OK))
    return results
