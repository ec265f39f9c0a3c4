"""What a simulated operator remembers, and how it answers: the contract without the sockets.

It stands for a system of somebody else's: it keeps its own memory and clock and shares nothing
with our tables. Faults are what good systems do on bad days; defects are what a wrong
implementation does every day, for the conformance suite to find.
"""

import hashlib
import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

Json = dict[str, Any]

# Lines that every test system knows, and what happens to their orders (docs/network.md).
TEST_OK, TEST_REFUSED, TEST_BUSY = "TEST-OK", "TEST-REFUSED", "TEST-BUSY"
PAGE = 100
RETRY_AFTER = 1
ANY_LINE = "*"
# How often an event is told to a portal that does not take it.
MOST_TELLINGS = 50
FIELDS = {"line_ref": str, "msisdn": str, "action": str, "start_at": str, "end_at": str}


class Fault(StrEnum):
    """What goes wrong for a while."""

    # Completes later, by `seconds`.
    DELAY = "delay"
    # Does the work and hangs up.
    LOST_ANSWER = "lost_answer"
    # Does the work, then answers 500.
    SERVER_ERROR = "server_error"
    # 503 or 429, and nothing is done.
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"
    # Refuses for good.
    REFUSE = "refuse"
    # Calls back twice, or signs wrongly.
    DUPLICATE_CALLBACK = "duplicate_callback"
    WRONG_SIGNATURE = "wrong_signature"


class Defect(StrEnum):
    """What a wrong implementation does; each is found by `check_network`."""

    ANY_SIGNATURE = "any_signature"
    ANY_AGE = "any_age"
    ANY_BODY = "any_body"
    NEW_EACH_TIME = "new_each_time"
    FORGETS = "forgets"
    NO_CODE = "no_code"
    NO_RETRY_AFTER = "no_retry_after"
    UNSIGNED_CALLBACK = "unsigned_callback"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `is_lost` hangs up instead."""

    status: int
    content: Json
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False


@dataclass(slots=True)
class Held:
    """One order as the operator holds it."""

    order_id: str
    body: Json
    body_hash: str
    completes_at: datetime
    code: str = ""
    has_left: bool = False

    def content(self, now: datetime) -> Json:
        """What the operator says of it."""
        said: Json = {"id": self.order_id, "state": self.state(now)}
        if self.code:
            said["code"] = self.code
        elif self.completes_at <= now:
            said["completed_at"] = self.completes_at.isoformat()
        return said

    def state(self, now: datetime) -> str:
        """The contract's word for how far it is."""
        if self.code:
            return "failed"
        return "completed" if self.completes_at <= now else "inProgress"


@dataclass(frozen=True, slots=True)
class Callback:
    """An event on its way; `is_wrong` is signed with no key of ours."""

    event: Json
    due_at: datetime
    is_wrong: bool = False
    tellings: int = 0


