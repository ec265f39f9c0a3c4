"""The bell: tells a worker that a row is due. Never the queue; a lost ring costs one sweep.

The only module of the roof that lower apps may import (import-linter names the exception);
it imports none of ours in return.
"""

import logging
import time
from functools import partial
from typing import Any

from celery import Task, current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# Seconds without any attempt after the broker failed once: a dead Redis must not slow each page.
BREAKER_SECONDS = 5.0


class _Breaker:
    """Open after a failure, for a few seconds, per process."""

    def __init__(self) -> None:
        self.open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self) -> None:
        self.open_until = time.monotonic() + BREAKER_SECONDS

    def close(self) -> None:
        self.open_until = 0.0


breaker = _Breaker()


def ring(task: "str | Task[Any, Any]", pk: int, *, after: float = 0) -> None:
    """Publish the task (by its registered name, so that a rule need not import tasks that import
    the rule) with the id `pk`, once the transaction around has committed.

    `after` seconds later for work that is polled; short delays only, the row knows its time too.
    Never raises and never waits longer than the broker's socket timeout: a page or webhook must
    not depend on Redis. What is lost here is found by the sweep (DESIGN.md section 4).
    """
    name = task if isinstance(task, str) else task.name
    transaction.on_commit(partial(_publish, name, pk, after), robust=True)


def _publish(name: str, pk: int, after: float) -> None:
    if breaker.is_open():
        return
    try:
        current_app.send_task(
            name, args=(pk,), retry=False, ignore_result=True, countdown=after or None
        )
    except (OperationalError, OSError) as error:
        breaker.trip()
        logger.warning("bell lost", extra={"task": name, "pk": pk, "reason": str(error)})
