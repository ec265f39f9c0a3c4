"""The Celery application. A task takes one id and is idempotent; the row is the queue."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


class Application(Celery):
    """Drops what nobody can receive.

    A bell kept in memory reaches only a worker inside this very process. Without one (web servers
    without Redis, whose work a cron's sweep does) bells would pile up as long as the process lives.
    """

    # Set by portal.embedded as long as there is such a worker.
    has_worker_here = False

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        """Publish as Celery does, or do nothing where it would be in vain."""
        if not self.has_worker_here and self.conf.broker_url.startswith("memory:"):
            return None
        return super().send_task(name, *args, **options)


app = Application("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _read_schedule(sender: Celery, **_kwargs: Any) -> None:
    """The table lives at one place, portal/schedule.py, and needs settings to be ready."""
    from portal.schedule import SCHEDULE  # noqa: PLC0415 (settings load this module first)

    sender.conf.beat_schedule = SCHEDULE


@setup_logging.connect
def _keep_our_logging(**_kwargs: Any) -> None:
    """Django's LOGGING holds for workers too; Celery would set up its own."""
