from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from plans import checks


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Lines and plans")

    def ready(self) -> None:
        """Register the checks."""
        register(checks.check_network_settings)
