"""What was bought for lines, what they were reminded of, and who claimed them."""

from typing import override

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesCheckboxFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from messaging.console import ReadOnlyAdmin, ReadOnlyInline, state_column, utc_column
from plans.console import CLAIM_TONES, PERIOD_TONES, REMINDER_TONES
from plans.line_search import lines_matching
from plans.models import Bucket, Line, LineClaim, Period, Reminder
from plans.presenters import amount_text, used_text


class OfLineAdmin(ReadOnlyAdmin):
    """Rows of a line, found by whatever finds the line."""

    # Shows the box; `lines_matching` decides what it finds.
    search_fields = ("line__msisdn",)
    search_help_text = _("Number in any writing, ICCID, EID, last digits, e-mail or name")

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Period], search_term: str
    ) -> tuple[QuerySet[Period], bool]:
        if not search_term.strip():
            return queryset, False
        lines = Line.objects.filter(lines_matching(search_term)).order_by().values("pk")
        return queryset.filter(line__in=lines), False


class BucketInline(ReadOnlyInline):
    """The allowances of the period."""

    model = Bucket
    fields = ("kind", "granted_text", "used_words", "valid_from", "valid_until", "measured_at")
    readonly_fields = ("granted_text", "used_words")

    @display(description=_("granted"))
    def granted_text(self, bucket: Bucket) -> str:
        return (
            str(_("Unlimited")) if bucket.is_unlimited else amount_text(bucket.kind, bucket.granted)
        )

    @display(description=_("used"))
    def used_words(self, bucket: Bucket) -> str:
        return used_text(bucket.kind, bucket.used)


@admin.register(Period)
class PeriodAdmin(OfLineAdmin):
    """One bought stretch of a plan."""

    list_display = ("line", "version", "start", "end", "shown_state", "is_parallel")
    list_filter = (
        ("line__brand", RelatedDropdownFilter),
        ("state", ChoicesCheckboxFilter),
        ("end_at", RangeDateFilter),
    )
    list_select_related = ("line__brand", "version")
    ordering = ("-start_at",)
    inlines = (BucketInline,)

    start = utc_column(Period, "start_at")
    end = utc_column(Period, "end_at")
    shown_state = state_column(PERIOD_TONES)


@admin.register(Reminder)
class ReminderAdmin(OfLineAdmin):
    """What was due to be told of a period's end, and whether it was."""

    list_display = ("due", "line", "stage", "shown_state", "error")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("stage", ChoicesDropdownFilter),
        ("due_at", RangeDateFilter),
    )
    list_select_related = ("line__brand",)

    due = utc_column(Reminder, "due_at")
    shown_state = state_column(REMINDER_TONES)


@admin.register(LineClaim)
class ClaimAdmin(OfLineAdmin):
    """Who tried to add a line, how, and with what result; the code itself is nobody's to see."""

    list_display = ("created", "line", "claimant", "method", "shown_state", "wrong_codes", "reason")
    list_filter = (("state", ChoicesCheckboxFilter), ("method", ChoicesDropdownFilter))
    list_select_related = ("line__brand", "claimant")
    exclude = ("code_hash",)

    created = utc_column(LineClaim, "created_at")
    shown_state = state_column(CLAIM_TONES)
