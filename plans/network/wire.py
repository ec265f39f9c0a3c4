"""One exchange over HTTP with an operator's system: bounded in time and size, never redirected.

Standard library only, and no proxies of the environment: what is signed goes to the address that
the settings name, or nowhere.
"""

import json
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import SplitResult, urlsplit

# Seconds until a connection stands, and from there until the whole answer is read. A question
# and an order behind it stay well within one lease (WORK_LEASE_SECONDS).
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
# Bytes of an answer; a page of lines is the largest.
MAX_ANSWER = 1_048_576
# Seconds that a network may ask us to stay away: somebody has paid and waits.
MAX_RETRY_AFTER = 3600


class NotSent(Exception):
    """No connection came about: the other side has nothing of ours."""


class NoAnswer(Exception):
    """Something may have been sent, and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """Status, headers by small letters, and the bytes behind them."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; empty when it is none."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def retry_after(self, *, now: datetime) -> int | None:
        """Return the seconds of Retry-After, written as a number or as a date; None for neither."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return min(int(text[:10]), MAX_RETRY_AFTER)
        try:
            left = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError, IndexError):
            return None
        return min(max(int(left), 0), MAX_RETRY_AFTER)


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    seconds: float = ANSWER_SECONDS,
) -> WireAnswer:
    """Send one request and read its answer, whatever its status. A redirect is an answer too.

    Raises NotSent or NoAnswer.
    """
    parts = urlsplit(url)
    connection = _connection(parts)
    try:
        connection.connect()
    except (OSError, HTTPException) as error:
        connection.close()
        raise NotSent(str(error)) from error
    connection.sock.settimeout(seconds)
    is_cut = threading.Event()
    # A timeout of the socket starts anew with each byte; this one ends a trickle as well.
    watchdog = threading.Timer(seconds, _hang_up, (connection.sock, is_cut))
    watchdog.daemon = True
    watchdog.start()
    try:
        answer = _speak(connection, method, parts, headers, body)
    except (OSError, HTTPException) as error:
        raise NoAnswer("too slow" if is_cut.is_set() else str(error)) from error
    finally:
        watchdog.cancel()
        connection.close()
    # To the reader our own hanging up looks like an end of the answer.
    if is_cut.is_set():
        raise NoAnswer("too slow")
    return answer


def _connection(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, parts.port, timeout=CONNECT_SECONDS, context=context)
    return HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)


def _speak(
    connection: HTTPConnection,
    method: str,
    parts: SplitResult,
    headers: Mapping[str, str],
    body: bytes,
) -> WireAnswer:
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection.request(
        method, target, body=body or None, headers={**headers, "Connection": "close"}
    )
    response = connection.getresponse()
    content = response.read(MAX_ANSWER + 1)
    # `length` counts what the other side promised and has not sent.
    if response.length or len(content) > MAX_ANSWER:
        raise HTTPException("answer cut short" if response.length else "answer too large")
    names = {name.lower(): value for name, value in response.getheaders()}
    return WireAnswer(response.status, names, content)


def _hang_up(connection: socket, is_cut: threading.Event) -> None:
    is_cut.set()
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)
