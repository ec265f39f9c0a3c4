"""Sending events: signed like Stripe's, retried, in threads of their own, never in the way.

What is sent for an event, and when, is decided by one replaceable function (`Strategy`); the
faults of the real world (twice, late, out of order, never) are other functions of that shape.
"""

import hashlib
import hmac
import http.client
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from urllib.parse import urlsplit

from billing.sandbox.events import body_of
from billing.sandbox.store import Json

# Seconds to wait before the second, third and fourth try; Stripe's own are hours.
RETRY_AFTER = (1.0, 5.0, 30.0)
ANSWER_WITHIN = 10.0
# Lines of the control page's log that are kept.
MAX_LOG = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """One copy of an event on its way: what, how much later, and how its signature lies."""

    event: Json
    delay: float = 0.0
    signed_offset: int = 0
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to hand over an event: the endpoint's status, or why there was none."""

    event_id: str
    at: float
    status: int | None
    problem: str = ""

    @property
    def delivered(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 (2xx)


# Body and headers.
Signed = tuple[bytes, dict[str, str]]
Strategy = Callable[[Json], Iterable[Parcel]]


def once(event: Json) -> Iterable[Parcel]:
    """The normal strategy: every event, at once, one time."""
    return (Parcel(event),)


def signature(body: bytes, secret: str, at: int) -> str:
    """The value of `Stripe-Signature` for a body signed at a time."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _nobody(_event_id: str) -> None:
    """For a delivery whose successes nobody counts."""


class Delivery:
    """The endpoint, the secret and the threads that are still trying."""

    def __init__(
        self, *, url: str | None, secret: str, retry_after: tuple[float, ...] = RETRY_AFTER
    ) -> None:
        self.url = url
        self.secret = secret
        self.strategy: Strategy = once
        self.on_delivered: Callable[[str], None] = _nobody
        self.log: list[Try] = []
        self._retry_after = retry_after
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._calls: set[http.client.HTTPConnection] = set()

    def send(self, event: Json) -> None:
        """Hand an event to the strategy; returns at once."""
        if self.url is not None:
            for parcel in self.strategy(event):
                self._start(parcel, self.url)

    def signed(self, event: Json, *, offset: int = 0, secret: str | None = None) -> Signed:
        """Body and headers of an event as they would be sent now."""
        body = body_of(event)
        # Real time even when the clock is moved: receivers judge the age by their own.
        at = int(time.time()) + offset
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret or self.secret, at),
            "User-Agent": "xuka-sandbox-webhooks/1.0",
        }
        return body, headers

    def stop(self) -> None:
        """End every thread: waiting ones at once, calling ones by closing their connection."""
        self._stopping.set()
        with self._lock:
            for call in self._calls:
                if call.sock is not None:
                    with suppress(OSError):
                        call.sock.shutdown(SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self.log.clear()

    def _start(self, parcel: Parcel, url: str) -> None:
        thread = threading.Thread(target=self._run, args=(parcel, url), daemon=True)
        with self._lock:
            if self._stopping.is_set():
                return
            self._threads.add(thread)
        thread.start()

    def _run(self, parcel: Parcel, url: str) -> None:
        try:
            for delay in (parcel.delay, *self._retry_after):
                if self._stopping.wait(delay):
                    return
                tried = self._try(parcel, url)
                with self._lock:
                    self.log = [*self.log[-MAX_LOG:], tried]
                if tried.delivered:
                    self.on_delivered(tried.event_id)
                    return
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _try(self, parcel: Parcel, url: str) -> Try:
        # Signed anew for each try, as Stripe does: a retry is not stale.
        body, headers = self.signed(parcel.event, offset=parcel.signed_offset, secret=parcel.secret)
        event_id = str(parcel.event.get("id"))
        try:
            status = self._post(url, body, headers)
        except (OSError, http.client.HTTPException) as error:
            return Try(event_id, time.time(), None, type(error).__name__)
        return Try(event_id, time.time(), status)

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        call = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
        with self._lock:
            if self._stopping.is_set():
                raise ConnectionAbortedError
            self._calls.add(call)
        try:
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            call.request("POST", target, body=body, headers=headers)
            with call.getresponse() as answer:
                answer.read()
                return answer.status
        finally:
            with self._lock:
                self._calls.discard(call)
            call.close()
