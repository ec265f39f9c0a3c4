"""The operator's network over HTTP, by the contract of docs/network.md: the adapter named `http`."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

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
from plans.network.wire import NoAnswer, NotSent, WireAnswer, exchange

logger = logging.getLogger(__name__)

OK, CREATED, ACCEPTED = 200, 201, 202
NOT_FOUND, CONFLICT, VERSION, UNPROCESSABLE, BUSY = 404, 409, 412, 422, 429
SERVER_ERROR, UNAVAILABLE = 500, 503
# The contract's words for an order (TMF641), and what each means for us. What ended without
# being done, in whole or in part, is for a person to put right.
STATES = {
    "acknowledged": AnswerState.UNDERWAY,
    "inProgress": AnswerState.UNDERWAY,
    "held": AnswerState.UNDERWAY,
    "completed": AnswerState.COMPLETED,
    "failed": AnswerState.REFUSED,
    "partial": AnswerState.REFUSED,
    "cancelled": AnswerState.REFUSED,
}
REFUSALS = {CONFLICT: "conflict", VERSION: "version"}
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
# Pages of one listing; more means that the pages go round in a circle.
MOST_PAGES = 100_000


class HttpNetwork:
    """Signed JSON over HTTPS; every call has one outcome of the port, whatever comes back."""

    def __init__(self, *, base_url: str, keys: Keyring) -> None:
        if urlsplit(base_url).scheme != "https" and not settings.LOCAL_TEST:
            raise ImproperlyConfigured("NETWORK_URL must begin with https://.")
        self._base = base_url.rstrip("/")
        self._keys = keys

    @classmethod
    def from_settings(cls) -> Self:
        """The network that NETWORK_URL, NETWORK_KEY_ID and NETWORK_SECRETS name."""
        return cls(base_url=settings.NETWORK_URL, keys=keyring())

    def put(self, order: NetworkOrder) -> NetworkAnswer:
        """Hand over an order, or repeat it: the network knows it by its id."""
        body = json.dumps(order.body(), ensure_ascii=False).encode()
        answer = self._call("PUT", f"/v1/service-orders/{order.order_id}", body)
        if answer.status in REFUSALS:
            raise NetworkRefused(REFUSALS[answer.status])
        if answer.status == UNPROCESSABLE:
            raise NetworkRefused(code_in(answer.json()) or "refused")
        if answer.status in {CREATED, ACCEPTED} and not answer.body:
            return NetworkAnswer(AnswerState.UNDERWAY)
        if answer.status in {OK, CREATED, ACCEPTED}:
            return _state(answer)
        raise _trouble(answer)

    def get(self, order_id: UUID) -> NetworkAnswer | None:
        """Ask how far an order is; None when the network never got it."""
        answer = self._call("GET", f"/v1/service-orders/{order_id}")
        if answer.status == NOT_FOUND:
            return None
        if answer.status != OK:
            raise _trouble(answer)
        return _state(answer)

    def changed_lines(self, since: datetime) -> Iterator[NetworkLine]:
        """Every line that changed since then; one page in memory at a time."""
        cursor = ""
        for _page in range(MOST_PAGES):
            query = {"changed_since": since.isoformat(), **({"cursor": cursor} if cursor else {})}
            answer = self._call("GET", f"/v1/lines?{urlencode(query)}")
            if answer.status != OK:
                raise _trouble(answer)
            content = answer.json()
            if not isinstance(content.get("lines"), list):
                raise AnswerLost("no list of lines")
            yield from (read_line(entry) for entry in content["lines"])
            cursor = str(content.get("next") or "")
            if not cursor:
                return
        raise AnswerLost("the list of lines has no end")

    def line(self, line_ref: str) -> NetworkLine | None:
        """One line; None when the network knows no such line."""
        answer = self._call("GET", f"/v1/lines/{quote(line_ref, safe='')}")
        if answer.status == NOT_FOUND:
            return None
        if answer.status != OK:
            raise _trouble(answer)
        return read_line(answer.json())

    def _call(self, method: str, path: str, body: bytes = b"") -> WireAnswer:
        headers = {"Accept": "application/json", **self._keys.sign(body, at=timezone.now())}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            return exchange(method, self._base + path, headers=headers, body=body)
        except NotSent as error:
            raise NetworkUnavailable from error
        except NoAnswer as error:
            raise AnswerLost(str(error)) from error


def keyring() -> Keyring:
    """The keys of the settings, for our calls and for the operator's callbacks."""
    return Keyring(settings.NETWORK_KEY_ID, settings.NETWORK_SECRETS)


def _trouble(answer: WireAnswer) -> NetworkUnavailable | AnswerLost:
    """What a status means that is neither yes nor a refusal of the order.

    Behind 5xx, but 503, the order may have been taken: that is asked for. Any other status took
    nothing; but for 429 and 503 it is none of the contract's, hence an alarm.
    """
    if answer.status in {BUSY, UNAVAILABLE}:
        return NetworkUnavailable(answer.retry_after(now=timezone.now()))
    if answer.status >= SERVER_ERROR:
        return AnswerLost(f"status {answer.status}")
    logger.error("network answers outside the contract", extra={"status": answer.status})
    return NetworkUnavailable()


def _state(answer: WireAnswer) -> NetworkAnswer:
    content = answer.json()
    said = content.get("state")
    state = STATES.get(said) if isinstance(said, str) else None
    if state is None:
        # A page of some proxy, or a word we do not know: nothing is known of the order.
        raise AnswerLost("no state in the answer")
    if state == AnswerState.COMPLETED:
        return NetworkAnswer(state, completed_at=moment_in(content, "completed_at"))
    if state == AnswerState.REFUSED:
        return NetworkAnswer(state, reason=code_in(content) or str(said))
    return NetworkAnswer(state, reason="held" if said == "held" else "")


def code_in(content: dict[str, Any]) -> str:
    """The reason that the network gives, if it is a code: letters, digits and `_.-`, at most 60."""
    code = content.get("code")
    return code if isinstance(code, str) and CODE.fullmatch(code) else ""


def moment_in(content: dict[str, Any], name: str) -> datetime | None:
    """A time with its zone; None for anything else."""
    try:
        at = datetime.fromisoformat(str(content.get(name)))
    except ValueError:
        return None
    return at if at.tzinfo else None


def read_line(content: Any) -> NetworkLine:
    """Read one line of a listing; raises AnswerLost when it does not even say which."""
    ref = _text(content, "line_ref") if isinstance(content, dict) else None
    if not ref:
        raise AnswerLost("a line without its reference")
    return NetworkLine(
        line_ref=ref,
        msisdn=_text(content, "msisdn"),
        iccid=_text(content, "iccid"),
        state=_text(content, "state"),
        service_until=moment_in(content, "service_until"),
        # null says "none"; a line without the field says nothing about it.
        has_service=content.get("service_until", "") is not None,
    )


def _text(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    if not isinstance(value, str):
        return None
    # What no database keeps as text: NUL, and halves of characters.
    return value.replace("\x00", "").encode("utf-8", "replace").decode()
