"""What is on sale. A version never changes once it exists; a change makes the next version."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.models.brands import Brand, in_language


class PlanQuerySet(models.QuerySet["Plan"]):
    def on_sale(self) -> "PlanQuerySet":
        """Plans a customer may buy now."""
        return self.filter(is_on_sale=True, current__isnull=False)


class Plan(models.Model):
    """One thing on sale by one brand; its content lives in versions."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Monthly plan")
        DATA_PACK = "data_pack", _("Data pack")
        QUARTER = "quarter", _("Quarter plan")
        YEAR = "year", _("Annual plan")
        VOICE = "voice", _("Voice plan")
        MIXED = "mixed", _("Mixed plan")
        CROSS_BORDER = "cross_border", _("Cross-border plan")
        ADDON = "addon", _("Add-on")
        TOPUP = "topup", _("Top-up")
        KEEPALIVE = "keepalive", _("Keep the number")

    # Kinds that make up the chain of a line's plan periods.
    PERIOD_KINDS = (
        Kind.PLAN,
        Kind.QUARTER,
        Kind.YEAR,
        Kind.VOICE,
        Kind.MIXED,
        Kind.CROSS_BORDER,
    )

    # Kinds that run beside the chain, where their version says so (`early_renewal` parallel).
    BESIDE_KINDS = (Kind.DATA_PACK, Kind.ADDON)

    brand = models.ForeignKey(
        Brand, verbose_name=_("brand"), on_delete=models.PROTECT, related_name="plans"
    )
    sku = models.CharField(_("article number"), max_length=40, unique=True)
    kind = models.CharField(_("kind of plan"), max_length=12, choices=Kind)
    is_on_sale = models.BooleanField(_("on sale"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # The version that new orders get.
    current = models.OneToOneField(
        "PlanVersion",
        verbose_name=_("current version"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["brand__position", "position", "sku"]

    def __str__(self) -> str:
        return self.sku

    @property
    def is_period_plan(self) -> bool:
        """Whether buying it gives the line a period of service in its chain."""
        return self.kind in self.PERIOD_KINDS

    @property
    def needs_a_plan(self) -> bool:
        """Whether it only adds to a plan that runs."""
        return self.kind == self.Kind.ADDON


class PlanVersion(models.Model):
    """The frozen terms of a plan: what it gives, for how long and by which rules."""

    class Unit(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    class Mode(models.TextChoices):
        CALENDAR = "calendar", _("calendar days")
        ROLLING = "rolling", _("24-hour days")

    class EarlyRenewal(models.TextChoices):
        QUEUE = "queue", _("starts when the running period ends")
        STACK = "stack", _("added to the running period")
        REPLACE = "replace", _("replaces the running period")
        PARALLEL = "parallel", _("runs beside the plan")

    class AfterLimit(models.TextChoices):
        STOP = "stop", _("stops")
        THROTTLE = "throttle", _("slows down")
        PAY = "pay", _("is paid from the balance")

    class Rollover(models.TextChoices):
        NONE = "none", _("none")
        ONE_PERIOD = "one_period", _("one period")

    class UpgradeCredit(models.TextChoices):
        NONE = "none", _("none")
        TIME = "time", _("by time left")
        MIN_TIME_DATA = "min_time_data", _("by time or data left, the smaller")

    plan = models.ForeignKey(
        Plan, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version number"))
    name_en = models.CharField(_("English name"), max_length=80)
    name_zh_hans = models.CharField(_("Chinese name"), max_length=80)
    validity_count = models.PositiveSmallIntegerField(_("validity"))
    validity_unit = models.CharField(_("unit of validity"), max_length=5, choices=Unit)
    validity_mode = models.CharField(_("how days count"), max_length=8, choices=Mode)
    early_renewal = models.CharField(
        _("when bought early"), max_length=8, choices=EarlyRenewal, default=EarlyRenewal.QUEUE
    )
    # "" = nothing to limit (top-ups).
    after_limit = models.CharField(
        _("after the limit"), max_length=8, choices=AfterLimit, blank=True
    )
    throttle_kbps = models.PositiveIntegerField(
        _("speed after the limit (kbit/s)"), null=True, blank=True
    )
    # Price per minute outside the allowance, in the brand's currency, as people write it.
    pay_rate = models.CharField(_("price per minute"), max_length=20, blank=True)
    # Country codes where it works, or WORLD / EU.
    zones = models.JSONField(_("where it works"), default=list)
    identity_required = models.BooleanField(_("identity check required"), default=False)
    rollover = models.CharField(
        _("rollover"), max_length=10, choices=Rollover, default=Rollover.NONE
    )
    upgrade_credit = models.CharField(
        _("upgrade credit"), max_length=13, choices=UpgradeCredit, default=UpgradeCredit.NONE
    )
    # Days between today and the start of a bought period, at most.
    max_ahead_days = models.PositiveSmallIntegerField(_("days ahead at most"), default=365)
    # Periods that may wait behind the running one.
    max_queued = models.PositiveSmallIntegerField(_("waiting periods at most"), default=3)
    published_at = models.DateTimeField(_("published at"))
    # Hash of all terms and prices: an import with the same content makes no new version.
    content_hash = models.CharField(_("hash of the content"), max_length=64)

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plans_version_number"),
            models.CheckConstraint(condition=Q(validity_count__gte=1), name="plans_version_lasts"),
            models.CheckConstraint(
                condition=Q(after_limit="throttle", throttle_kbps__isnull=False)
                | (~Q(after_limit="throttle") & Q(throttle_kbps__isnull=True)),
                name="plans_version_throttle_speed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number} {self.name}"

    @property
    def name(self) -> str:
        """The name in the active language."""
        return in_language(self.name_zh_hans, self.name_en)

    @property
    def gives_a_period(self) -> bool:
        """Whether a line can buy it as a period: in its chain, or beside it."""
        runs_beside = self.early_renewal == self.EarlyRenewal.PARALLEL
        return self.plan.is_period_plan or (runs_beside and self.plan.kind in Plan.BESIDE_KINDS)


class Price(models.Model):
    """The price of a version in one currency."""

    version = models.ForeignKey(
        PlanVersion, verbose_name=_("plan version"), on_delete=models.PROTECT, related_name="prices"
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["version", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["version", "currency"], name="plans_price_currency"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="plans_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class Allowance(models.Model):
    """What a version grants of one kind: bytes, seconds or messages."""

    class Kind(models.TextChoices):
        DATA = "data", _("Data")
        VOICE = "voice", _("Calls")
        SMS = "sms", _("Texts")

    version = models.ForeignKey(
        PlanVersion,
        verbose_name=_("plan version"),
        on_delete=models.PROTECT,
        related_name="allowances",
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    # Bytes of data, seconds of calls, or texts; 0 when unlimited.
    amount = models.PositiveBigIntegerField(_("quantity"), default=0)
    is_unlimited = models.BooleanField(_("unlimited"), default=False)

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering = ["version", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="plans_allowance_kind"),
            models.CheckConstraint(
                condition=Q(is_unlimited=True, amount=0) | Q(is_unlimited=False, amount__gt=0),
                name="plans_allowance_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {'unlimited' if self.is_unlimited else self.amount}"
