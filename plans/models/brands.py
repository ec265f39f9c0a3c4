"""One operator's shop front. A brand is configuration, never code."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(zh_hans: str, en: str) -> str:
    """The text of catalogue data in the active language; Chinese first."""
    return en if (get_language() or "").startswith("en") else zh_hans


class Brand(models.Model):
    """Name, theme, currency, region, zone and rules of one operator; all demo brands are invented."""

    class Sim(models.TextChoices):
        PHYSICAL = "physical", _("Physical SIM")
        ESIM = "esim", _("eSIM")

    class Theme(models.TextChoices):
        JADE = "jade", _("Jade")
        AZURE = "azure", _("Azure")
        CRIMSON = "crimson", _("Crimson")

    class TopUpRule(models.TextChoices):
        ADD = "add", _("Days are added")
        RESET = "reset", _("Days count from today")

    slug = models.SlugField(unique=True)
    # Which of the five guides the demo brand stands for; empty for a real one.
    guide = models.CharField(max_length=8, blank=True)
    name_en = models.CharField(max_length=60)
    name_zh_hans = models.CharField(max_length=60)
    sim = models.CharField(max_length=10, choices=Sim)
    currency = models.CharField(max_length=3)
    region = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=40)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.JADE)
    payment_methods = models.JSONField(default=list)
    query_channels = models.JSONField(default=list)
    service_number = models.CharField(max_length=20, blank=True)
    hotline = models.CharField(max_length=20, blank=True)
    support_email = models.EmailField(blank=True)
    bank_account = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    # Days of each stage after a line's validity has run out.
    grace_days = models.PositiveSmallIntegerField(default=0)
    suspended_days = models.PositiveSmallIntegerField(default=0)
    quarantine_days = models.PositiveSmallIntegerField(default=0)
    reactivation_fee_minor = models.PositiveBigIntegerField(default=0)
    # 0 = no change of mind.
    refund_days = models.PositiveSmallIntegerField(default=0)
    max_balance_minor = models.PositiveBigIntegerField(default=0)
    topup_rule = models.CharField(max_length=5, choices=TopUpRule, default=TopUpRule.ADD)
    tax_included = models.BooleanField(default=True)
    tax_rate_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    auto_renew_allowed = models.BooleanField(default=False)
    # A customer must have proved a phone number before renewing a line of this brand (F09).
    phone_required = models.BooleanField(default=False)
    # Hours after which money that did not become service goes back.
    hanging_refund_hours = models.PositiveSmallIntegerField(default=24)
    # No new payments within; webhooks and money under way go on (F62).
    maintenance_from_at = models.DateTimeField(null=True, blank=True)
    maintenance_until_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(maintenance_until_at__isnull=True, maintenance_from_at__isnull=True)
                | Q(maintenance_until_at__gt=models.F("maintenance_from_at")),
                name="plans_brand_maintenance_window",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return in_language(self.name_zh_hans, self.name_en)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which this brand counts days."""
        return ZoneInfo(self.time_zone)

    def maintenance_end(self, now: datetime) -> datetime | None:
        """When the maintenance that is on at `now` ends; None while the shop is open (F62)."""
        begins, ends = self.maintenance_from_at, self.maintenance_until_at
        is_on = begins is not None and ends is not None and begins <= now < ends
        return ends if is_on else None
