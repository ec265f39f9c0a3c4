"""Lines, found by any spelling of their number or card.

`billing.admin` puts the page of a line into the console: it also knows orders and money.
"""

from typing import Any, override

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from messaging.console import ConsoleAdmin, joined, state_column, utc_column
from messaging.formats import money_exact, msisdn
from plans.console import LINE_TONES
from plans.identifiers import parse
from plans.line_search import lines_matching
from plans.models import Line
from plans.services.blocking import block_line, unblock_line
from plans.services.new_lines import note_new_lines

LONGEST_WRITING = 80


def written(label: Any, *, required: bool = False) -> forms.CharField:
    """Return a field longer than its column: blanks and dashes of the writing go."""
    return forms.CharField(
        label=label,
        max_length=LONGEST_WRITING,
        required=required,
        widget=UnfoldAdminTextInputWidget,
    )


class LineForm(forms.ModelForm[Line]):
    """Number and card in any writing, stored in one."""

    msisdn = written(_("number"), required=True)
    iccid = written("ICCID")
    eid = written("EID")

    class Meta:
        model = Line
        fields = ("brand", "customer", "msisdn", "iccid", "eid", "state", "valid_until", "is_demo")

    def clean(self) -> dict[str, Any]:
        """Bring number and card to their stored spelling; the national form is the brand's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand = cleaned.get("brand")
        region = brand.region if brand else None
        for field in ("msisdn", "iccid", "eid"):
            if cleaned.get(field):
                try:
                    cleaned[field] = parse(field, cleaned[field], region=region)
                except ValueError as error:
                    self.add_error(field, str(error))
        return cleaned


class LineAdmin(ConsoleAdmin):
    """Lines; of one that is there staff change the block and nothing else."""

    form = LineForm
    list_display = ("number", "brand", "owner", "shown_state", "is_blocked", "until")
    list_display_links = ("number",)
    list_filter = (
        ("brand", RelatedDropdownFilter),
        ("state", ChoicesCheckboxFilter),
        ("is_blocked", BooleanRadioFilter),
        ("valid_until", RangeDateFilter),
    )
    list_select_related = ("brand", "customer")
    # Shows the box; `lines_matching` decides what it finds.
    search_fields = ("msisdn",)
    search_help_text = _("Number in any writing, ICCID, EID, last digits, e-mail or name")
    raw_id_fields = ("customer",)
    add_fieldsets = ((None, {"fields": LineForm.Meta.fields}),)
    fields = (
        "plain_number",
        "state",
        "is_blocked",
        "brand",
        "customer",
        "balance",
        "valid_until",
        "iccid",
        "eid",
        "auto_renew",
        "reminded_by",
        "public_id",
        "created_at",
        "is_demo",
    )

    shown_state = state_column(LINE_TONES)
    until = utc_column(Line, "valid_until")

    @display(description=_("number"), header=True, ordering="msisdn")
    def number(self, line: Line) -> list[str]:
        """The number as people read it, its card below."""
        return [msisdn(line.msisdn), line.iccid or line.eid or "–"]

    @display(description=_("number"))
    def plain_number(self, line: Line) -> str:
        return msisdn(line.msisdn)

    @display(description=_("customer"), ordering="customer__name")
    def owner(self, line: Line) -> str:
        return str(line.customer) if line.customer else "–"

    @display(description=_("balance"))
    def balance(self, line: Line) -> str:
        return money_exact(line.balance_minor, line.brand.currency)

    @display(description=_("reminders by"))
    def reminded_by(self, line: Line) -> str:
        ways = ((_("Mail"), line.remind_by_email), (_("SMS"), line.remind_by_sms))
        return joined(way for way, is_on in ways if is_on) or "–"

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Line], search_term: str
    ) -> tuple[QuerySet[Line], bool]:
        """Find lines by what the staff has before them."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(lines_matching(search_term)), False

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Line | None = None) -> list[str]:
        """Rules move a line that is there; staff only block it and lift the block."""
        if obj is None:
            return []
        return ["msisdn", *(name for name in self.fields if name != "is_blocked")]

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """A new line is stored as written; of an old one the block is set or lifted."""
        if not change:
            super().save_model(request, obj, form, change)
            note_new_lines(lines=[obj], by=str(request.user), reason="added", now=timezone.now())
        elif obj.is_blocked:
            block_line(line_id=obj.pk)
        else:
            unblock_line(line_id=obj.pk)

    def has_delete_permission(self, *_args: object) -> bool:
        return False
