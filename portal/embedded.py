"""Celery inside the one process of the demo: worker and beat in threads, broker in memory."""

import threading
from typing import Any

from celery.beat import Scheduler, Service

from portal.celery import app


class EmbeddedCelery:
    """A worker with a pool of threads and a beat, both ended together with the process."""

    def __init__(self, *, threads: int = 4) -> None:
        self._worker: Any = app.WorkController(
            pool_cls="threads", concurrency=threads, hostname="embedded@localhost"
        )
        # In memory: what is due is computed from stored times, so nothing needs remembering.
        self._beat: Any = Service(app, max_interval=1, scheduler_cls=Scheduler)
        self._threads = [
            threading.Thread(target=self._worker.start, name="celery-worker", daemon=True),
            threading.Thread(
                target=self._beat.start,
                kwargs={"embedded_process": False},
                name="celery-beat",
                daemon=True,
            ),
        ]

    def start(self) -> None:
        """Start both; returns at once."""
        app.has_worker_here = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both and wait a few seconds for work under way; what is not done stays a row."""
        app.has_worker_here = False
        self._beat.stop(wait=False)
        self._worker.stop()
        for thread in self._threads:
            thread.join(timeout=5)
