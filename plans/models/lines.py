"""A customer's line, the periods bought for it and the allowances inside them."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from plans.models.brands import Brand
from plans.models.catalogue import Allowance, PlanVersion
from plans.public_ids import new_line_id


class LineQuerySet(models.QuerySet["Line"]):
    def owned_by(self, customer: User) -> "LineQuerySet":
        """Lines of one customer; every page starts from here."""
        return self.filter(customer=customer)

    def lock(self, pk: int) -> "Line":
        """The line's row with its brand, locked until the transaction ends: first in the lock
        order line → order → payment (DESIGN.md section 4). The brand's row is not locked."""
        return self.select_for_update(of=("self",)).select_related("brand").get(pk=pk)


class Line(models.Model):
    """One subscription. Orders bind to this row, never to the number, which gets recycled."""

    class State(models.TextChoices):
        PRE_ACTIVE = "pre_active", _("Not activated")
        ACTIVE = "active", _("Active")
        GRACE = "grace", _("Grace period")
        SUSPENDED = "suspended", _("Suspended")
        QUARANTINE = "quarantine", _("Number on hold")
        TERMINATED = "terminated", _("Terminated")

    public_id = models.CharField(
        _("public id"), max_length=12, unique=True, default=new_line_id, editable=False
    )
    brand = models.ForeignKey(
        Brand, verbose_name=_("brand"), on_delete=models.PROTECT, related_name="lines"
    )
    customer = models.ForeignKey(
        User,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="lines",
        null=True,
        blank=True,
    )
    msisdn = models.CharField(_("phone number"), max_length=16)
    iccid = models.CharField("ICCID", max_length=20, blank=True)
    eid = models.CharField("EID", max_length=32, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    # Lost, fraud or dispute; a flag beside the state.
    is_blocked = models.BooleanField(_("blocked"), default=False)
    # Life of the number and its balance (exclusive); not the end of the plan.
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    # Cached sum of the line's ledger account, in the brand's currency.
    balance_minor = models.BigIntegerField(_("balance (smallest coin)"), default=0)
    auto_renew = models.BooleanField(_("auto-renewal"), default=False)
    # Where the owner wants reminders of this line's end.
    remind_by_email = models.BooleanField(_("remind by e-mail"), default=True)
    remind_by_sms = models.BooleanField(_("remind by SMS"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["brand__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["msisdn"],
                condition=~Q(state="terminated"),
                name="plans_line_one_living_number",
            ),
            models.CheckConstraint(
                condition=Q(balance_minor__gte=0), name="plans_line_balance_not_negative"
            ),
        ]
        indexes = [
            # The clock reads in pages what has come to the end of a stage.
            models.Index(
                fields=["brand", "state", "valid_until", "id"],
                condition=Q(state__in=["active", "grace", "suspended", "quarantine"]),
                name="plans_line_aging",
            )
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.msisdn}"


class PeriodQuerySet(models.QuerySet["Period"]):
    def standing(self) -> "PeriodQuerySet":
        """Periods that count: all but cancelled ones."""
        return self.exclude(state=Period.State.CANCELLED)

    def chain(self) -> "PeriodQuerySet":
        """The plan periods of a line, one after the other; those beside the plan are out."""
        return self.standing().filter(is_parallel=False)

    def running(self, now: datetime) -> "PeriodQuerySet":
        """Periods in force at `now`, whatever state the last sweep left them in."""
        return self.standing().filter(start_at__lte=now, end_at__gt=now)


class Period(models.Model):
    """One bought stretch of a plan on a line: start inclusive, end exclusive, UTC."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="periods"
    )
    version = models.ForeignKey(
        PlanVersion,
        verbose_name=_("plan version"),
        on_delete=models.PROTECT,
        related_name="periods",
    )
    # Position in the line's history: 1, 2, 3 …; a second writer fails on the unique key.
    sequence = models.PositiveIntegerField(_("position in the line's history"))
    start_at = models.DateTimeField(_("start"))
    end_at = models.DateTimeField(_("end (not included)"))
    # Months and years count from the chain's anchor, never from the last end (rule 3).
    anchor_at = models.DateTimeField(_("anchor"))
    chain_index = models.PositiveIntegerField(_("position in the chain"), default=1)
    is_parallel = models.BooleanField(_("beside the plan"), default=False)
    # Bought as days added to the period before it: its allowances count from the purchase on.
    is_stacked = models.BooleanField(_("added to the period before"), default=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    # Start was moved because we applied a payment too late (rule 7).
    has_delay_credit = models.BooleanField(_("moved for our delay"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["line", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["line", "sequence"], name="plans_period_sequence"),
            models.CheckConstraint(
                condition=Q(end_at__gt=F("start_at")), name="plans_period_has_length"
            ),
            models.UniqueConstraint(
                fields=["line", "start_at"],
                condition=Q(is_parallel=False) & ~Q(state="cancelled"),
                name="plans_period_one_start",
            ),
            models.CheckConstraint(
                condition=Q(is_stacked=False) | Q(is_parallel=False),
                name="plans_period_stacked_or_parallel",
            ),
        ]
        indexes = [
            models.Index(fields=["line", "end_at"], name="plans_period_of_line"),
            # The scan for reminders reads what ends soon in pages.
            models.Index(
                fields=["end_at", "id"],
                condition=Q(state__in=["queued", "active"]),
                name="plans_period_ending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} #{self.sequence} {self.start_at:%Y-%m-%d} – {self.end_at:%Y-%m-%d}"


class Bucket(models.Model):
    """An allowance inside a period; never merged with another of a different end."""

    period = models.ForeignKey(
        Period, verbose_name=_("period"), on_delete=models.PROTECT, related_name="buckets"
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Allowance.Kind)
    # Country codes, or WORLD / EU: the plan's zones.
    scope = models.JSONField(_("where it works"), default=list)
    # Bytes, seconds or texts.
    granted = models.PositiveBigIntegerField(_("granted"), default=0)
    used = models.PositiveBigIntegerField(_("used"), default=0)
    is_unlimited = models.BooleanField(_("unlimited"), default=False)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    # When the network last told us; null = never. Of one moment the higher version holds.
    measured_at = models.DateTimeField(_("measured at"), null=True, blank=True)
    measured_version = models.PositiveBigIntegerField(_("version of the snapshot"), default=0)
    # Highest share of it, in percent, whose passing was noted; never told again.
    passed_percent = models.PositiveSmallIntegerField(_("share passed (percent)"), default=0)

    class Meta:
        verbose_name = _("bucket")
        verbose_name_plural = _("buckets")
        ordering = ["period", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["period", "kind"], name="plans_bucket_kind"),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="plans_bucket_has_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.kind}"

    @property
    def left(self) -> int:
        """What remains, never below 0; bytes, seconds or texts."""
        return max(self.granted - self.used, 0)
