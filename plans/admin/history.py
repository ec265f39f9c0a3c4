"""What became of lines and their numbers, and what was told of it. Nothing here can be changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesCheckboxFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from messaging.console import state_column, utc_column
from messaging.formats import msisdn
from plans.admin.periods import OfLineAdmin
from plans.console import NOTICE_TONES
from plans.models import LineHistory, LineNotice, NumberAssignment


@admin.register(LineHistory)
class LineHistoryAdmin(OfLineAdmin):
    """Every change of a line's state, by whom and why."""

    list_display = ("moment", "line", "from_state", "to_state", "by", "reason")
    list_filter = (
        ("line__brand", RelatedDropdownFilter),
        ("to_state", ChoicesCheckboxFilter),
        ("at", RangeDateFilter),
    )
    list_select_related = ("line__brand",)

    moment = utc_column(LineHistory, "at")


@admin.register(NumberAssignment)
class NumberAssignmentAdmin(OfLineAdmin):
    """Whose a number was, from when to when."""

    list_display = ("number", "line", "since", "until")
    list_filter = (("line__brand", RelatedDropdownFilter),)
    list_select_related = ("line__brand",)

    since = utc_column(NumberAssignment, "from_at")
    until = utc_column(NumberAssignment, "to_at")

    @display(description=_("number"), ordering="msisdn")
    def number(self, held: NumberAssignment) -> str:
        return msisdn(held.msisdn)


@admin.register(LineNotice)
class LineNoticeAdmin(OfLineAdmin):
    """What was due to be told of a lapsed line, and whether it was."""

    list_display = ("due", "line", "stage", "shown_state", "error")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("stage", ChoicesDropdownFilter),
        ("due_at", RangeDateFilter),
    )
    list_select_related = ("line__brand",)

    due = utc_column(LineNotice, "due_at")
    shown_state = state_column(NOTICE_TONES)
