"""The roof: settings, URLs, Celery, health and the demo. Knows every app, known by none."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
