"""The Celery application. A task takes one id and is idempotent; the row is the queue."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
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
