"""The same key twice: the first answer again, never a second effect."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from billing.sandbox.errors import ApiError
from billing.sandbox.store import Json
from billing.sandbox.world import World

MAX_KEY = 255
# Stripe may forget keys after a day.
LIFETIME = 24 * 60 * 60


class Guard:
    """Which keyed requests are being worked on right now; it never waits for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[tuple[str, str]] = set()

    @contextmanager
    def only_one(self, key: str | None, path: str) -> Iterator[None]:
        """Refuse a request whose twin has not been answered yet."""
        if key is None:
            yield
            return
        if len(key) > MAX_KEY:
            raise ApiError(f"Idempotency keys have up to {MAX_KEY} characters.")
        with self._lock:
            if (key, path) in self._running:
                message = "There is currently another in-progress request using this key."
                raise ApiError(
                    message, status=409, kind="idempotency_error", code="idempotency_key_in_use"
                )
            self._running.add((key, path))
        try:
            yield
        finally:
            with self._lock:
                self._running.discard((key, path))


def recall(world: World, key: str, path: str, values: Json) -> Json | None:
    """The stored answer (`status`, `body`), or None; another body under this key is refused."""
    stored = world.store.get("reply", _name(key, path))
    if stored is None or stored["at"] + LIFETIME < world.now():
        return None
    if stored["asked"] != _digest(values):
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were "
            "first used with."
        )
        raise ApiError(message, kind="idempotency_error")
    return stored


def remember(world: World, key: str, path: str, values: Json, answer: Json) -> None:
    """Keep an answer (`status`, `body`, `request_id`) for a day; the request as a digest only."""
    kept = answer | {"asked": _digest(values), "at": world.now()}
    world.store.put("reply", _name(key, path), kept)


def _name(key: str, path: str) -> str:
    return f"{path} {key}"


def _digest(values: Json) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
