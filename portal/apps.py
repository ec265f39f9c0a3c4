"""What the roof does when Django starts: its system checks, and the cache table after migrate."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import register
from django.core.management import call_command
from django.db.models.signals import post_migrate

from portal.checks import check_mail, check_secret_key, check_site_url


def create_cache_table(using: str, **_kwargs: Any) -> None:
    """Make the table of the database cache unless it is there (both engines, after migrate)."""
    call_command("createcachetable", settings.CACHE_TABLE, database=using, verbosity=0)


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        for check in (check_secret_key, check_site_url, check_mail):
            register(check)
        # Django sends the signal once for each app with models. The roof has none of its own, so
        # it listens to the ground's.
        post_migrate.connect(create_cache_table, sender=apps.get_app_config("messaging"))
