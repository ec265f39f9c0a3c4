"""Redis away or hung: every cache operation goes on in the database, and soon."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.db import connection
from pytest_django import Settings

from portal import cache as portal_cache

type Operation = Callable[[BaseCache], Any]
LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "fallback"}
TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "portal_cache",
}


def call(home: BaseCache, operation: str, *args: Any) -> Any:
    """The answer even of what is declared to answer nothing."""
    return getattr(home, operation)(*args)


# What each operation must answer on a cache that holds a=1 and b=2.
ANSWERS: list[tuple[str, Operation, Any]] = [
    ("add new", lambda c: c.add("new", 1), True),
    ("add taken", lambda c: c.add("a", 9), False),
    ("get", lambda c: c.get("a"), 1),
    ("get default", lambda c: c.get("none", "x"), "x"),
    ("set", lambda c: (call(c, "set", "a", 5), c.get("a")), (None, 5)),
    ("touch", lambda c: (c.touch("a", 60), c.touch("none", 60)), (True, False)),
    ("delete", lambda c: (c.delete("a"), c.delete("a"), c.get("a")), (True, False, None)),
    ("has_key", lambda c: (c.has_key("a"), "none" in c), (True, False)),
    ("incr", lambda c: (c.incr("a", 2), c.get("a")), (3, 3)),
    ("decr", lambda c: c.decr("b"), 1),
    ("get_many", lambda c: c.get_many(k for k in ("a", "b", "none")), {"a": 1, "b": 2}),
    ("set_many", lambda c: (c.set_many({"a": 7, "d": 8}), c.get("d")), ([], 8)),
    ("delete_many", lambda c: (call(c, "delete_many", iter("ab")), c.get("a")), (None, None)),
    ("get_or_set", lambda c: c.get_or_set("new", lambda: 4), 4),
    ("incr_version", lambda c: (c.incr_version("a"), c.get("a", version=2)), (2, 1)),
    ("clear", lambda c: (call(c, "clear"), c.get("a"))[1], None),
]
every_operation = pytest.mark.parametrize(
    ("operation", "expected"), [pytest.param(*rest, id=name) for name, *rest in ANSWERS]
)


def use(settings: Settings, address: str, fallback: dict[str, Any] = LOCMEM) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "portal.cache.FallbackCache",
            "LOCATION": address,
            "OPTIONS": {"fallback": "database"},
        },
        "database": fallback,
    }
    caches["database"].clear()
    portal_cache.forget_failures()


@pytest.fixture
def dead_address() -> str:
    """A loopback port on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}"


@pytest.fixture
def hung_server() -> Iterator[socket.socket]:
    """A port that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0)
        yield server


def address_of(server: socket.socket) -> str:
    return f"redis://127.0.0.1:{server.getsockname()[1]}"


def connections_to(server: socket.socket) -> int:
    """How many have knocked so far."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


@every_operation
def test_without_redis_an_operation_answers_from_the_fallback(
    settings: Settings, dead_address: str, operation: Operation, expected: Any
) -> None:
    use(settings, dead_address)
    caches["database"].set_many({"a": 1, "b": 2})

    assert operation(cache) == expected


@pytest.mark.django_db
@every_operation
def test_the_cache_table_can_be_the_fallback(
    settings: Settings, dead_address: str, operation: Operation, expected: Any
) -> None:
    use(settings, dead_address, TABLE)
    caches["database"].set_many({"a": 1, "b": 2})

    assert operation(cache) == expected


@every_operation
def test_with_a_hung_redis_an_operation_still_answers(
    settings: Settings, hung_server: socket.socket, operation: Operation, expected: Any
) -> None:
    use(settings, address_of(hung_server))
    caches["database"].set_many({"a": 1, "b": 2})

    assert operation(cache) == expected
    assert connections_to(hung_server) == 1


def test_a_hung_redis_costs_one_short_wait(settings: Settings, hung_server: socket.socket) -> None:
    use(settings, address_of(hung_server))
    begun = time.monotonic()
    cache.set("a", 1)

    # Far above the timeout for slow machines, far below what redis-py waits by itself.
    assert portal_cache.TIMEOUT_SECONDS <= time.monotonic() - begun < 10


def test_after_a_failure_redis_is_left_alone_for_a_while(
    settings: Settings, hung_server: socket.socket
) -> None:
    use(settings, address_of(hung_server))
    cache.set("a", 1)

    assert [cache.get("a") for _ in range(100)] == [1] * 100
    assert connections_to(hung_server) == 1


def test_a_failure_is_logged_once_while_redis_is_left_alone(
    settings: Settings, dead_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    use(settings, dead_address)

    for _ in range(10):
        cache.get("a")

    assert caplog.messages == ["cache fell back"]


def test_a_mistake_of_ours_does_not_count_as_an_outage(
    settings: Settings, dead_address: str
) -> None:
    use(settings, dead_address)

    with pytest.raises(ValueError, match="none"):
        cache.incr("none")


def test_only_one_caller_per_period_tries_a_failed_redis_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("portal.cache.time.monotonic", lambda: now)
    breaker = portal_cache.Breaker()
    breaker.trip()
    at_once = [breaker.may_try() for _ in range(3)]
    now += portal_cache.BREAKER_SECONDS
    later = [breaker.may_try() for _ in range(3)]
    breaker.close()

    assert at_once == [False, False, False]
    assert later == [True, False, False]
    assert [breaker.may_try() for _ in range(2)] == [True, True]


def test_all_threads_share_the_breaker_of_one_address() -> None:
    one = portal_cache.breaker_for("redis://127.0.0.1:1")

    assert portal_cache.breaker_for("redis://127.0.0.1:1") is one
    assert portal_cache.breaker_for("redis://127.0.0.1:2") is not one


@pytest.mark.redis
@every_operation
def test_with_redis_an_operation_answers_from_redis_alone(
    settings: Settings, redis_url: str, operation: Operation, expected: Any
) -> None:
    use(settings, redis_url)
    cache.clear()
    cache.set_many({"a": 1, "b": 2})

    assert operation(cache) == expected
    assert caches["database"].get_many(["a", "b", "d", "new"]) == {}


@pytest.mark.redis
def test_redis_is_used_again_after_an_outage(settings: Settings, redis_url: str) -> None:
    use(settings, redis_url)
    cache.set("home", "redis")
    breaker = portal_cache.breaker_for(redis_url)
    breaker.trip()
    during = cache.get("home")
    breaker.close()

    assert during is None
    assert cache.get("home") == "redis"


@pytest.mark.django_db
def test_the_cache_table_is_there_after_migrate() -> None:
    assert "portal_cache" in connection.introspection.table_names()