class Book:
    """Every order of one operator; safe to ask from many threads."""

    def __init__(self, *, seconds: float = 0, defects: frozenset[Defect] = frozenset()) -> None:
        self.seconds = seconds
        self.defects = defects
        # How often each order was carried out: never more than once, or money was wasted.
        self.applied: Counter[str] = Counter()
        self._orders: dict[str, Held] = {}
        self._faults: dict[tuple[str, Fault], list[float]] = {}
        self._callbacks: list[Callback] = []
        self._busy: set[str] = set()
        self._lock = threading.RLock()

    def fail(
        self, fault: Fault, *, line_ref: str = ANY_LINE, times: int = 1, seconds: float = 0
    ) -> None:
        """Let a fault happen the next `times` times, for one line or any."""
        with self._lock:
            self._faults.setdefault((line_ref, fault), []).extend([seconds] * times)

    def put(self, order_id: str, body: Json) -> Reply:
        """Take an order once; the same id and body again gets the same answer."""
        with self._lock:
            ref, now = str(body.get("line_ref", "")), datetime.now(UTC)
            wrong = [name for name, kind in FIELDS.items() if not isinstance(body.get(name), kind)]
            if wrong:
                return Reply(422, self._coded("invalid_body"))
            known = self._orders.get(order_id)
            refusal = self._cannot_take(order_id, ref, is_new=known is None)
            if refusal:
                return refusal
            if known is None:
                known = self._take(order_id, ref, body, now)
                return self._answer(known, 422 if known.code else 201, now)
            if known.body_hash != _hash(body) and Defect.ANY_BODY not in self.defects:
                return Reply(409, self._coded("conflict"))
            if Defect.NEW_EACH_TIME in self.defects:
                self.applied[order_id] += 1
                return self._answer(known, 201, now)
            return self._answer(known, 422 if known.code else 200, now)

    def order(self, order_id: str) -> Reply:
        """Tell how far an order is."""
        with self._lock:
            known = self._orders.get(order_id)
            if known is None or Defect.FORGETS in self.defects:
                return Reply(404, self._coded("unknown_order"))
            refusal = self._cannot_take(order_id, known.body["line_ref"], is_new=False)
            return refusal or self._answer(known, 200, datetime.now(UTC))

    def line(self, line_ref: str) -> Reply:
        """Tell what is held of one line."""
        found = [line for line in self._lines() if line["line_ref"] == line_ref]
        return Reply(200, found[0]) if found else Reply(404, self._coded("unknown_line"))

    def changed_lines(self, since: datetime, cursor: str) -> Reply:
        """Tell of the lines that changed since then, a page at a time, in the order of their
        references; the cursor is the last one of the page before."""
        lines = sorted(
            (
                line
                for line in self._lines()
                if line["line_ref"] > cursor and datetime.fromisoformat(line["changed_at"]) >= since
            ),
            key=lambda line: str(line["line_ref"]),
        )
        page, more = lines[:PAGE], lines[PAGE:]
        return Reply(200, {"lines": page, "next": page[-1]["line_ref"] if more else None})

    def due_callbacks(self) -> list[Callback]:
        """Take what is to be told by now; orders that completed meanwhile are told of too."""
        with self._lock:
            now = datetime.now(UTC)
            for held in self._orders.values():
                if not held.has_left and held.state(now) != "inProgress":
                    held.has_left = True
                    self._tell(held, now)
            due = [one for one in self._callbacks if one.due_at <= now]
            self._callbacks = [one for one in self._callbacks if one.due_at > now]
            return due

    def call_again(self, callback: Callback, *, after: float) -> None:
        """Keep an event that the portal did not take; give up in the end, as everybody does."""
        due_at = datetime.now(UTC) + timedelta(seconds=after)
        tellings = callback.tellings + 1
        with self._lock:
            if tellings < MOST_TELLINGS:
                self._callbacks.append(Callback(callback.event, due_at, tellings=tellings))

    def _take(self, order_id: str, ref: str, body: Json, now: datetime) -> Held:
        delay = self._strikes(ref, Fault.DELAY)
        held = Held(
            order_id,
            body,
            _hash(body),
            completes_at=now + timedelta(seconds=self.seconds + (delay or 0)),
            code="unknown_line"
            if ref == TEST_REFUSED or self._strikes(ref, Fault.REFUSE) is not None
            else "",
        )
        self._orders[order_id] = held
        self.applied[order_id] += 0 if held.code else 1
        if held.state(now) == "inProgress":
            self._tell(held, now)
        return held

    def _cannot_take(self, order_id: str, ref: str, *, is_new: bool) -> Reply | None:
        """429 or 503: by a fault, or at the first sight of an order of the line that is busy."""
        seconds = self._strikes(ref, Fault.UNAVAILABLE)
        status = 503
        if seconds is None:
            seconds, status = self._strikes(ref, Fault.TOO_MANY), 429
        if seconds is None and ref == TEST_BUSY and is_new and order_id not in self._busy:
            self._busy.add(order_id)
            seconds = RETRY_AFTER
        if seconds is None:
            return None
        has_no_time = Defect.NO_RETRY_AFTER in self.defects
        headers = {} if has_no_time else {"Retry-After": str(int(seconds) or RETRY_AFTER)}
        return Reply(status, self._coded("busy"), headers)

    def _answer(self, held: Held, status: int, now: datetime) -> Reply:
        ref = held.body["line_ref"]
        content = held.content(now)
        if Defect.NO_CODE in self.defects:
            content.pop("code", None)
        if self._strikes(ref, Fault.SERVER_ERROR) is not None:
            return Reply(500, {})
        return Reply(status, content, is_lost=self._strikes(ref, Fault.LOST_ANSWER) is not None)

    def _coded(self, code: str) -> Json:
        return {} if Defect.NO_CODE in self.defects else {"code": code}

    def _tell(self, held: Held, now: datetime) -> None:
        """Put an event out, twice by a fault; one that is signed wrongly is all there is."""
        ref = held.body["line_ref"]
        content = held.content(now)
        event = {
            "event_id": str(uuid.uuid4()),
            "order_id": content.pop("id"),
            "occurred_at": now.isoformat(),
            **content,
        }
        is_wrong = self._strikes(ref, Fault.WRONG_SIGNATURE) is not None
        copies = 2 if self._strikes(ref, Fault.DUPLICATE_CALLBACK) is not None else 1
        self._callbacks += [Callback(event, now, is_wrong)] * copies

    def _strikes(self, ref: str, fault: Fault) -> float | None:
        """Seconds of the fault that happens now, counted down; None when there is none."""
        for key in ((ref, fault), (ANY_LINE, fault)):
            if self._faults.get(key):
                return self._faults[key].pop(0)
        return None

    def _lines(self) -> Iterator[Json]:
        with self._lock:
            now = datetime.now(UTC)
            done = [one for one in self._orders.values() if one.state(now) == "completed"]
        by_ref: dict[str, list[Held]] = {}
        for held in done:
            by_ref.setdefault(held.body["line_ref"], []).append(held)
        for ref, orders in by_ref.items():
            last = max(orders, key=lambda one: one.completes_at)
            until = max(datetime.fromisoformat(one.body["end_at"]) for one in orders)
            yield {
                "line_ref": ref,
                "msisdn": last.body["msisdn"],
                "iccid": last.body.get("iccid", ""),
                "state": "active",
                "service_until": until.isoformat(),
                "changed_at": last.completes_at.isoformat(),
            }


def _hash(body: Json) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
