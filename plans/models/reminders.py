"""One reminder of one period: that it is due, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import WorkQuerySet, WorkRow
from plans.models.lines import Line, Period


class Reminder(WorkRow):
    """A stage before a period's end; a row exists once per period and stage, whatever happens."""

    class Stage(models.TextChoices):
        DAYS_7 = "days_7", _("7 days before")
        DAYS_3 = "days_3", _("3 days before")
        DAYS_1 = "days_1", _("1 day before")
        LAST_DAY = "last_day", _("on the last day")

    class State(models.TextChoices):
        # Found by the scan, its messages are not written yet.
        DUE = "due", _("due")
        # Its messages are in the outbox.
        QUEUED = "queued", _("handed to the outbox")
        # Renewed meanwhile: there is nothing to remind of.
        WITHDRAWN = "withdrawn", _("withdrawn")
        # Never told; `error` holds the reason.
        SKIPPED = "skipped", _("skipped")

    due_states = (State.DUE,)

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="reminders"
    )
    period = models.ForeignKey(
        Period, verbose_name=_("period"), on_delete=models.PROTECT, related_name="reminders"
    )
    stage = models.CharField(_("stage"), max_length=8, choices=Stage)
    # The moment of the schedule: 10:00 of the day, in the brand's zone.
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DUE)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["period", "stage"], name="plans_reminder_once"),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(error=""), name="plans_reminder_skip_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="due") | Q(next_try_at__isnull=False),
                name="plans_reminder_due_has_next_try",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state="due"), name="plans_reminder_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.stage}"
