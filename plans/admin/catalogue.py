"""What is on sale, and every version it ever had."""

from typing import Any, override

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from messaging.console import ConsoleAdmin, ReadOnlyAdmin, ReadOnlyInline, joined, utc_column
from messaging.formats import money_exact
from plans.models import Allowance, Plan, PlanVersion, Price
from plans.presenters import allowance_text, validity_text


class PlanVersionInline(ReadOnlyInline):
    """Every version a plan ever had, newest first."""

    model = PlanVersion
    fk_name = "plan"
    fields = ("number", "name_zh_hans", "name_en", "price_list", "granted", "published_at")
    readonly_fields = ("price_list", "granted")
    show_change_link = True

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanVersion]:
        found: QuerySet[PlanVersion] = super().get_queryset(request)
        return found.prefetch_related("prices", "allowances")

    @display(description=_("prices"))
    def price_list(self, version: PlanVersion) -> str:
        return joined(
            money_exact(price.amount_minor, price.currency) for price in version.prices.all()
        )

    @display(description=_("allowances"))
    def granted(self, version: PlanVersion) -> str:
        return joined(allowance_text(allowance) for allowance in version.allowances.all())


@admin.register(Plan)
class PlanAdmin(ConsoleAdmin):
    """What is on sale. Terms and prices come by import and become versions."""

    list_display = ("sku", "brand", "kind", "current", "is_on_sale", "position")
    list_filter = (
        ("brand", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("is_on_sale", BooleanRadioFilter),
    )
    list_select_related = ("brand", "current__plan")
    search_fields = ("sku", "versions__name_en", "versions__name_zh_hans")
    fields = ("brand", "sku", "kind", "current", "is_on_sale", "position")
    readonly_fields = ("brand", "sku", "kind", "current")
    inlines = (PlanVersionInline,)

    def has_add_permission(self, *_args: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        return False

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Write what was changed and nothing else: an import may have made a new version."""
        obj.save(update_fields=form.changed_data)


class PriceInline(ReadOnlyInline):
    """The version's price in each currency."""

    model = Price
    fields = ("currency", "amount")
    readonly_fields = ("amount",)

    @display(description=_("amount"))
    def amount(self, price: Price) -> str:
        return money_exact(price.amount_minor, price.currency)


class AllowanceInline(ReadOnlyInline):
    """What the version grants."""

    model = Allowance
    fields = ("kind", "granted")
    readonly_fields = ("granted",)

    @display(description=_("granted"))
    def granted(self, allowance: Allowance) -> str:
        return allowance_text(allowance)


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    """The frozen terms of what was sold."""

    list_display = ("__str__", "plan", "lasts", "early_renewal", "published")
    list_filter = (("plan__brand", RelatedDropdownFilter),)
    list_select_related = ("plan",)
    search_fields = ("plan__sku", "name_en", "name_zh_hans")
    inlines = (PriceInline, AllowanceInline)

    published = utc_column(PlanVersion, "published_at")

    @display(description=_("lasts"))
    def lasts(self, version: PlanVersion) -> str:
        return validity_text(version)
