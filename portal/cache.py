"""The cache with Redis when it answers and the database when it does not.

Limits must hold over all processes and pages must not depend on Redis, so every operation has
the same second home. What was counted in one home is unknown in the other: after a change of
homes a limit starts anew, but it is never off.
"""

import logging
import threading
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

# Seconds to wait for Redis, for the connection and for each answer.
TIMEOUT_SECONDS = 0.5
# Seconds of database only after Redis failed; then one call may try again.
BREAKER_SECONDS = 5.0
# Redis is away, hangs, or stands but takes no writes (replica after a failover, memory full).
UNAVAILABLE = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError)


class Breaker:
    """Open for a few seconds after a failure; one per server, shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open_until: float | None = None

    def may_try(self) -> bool:
        """Say whether to ask Redis; after a failure only one caller per period may."""
        with self._lock:
            if self._open_until is None:
                return True
            now = time.monotonic()
            if now < self._open_until:
                return False
            # The others stay away until this one knows: not each thread pays the timeout.
            self._open_until = now + BREAKER_SECONDS
            return True

    def trip(self) -> None:
        """Note a failure."""
        with self._lock:
            self._open_until = time.monotonic() + BREAKER_SECONDS

    def close(self) -> None:
        """Note that Redis answered."""
        with self._lock:
            self._open_until = None


_breakers: dict[str, Breaker] = {}


def breaker_for(location: str) -> Breaker:
    """Return the one breaker of this process for a Redis address."""
    return _breakers.setdefault(location, Breaker())


def forget_failures() -> None:
    """Close every breaker of this process."""
    for breaker in _breakers.values():
        breaker.close()


class FallbackCache(BaseCache):
    """Django's Redis cache; on a dead, hung or full Redis the alias in OPTIONS["fallback"].

    Never raises for want of Redis and never waits for it longer than TIMEOUT_SECONDS per
    connection and answer. `get_or_set`, `decr`, `in` and the version calls are made by Django
    out of the calls below.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = dict(params.get("OPTIONS", {}))
        self._fallback_alias: str = options.pop("fallback")
        options.setdefault("socket_timeout", TIMEOUT_SECONDS)
        options.setdefault("socket_connect_timeout", TIMEOUT_SECONDS)
        self._redis = RedisCache(server, {**params, "OPTIONS": options})
        self._breaker = breaker_for(server)

    def _ask(self, operation: str, *args: Any) -> Any:
        if self._breaker.may_try():
            try:
                answer = getattr(self._redis, operation)(*args)
            except UNAVAILABLE as error:
                self._breaker.trip()
                logger.warning("cache fell back", extra={"reason": str(error)})
            else:
                self._breaker.close()
                return answer
        return getattr(caches[self._fallback_alias], operation)(*args)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._ask("add", key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask("set", key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("has_key", key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask("incr", key, delta, version))

    # Lists, because a generator would reach the second home used up.
    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask("get_many", list(keys), version)
        return found

    def set_many(
        self, data: dict[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        failed: list[Any] = self._ask("set_many", data, timeout, version)
        return failed

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._ask("delete_many", list(keys), version)

    def clear(self) -> None:
        self._ask("clear")
