"""The ledger, account by account and entry by entry."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from billing.models import LedgerAccount, LedgerEntry
from messaging.console import ReadOnlyAdmin, utc_column
from messaging.formats import money_exact


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Where money can stand."""

    list_display = ("code", "kind", "currency", "brand")
    list_filter = (("kind", ChoicesDropdownFilter),)
    list_select_related = ("brand",)
    search_fields = ("code", "line__msisdn")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """Each transfer, from the credit to the debit account."""

    list_display = ("created", "key", "debit", "credit", "amount", "order")
    list_display_links = ("created", "key")
    list_filter = (("debit__kind", ChoicesDropdownFilter), ("created_at", RangeDateFilter))
    list_select_related = ("debit", "credit", "order")
    search_fields = ("key", "order__number")
    date_hierarchy = "created_at"
    fields = (
        "created_at",
        "key",
        "debit",
        "credit",
        "amount",
        "order",
        "payment",
    )

    created = utc_column(LedgerEntry, "created_at")

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, entry: LedgerEntry) -> str:
        return money_exact(entry.amount_minor, entry.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        """Newest first."""
        found: QuerySet[LedgerEntry] = super().get_queryset(request)
        return found.order_by("-pk")
