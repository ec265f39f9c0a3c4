"""Brands, plans and lines for the operator's staff. What has been sold can be read only."""

from typing import Any, override

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from messaging.formats import money_exact
from plans.identifiers import parse
from plans.line_search import lines_matching
from plans.models import Brand, Line, Period, Plan, PlanVersion, ServiceOrder, SimulatorFault

LONGEST_WRITING = 80


class ReadOnly:
    """Nothing may be added, changed or deleted by hand; put before the admin class."""

    def has_add_permission(self, *_args: object) -> bool:
        return False

    def has_change_permission(self, *_args: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        return False


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin[Brand]):
    """Shop fronts; the place to switch maintenance on."""

    list_display = ("__str__", "slug", "sim", "currency", "time_zone", "maintenance_until_at")
    search_fields = ("slug", "name_en", "name_zh_hans")

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Brand | None = None) -> list[str]:
        """Prices, balances and the ledger are in a brand's currency: it stays what it is."""
        return ["slug", "currency"] if obj else []

    def has_delete_permission(self, *_args: object) -> bool:
        return False


class PlanVersionInline(ReadOnly, admin.TabularInline[PlanVersion, Plan]):
    """Every version a plan ever had, newest first."""

    model = PlanVersion
    fk_name = "plan"
    fields = ("number", "name_zh_hans", "name_en", "price_list", "granted", "published_at")
    readonly_fields = ("price_list", "granted")

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanVersion]:
        return super().get_queryset(request).prefetch_related("prices", "allowances")

    @admin.display(description=_("prices"))
    def price_list(self, version: PlanVersion) -> str:
        return " · ".join(
            money_exact(price.amount_minor, price.currency) for price in version.prices.all()
        )

    @admin.display(description=_("allowances"))
    def granted(self, version: PlanVersion) -> str:
        return " · ".join(str(allowance) for allowance in version.allowances.all())


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin[Plan]):
    """What is on sale. Terms and prices come by import and become versions."""

    list_display = ("sku", "brand", "kind", "current", "is_on_sale", "position")
    list_filter = ("brand", "kind", "is_on_sale")
    list_select_related = ("brand", "current__plan")
    search_fields = ("sku", "versions__name_en", "versions__name_zh_hans")
    fields = ("brand", "sku", "kind", "current", "is_on_sale", "position")
    readonly_fields = ("brand", "sku", "kind", "current")
    inlines = (PlanVersionInline,)

    def has_add_permission(self, *_args: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        return False


class PeriodInline(ReadOnly, admin.TabularInline[Period, Line]):
    """What was bought for a line, oldest first."""

    model = Period
    fields = ("sequence", "version", "start_at", "end_at", "state", "has_delay_credit")


class LineForm(forms.ModelForm[Line]):
    """Number and card in any writing, stored in one."""

    # Longer than the columns: blanks and dashes of the writing go.
    msisdn = forms.CharField(label=_("number"), max_length=LONGEST_WRITING)
    iccid = forms.CharField(label="ICCID", max_length=LONGEST_WRITING, required=False)
    eid = forms.CharField(label="EID", max_length=LONGEST_WRITING, required=False)

    class Meta:
        model = Line
        fields = (
            "brand",
            "customer",
            "msisdn",
            "iccid",
            "eid",
            "state",
            "is_blocked",
            "valid_until",
            "auto_renew",
            "is_demo",
        )

    def clean(self) -> dict[str, Any]:
        """Bring number and card to their stored spelling; the national form is the brand's."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand = cleaned.get("brand") or (self.instance.brand if self.instance.pk else None)
        region = brand.region if brand else None
        for field in ("msisdn", "iccid", "eid"):
            if cleaned.get(field):
                try:
                    cleaned[field] = parse(field, cleaned[field], region=region)
                except ValueError as error:
                    self.add_error(field, str(error))
        return cleaned


@admin.register(Line)
class LineAdmin(admin.ModelAdmin[Line]):
    """Lines, found by any spelling of their number or card."""

    form = LineForm
    list_display = ("msisdn", "brand", "customer", "state", "is_blocked", "valid_until")
    list_filter = ("brand", "state", "is_blocked", "is_demo")
    list_select_related = ("brand", "customer")
    # Shows the box; `lines_matching` decides what it finds.
    search_fields = ("msisdn",)
    search_help_text = _("Number in any writing, ICCID, EID, last digits, e-mail or name")
    readonly_fields = ("public_id", "balance_minor", "created_at")
    raw_id_fields = ("customer",)
    inlines = (PeriodInline,)

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
        """A line's brand decides its currency and its rules: it stays what it is."""
        return [*self.readonly_fields, "brand"] if obj else [*self.readonly_fields]

    def has_delete_permission(self, *_args: object) -> bool:
        return False


@admin.register(ServiceOrder)
class ServiceOrderAdmin(ReadOnly, admin.ModelAdmin[ServiceOrder]):
    """What the network was asked for, how often, and what it said."""

    list_display = ("public_id", "line", "action", "state", "attempts", "next_try_at", "error")
    list_filter = ("state",)
    list_select_related = ("line__brand",)
    search_fields = ("public_id", "line__msisdn", "line__public_id")


@admin.register(SimulatorFault)
class SimulatorFaultAdmin(admin.ModelAdmin[SimulatorFault]):
    """What the simulated network does wrong; tests and the demo only."""

    list_display = ("line_ref", "kind", "remaining", "seconds")
