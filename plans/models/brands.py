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

    slug = models.SlugField(_("short name"), unique=True)
    # Which of the five guides the demo brand stands for; empty for a real one.
    guide = models.CharField(_("guide"), max_length=8, blank=True)
    name_en = models.CharField(_("English name"), max_length=60)
    name_zh_hans = models.CharField(_("Chinese name"), max_length=60)
    sim = models.CharField(_("kind of card"), max_length=10, choices=Sim)
    currency = models.CharField(_("currency"), max_length=3)
    region = models.CharField(_("region"), max_length=2)
    time_zone = models.CharField(_("time zone"), max_length=40)
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.JADE)
    payment_methods = models.JSONField(_("payment methods"), default=list)
    query_channels = models.JSONField(_("query channels"), default=list)
    service_number = models.CharField(_("service number"), max_length=20, blank=True)
    hotline = models.CharField(_("hotline"), max_length=20, blank=True)
    support_email = models.EmailField(_("support e-mail"), blank=True)
    bank_account = models.CharField(_("bank account"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    # Days of each stage after a line's validity has run out.
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    suspended_days = models.PositiveSmallIntegerField(_("days of suspension"), default=0)
    quarantine_days = models.PositiveSmallIntegerField(_("days on hold"), default=0)
    reactivation_fee_minor = models.PositiveBigIntegerField(_("re-activation fee"), default=0)
    # 0 = no change of mind.
    refund_days = models.PositiveSmallIntegerField(_("days to change one's mind"), default=0)
    max_balance_minor = models.PositiveBigIntegerField(_("largest balance"), default=0)
    topup_rule = models.CharField(
        _("top-up rule"), max_length=5, choices=TopUpRule, default=TopUpRule.ADD
    )
    tax_included = models.BooleanField(_("tax included"), default=True)
    tax_rate_percent = models.DecimalField(
        _("tax rate in percent"), max_digits=5, decimal_places=2, default=0
    )
    auto_renew_allowed = models.BooleanField(_("auto-renewal offered"), default=False)
    # A customer must have proved a phone number before renewing a line of this brand (F09).
    phone_required = models.BooleanField(_("verified number required"), default=False)
    # Hours after which money that did not become service goes back.
    hanging_refund_hours = models.PositiveSmallIntegerField(
        _("hours until hanging money goes back"), default=24
    )
    # No new payments within; webhooks and money under way go on (F62).
    maintenance_from_at = models.DateTimeField(_("maintenance from"), null=True, blank=True)
    maintenance_until_at = models.DateTimeField(_("maintenance until"), null=True, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

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
