"""What became of a line and its number: every change of state, who had the number when, what was told."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from messaging.models import WorkQuerySet, WorkRow
from plans.models.lines import Line


class LineHistory(models.Model):
    """One change of a line's state. Rows are only added."""

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="history"
    )
    # Empty for the row with which the line came to be.
    from_state = models.CharField(_("from"), max_length=10, choices=Line.State, blank=True)
    to_state = models.CharField(_("to"), max_length=10, choices=Line.State)
    # When it took place by the line's dates, however late it was noted.
    at = models.DateTimeField(_("at"))
    # `clock`, `payment`, `import`, or a member of staff.
    by = models.CharField(_("by"), max_length=80)
    reason = models.CharField(_("reason"), max_length=40)
    created_at = models.DateTimeField(_("noted at"))

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_state=F("to_state")), name="plans_history_is_a_change"
            )
        ]
        indexes = [models.Index(fields=["line", "-id"], name="plans_history_of_line")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.from_state} → {self.to_state}"


class NumberAssignment(models.Model):
    """Whose a number was, from when to when (rule 17): numbers are recycled, lines are not."""

    msisdn = models.CharField(_("phone number"), max_length=16)
    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="numbers"
    )
    from_at = models.DateTimeField(_("from"))
    # Not included; null = still.
    to_at = models.DateTimeField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("number assignment")
        verbose_name_plural = _("number assignments")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["msisdn"], condition=Q(to_at__isnull=True), name="plans_number_held_once"
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(to_at__isnull=True), name="plans_number_one_of_line"
            ),
            models.CheckConstraint(
                condition=Q(to_at__isnull=True) | Q(to_at__gte=F("from_at")),
                name="plans_number_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["msisdn", "from_at"], name="plans_number_by_time")]

    def __str__(self) -> str:
        return f"{self.msisdn} {self.line_id}"


class LineNotice(WorkRow):
    """One thing to be told of a line that has lapsed; once per lapse and stage."""

    class Stage(models.TextChoices):
        GRACE = "grace", _("in grace since")
        SUSPENDED = "suspended", _("suspended since")
        NUMBER_LOSS = "number_loss", _("7 days before the number is lost")

    class State(models.TextChoices):
        # Found, its messages are not written yet.
        DUE = "due", _("due")
        # Its messages are in the outbox.
        QUEUED = "queued", _("handed to the outbox")
        # Renewed meanwhile: there is nothing to tell.
        WITHDRAWN = "withdrawn", _("withdrawn")
        # Never told; `error` holds the reason.
        SKIPPED = "skipped", _("skipped")

    due_states = (State.DUE,)

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="notices"
    )
    stage = models.CharField(_("stage"), max_length=11, choices=Stage)
    # The end of the validity that is meant: a line can lapse again.
    lapsed_at = models.DateTimeField(_("lapsed at"))
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DUE)
    created_at = models.DateTimeField(_("created at"))

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice about a line")
        verbose_name_plural = _("notices about lines")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "lapsed_at", "stage"], name="plans_notice_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(error=""), name="plans_notice_skip_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="due") | Q(next_try_at__isnull=False),
                name="plans_notice_due_has_next_try",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state="due"), name="plans_notice_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.stage}"
