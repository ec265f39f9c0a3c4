"""The questions of the conformance suite: each function is one promise of the contract."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from plans.network.callback_listener import CallbackListener
from plans.network.conformance import (
    Finding,
    NotTried,
    Peer,
    as_bytes,
    expect,
    new_order,
    state_in,
)
from plans.network.http import code_in, moment_in
from plans.network.operator_book import TEST_BUSY, TEST_OK, TEST_REFUSED
from plans.network.signing import KEY_ID, SIGNATURE, TIMESTAMP, BadSignature, Keyring
from plans.network.wire import NoAnswer, NotSent, WireAnswer, exchange

# Senders of the same order at once.
CROWD = 6
# Older, and further ahead, than the window allows.
TOO_FAR = timedelta(minutes=6)
# Seconds until we hang up on purpose: too short for any answer, long enough to have sent.
HANG_UP = 0.001
# What a line of a listing tells at the least.
LINE_FIELDS = ("line_ref", "msisdn")


def new_order_is_taken(peer: Peer) -> None:
    """201 or 202, and a state where there is a body."""
    answer = expect(peer.put(uuid4(), new_order(TEST_OK)), {201, 202}, "a new order")
    if answer.body:
        state_in(answer)


def same_order_again_is_one_order(peer: Peer) -> None:
    """The same id and body again is 200, however often."""
    order_id, content = peer.put_new()
    for _again in range(2):
        state_in(expect(peer.put(order_id, content), {200}, "the same order again"))


def same_order_at_once_is_one_order(peer: Peer) -> None:
    """Of many senders at once one is told that the order is new."""
    order_id, content = uuid4(), new_order(TEST_OK)
    statuses: list[int] = []
    gate = threading.Barrier(CROWD)

    def send() -> None:
        gate.wait(timeout=30)
        try:
            statuses.append(peer.put(order_id, content).status)
        except Finding:
            statuses.append(0)

    threads = [threading.Thread(target=send) for _sender in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    new = sum(status in {201, 202} for status in statuses)
    if new != 1 or set(statuses) - {200, 201, 202}:
        raise Finding(f"one 201 or 202 and {CROWD - 1} times 200 expected, {sorted(statuses)} came")


def same_id_with_another_body_is_a_conflict(peer: Peer) -> None:
    """409, and the first order stands."""
    order_id, content = peer.put_new()
    other = {**content, "plan_sku": "TEST-60"}
    expect(peer.put(order_id, other), {409}, "the same id with another body")
    expect(peer.put(order_id, content), {200}, "the first body, after the conflict")


def order_is_known_by_its_address(peer: Peer) -> None:
    """GET tells the state of a known order and 404 of an unknown one."""
    order_id, _content = peer.put_new()
    state_in(expect(peer.get(order_id), {200}, "the state of an order"))
    expect(peer.get(uuid4()), {404}, "an order that was never sent")


def order_whose_answer_was_lost_is_found(peer: Peer) -> None:
    """We hang up before the answer; GET and the same PUT must still lead to one order."""
    order_id, content = uuid4(), new_order(TEST_OK)
    body = as_bytes(content)
    headers = {"Content-Type": "application/json", **peer.keys.sign(body, at=datetime.now(UTC))}
    url = f"{peer.base_url}/v1/service-orders/{order_id}"
    try:
        exchange("PUT", url, headers=headers, body=body, seconds=HANG_UP)
    except NotSent as error:
        raise Finding(f"no connection: {error}") from error
    except NoAnswer:
        pass
    found = expect(peer.get(order_id), {200, 404}, "an order whose answer was lost")
    is_known = found.status == HTTPStatus.OK
    expect(peer.put(order_id, content), {200} if is_known else {200, 201, 202}, "the same order")
    state_in(expect(peer.get(order_id), {200}, "the state of that order"))


def order_completes_with_its_time(peer: Peer) -> None:
    """Within the given time an order of the good line is completed, with the time and its zone."""
    order_id, _content = peer.put_new()
    content = peer.finished(order_id)
    if content["state"] != "completed":
        raise Finding(f"completed expected for the line {TEST_OK}, {content['state']} came")
    if moment_in(content, "completed_at") is None:
        raise Finding("completed_at is no time with a zone")


def refusal_has_a_code(peer: Peer) -> None:
    """422 with a code at once, or failed with a code later; and the same again."""
    order_id, content = uuid4(), new_order(TEST_REFUSED)
    first = expect(peer.put(order_id, content), {201, 202, 422}, "an order of the refused line")
    if first.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        _need_code(first)
        expect(peer.put(order_id, content), {422}, "the refused order again")
        return
    said = peer.finished(order_id)
    if said["state"] != "failed" or not code_in(said):
        raise Finding(f"failed with a code expected, {said} came")


def order_that_makes_no_sense_is_refused_for_good(peer: Peer) -> None:
    """Half an order is 422 with a code; what is no JSON is 400 or 422. Neither is 5xx."""
    _need_code(expect(peer.put(uuid4(), {"line_ref": TEST_OK}), {422}, "half an order"))
    answer = peer.call("PUT", f"/v1/service-orders/{uuid4()}", b"{not json")
    expect(answer, {400, 422}, "a body that is no JSON")


def busy_network_says_when_to_come_back(peer: Peer) -> None:
    """429 or 503 with Retry-After, nothing taken; after that time the same order is taken."""
    order_id, content = uuid4(), new_order(TEST_BUSY)
    answer = expect(peer.put(order_id, content), {429, 503}, "the first order of the busy line")
    seconds = answer.retry_after(now=datetime.now(UTC))
    if seconds is None:
        raise Finding("no Retry-After in seconds or as a date")
    if seconds > peer.wait:
        raise NotTried(f"Retry-After is {seconds} s, longer than --wait")
    threading.Event().wait(seconds)
    expect(peer.put(order_id, content), {201, 202}, "the same order after that time")


def wrong_signature_is_refused(peer: Peer) -> None:
    """401 without a signature, by another secret, by an unknown key, for another body; no order."""
    order_id, content = uuid4(), new_order(TEST_OK)
    key_id = peer.keys.key_id
    wrongs: list[dict[str, Any]] = [
        {"without": SIGNATURE},
        {"without": TIMESTAMP},
        {"without": KEY_ID},
        {"keys": Keyring(key_id, {key_id: "x" * 40})},
        {"keys": Keyring("unknown", {"unknown": peer.keys.secrets[key_id]})},
        {"signed_body": b"{}"},
    ]
    for wrong in wrongs:
        expect(peer.put(order_id, content, **wrong), {401}, f"a call with {_said(wrong)}")
        expect(peer.get(order_id, **wrong), {401}, f"a question with {_said(wrong)}")
    expect(peer.get(order_id), {404}, "an order whose signature was refused")


def old_message_is_refused(peer: Peer) -> None:
    """401 for what was signed more than five minutes ago, or ahead; no order."""
    order_id, content = uuid4(), new_order(TEST_OK)
    for age, words in ((TOO_FAR, "six minutes ago"), (-TOO_FAR, "six minutes ahead")):
        expect(peer.put(order_id, content, age=age), {401}, f"a call signed {words}")
    expect(peer.get(order_id), {404}, "an order whose time was refused")


def changed_lines_are_listed(peer: Peer) -> None:
    """The line of a completed order stands in the listing, and by its own address."""
    order_id, content = peer.put_new()
    peer.finished(order_id)
    since = datetime.now(UTC) - timedelta(hours=1)
    query = {"changed_since": since.isoformat()}
    for _page in range(1000):
        answer = expect(peer.call("GET", f"/v1/lines?{urlencode(query)}"), {200}, "changed lines")
        listing = answer.json()
        lines = listing.get("lines")
        if not isinstance(lines, list):
            raise Finding("no list `lines` in the answer")
        found = [line for line in lines if line.get("line_ref") == TEST_OK]
        if found:
            break
        if not listing.get("next"):
            raise Finding(f"the line {TEST_OK} is missing, though its order has just completed")
        query["cursor"] = str(listing["next"])
    else:
        raise Finding("the listing has no end")
    one = expect(peer.call("GET", f"/v1/lines/{TEST_OK}"), {200}, "one line").json()
    for line in (found[0], one):
        missing = [name for name in LINE_FIELDS if not isinstance(line.get(name), str)]
        until = moment_in(line, "service_until")
        if missing or until is None:
            raise Finding(f"a line without {', '.join(missing) or 'service_until'}")
        if until < datetime.fromisoformat(content["end_at"]):
            raise Finding(f"service_until {until.isoformat()} is before the order's end")


def callback_comes_signed_and_again(listener: CallbackListener, peer: Peer) -> None:
    """The end of an order is told, signed, with an id of its own; refused by 503 it comes again."""
    order_id, _content = peer.put_new()
    first, second = listener.wait_for(str(order_id), copies=2, seconds=peer.wait)
    for body, headers in (first, second):
        try:
            peer.keys.verify(body, headers, now=datetime.now(UTC))
        except BadSignature as error:
            raise Finding(f"callback is not believed: {error}") from error
    ids = {listener.content(body).get("event_id") for body, _headers in (first, second)}
    if len(ids) != 1 or not all(isinstance(one, str) and one for one in ids):
        raise Finding("the event sent again bears another event_id, or none")


def _need_code(answer: WireAnswer) -> None:
    if not code_in(answer.json()):
        raise Finding("422 without a `code` of letters, digits and _.-")


def _said(wrong: Mapping[str, object]) -> str:
    if "without" in wrong:
        return f"no {wrong['without']}"
    return "a body that was not signed" if "signed_body" in wrong else "a key of nobody"


def all_probes(listener: CallbackListener | None) -> dict[str, Callable[[Peer], None]]:
    """Every probe by the name that the table shows; that of callbacks needs a listener."""

    def callbacks(peer: Peer) -> None:
        if listener is None:
            raise NotTried("give --listen PORT and let the operator call back there")
        callback_comes_signed_and_again(listener, peer)

    return {
        "new order": new_order_is_taken,
        "same order again": same_order_again_is_one_order,
        "same order at once": same_order_at_once_is_one_order,
        "same id, other body": same_id_with_another_body_is_a_conflict,
        "state of an order": order_is_known_by_its_address,
        "lost answer": order_whose_answer_was_lost_is_found,
        "completion": order_completes_with_its_time,
        "refusal": refusal_has_a_code,
        "nonsense": order_that_makes_no_sense_is_refused_for_good,
        "busy": busy_network_says_when_to_come_back,
        "wrong signature": wrong_signature_is_refused,
        "old message": old_message_is_refused,
        "changed lines": changed_lines_are_listed,
        "callback": callbacks,
    }
