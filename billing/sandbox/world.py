"""Everything one stand-in knows, and the one door through which it changes."""

import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from billing.sandbox.errors import ApiError, missing
from billing.sandbox.store import Json, Store

# The version that the pinned SDK speaks; a test compares the two.
API_VERSION = "2026-10-28.endive"

_ALPHABET = string.ascii_letters + string.digits

_KIND_BY_PREFIX = {
    "cs": "checkout.session",
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "cus": "customer",
    "pm": "payment_method",
    "txn": "balance_transaction",
    "evt": "event",
}


class DeclinedError(ApiError):
    """A 402: the card said no. What happened is kept, unlike after a malformed request."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The API request behind a change; both None when the hosted page or the clock did it."""

    request_id: str | None = None
    idempotency_key: str | None = None


class World:
    """The store, the clock and the events that wait to be sent."""

    def __init__(self, store: Store, *, public_url: str) -> None:
        self.store = store
        self.public_url = public_url
        self.clock_offset = 0
        self.origin = Origin()
        # Called with every event once its transaction is committed.
        self.send: Callable[[Json], None] = _nowhere
        # Told by the server: whether events have anywhere to go.
        self.has_endpoint: Callable[[], bool] = lambda: False
        self.lock = threading.RLock()
        self._depth = 0
        self._outgoing: list[Json] = []

    def now(self) -> int:
        """Seconds since 1970, moved by the clock offset."""
        return int(time.time()) + self.clock_offset

    @contextmanager
    def change(self, origin: Origin | None = None) -> Iterator[None]:
        """One transaction, one at a time; its events leave after the commit, never before."""
        with self.lock:
            if self._depth:
                yield
                return
            self._depth, self.origin = 1, origin or Origin()
            try:
                with self.store.transaction(keep=(DeclinedError,)):
                    yield
            except DeclinedError:
                self._flush()
                raise
            except BaseException:
                self._outgoing.clear()
                raise
            else:
                self._flush()
            finally:
                self._depth, self.origin = 0, Origin()

    def announce(self, event: Json) -> None:
        """Queue an event for sending when the running change is committed."""
        self._outgoing.append(event)

    def _flush(self) -> None:
        waiting, self._outgoing = self._outgoing, []
        for event in waiting:
            self.send(event)

    def read(self, kind: str, object_id: str, *, param: str = "id", status: int = 404) -> Json:
        """The stored object, or the refusal that names it."""
        value = self.store.get(kind, object_id)
        if value is None:
            raise missing(kind, object_id, param=param, status=status)
        return value

    def save(self, value: Json) -> Json:
        """Store an API object under its own type and id."""
        self.store.put(value["object"], value["id"], value)
        return value


def _nowhere(_event: Json) -> None:
    """Events of a world that nobody listens to."""


def new_id(prefix: str, length: int = 24) -> str:
    """A random public id in Stripe's form."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


def kind_of(object_id: str) -> str | None:
    """The object type that an id belongs to, by its prefix."""
    return _KIND_BY_PREFIX.get(object_id.partition("_")[0])
