"""What a line used on each day: the bars and the forecast of its pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.models.lines import Line


class UsageDay(models.Model):
    """One line, one local day of its brand: history, never what is left (the snapshot says that)."""

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="usage_days"
    )
    # The day in the brand's zone.
    on = models.DateField(_("day"))
    data_bytes = models.PositiveBigIntegerField(_("data (bytes)"), default=0)
    voice_seconds = models.PositiveBigIntegerField(_("calls (seconds)"), default=0)
    sms_count = models.PositiveIntegerField(_("texts"), default=0)

    class Meta:
        verbose_name = _("day of use")
        verbose_name_plural = _("days of use")
        ordering = ["line", "on"]
        constraints = [
            models.UniqueConstraint(fields=["line", "on"], name="plans_usage_one_row_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.on}"
