from typing import Any

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from billing import checks
from billing.triggers import install_triggers


def _install(*, using: str, **_kwargs: Any) -> None:
    install_triggers(using=using)


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Orders and payments")

    def ready(self) -> None:
        """Register the checks, and put the ledger's triggers back after every migrate."""
        register(checks.check_stripe_keys)
        post_migrate.connect(_install, sender=self, dispatch_uid="billing.install_triggers")
