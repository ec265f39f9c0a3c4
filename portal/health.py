"""Is the process alive, and may it get traffic? Words only: a stranger learns no detail."""

import logging
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds the broker may take to answer; a probe must not hang on what it only mentions.
BROKER_TIMEOUT_SECONDS = 0.5


@cache
def _shipped_migrations() -> frozenset[tuple[str, str]]:
    """Migrations of this release; they lie on disk and cannot change in a running process."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations_are_applied() -> bool:
    return _shipped_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Error as error:
        logger.warning("not ready", extra={"check": check.__name__, "reason": str(error)})
        return False


def _broker_state() -> str:
    if not settings.REDIS_URL:
        return "none"
    client: Redis = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_TIMEOUT_SECONDS,
        socket_connect_timeout=BROKER_TIMEOUT_SECONDS,
    )
    try:
        return "ok" if client.ping() else "failed"
    except RedisError as error:
        logger.warning("broker away", extra={"reason": str(error)})
        return "failed"
    finally:
        client.close()


def _word(passed: bool) -> str:  # noqa: FBT001 (the flag is the value to be named)
    return "ok" if passed else "failed"


@login_not_required
@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 `ok` while the process can answer at all; asks no database and no Redis."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and is migrated to this release, else 503.

    The broker's state is told and never counts: without it work is late by one sweep, not lost.
    """
    database = _passes(_database_answers)
    migrations = database and _passes(_migrations_are_applied)
    return JsonResponse(
        {
            "database": _word(database),
            "migrations": _word(migrations),
            "broker": _broker_state(),
        },
        status=200 if migrations else 503,
    )
