"""Shop fronts: who they are, what their rules are, and when they are closed for maintenance."""

from typing import override

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from messaging.console import ConsoleAdmin, utc_column
from plans.models import Brand


@admin.register(Brand)
class BrandAdmin(ConsoleAdmin):
    """One brand; the place to switch maintenance on."""

    list_display = ("__str__", "slug", "sim", "currency", "time_zone", "closed_until")
    search_fields = ("slug", "name_en", "name_zh_hans")
    fieldsets = (
        (None, {"fields": ("name_zh_hans", "name_en", "slug", "sim", "theme", "position")}),
        (
            _("Maintenance"),
            {
                "fields": ("maintenance_from_at", "maintenance_until_at"),
                "description": _("No new payments within; money under way goes on. Times in UTC."),
            },
        ),
        (
            _("Contact"),
            {"fields": ("hotline", "service_number", "support_email", "address", "bank_account")},
        ),
        (
            _("Rules"),
            {
                "fields": (
                    ("grace_days", "suspended_days", "quarantine_days"),
                    ("reactivation_fee_minor", "max_balance_minor"),
                    ("refund_days", "hanging_refund_hours"),
                    ("tax_included", "tax_rate_percent"),
                    ("auto_renew_allowed", "phone_required"),
                    "topup_rule",
                ),
                "description": _("Amounts in the smallest coin of the brand's currency."),
            },
        ),
        (
            _("Market"),
            {
                "fields": (
                    "currency",
                    "region",
                    "time_zone",
                    "payment_methods",
                    "query_channels",
                    "guide",
                    "is_demo",
                )
            },
        ),
    )

    closed_until = utc_column(Brand, "maintenance_until_at")

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Brand | None = None) -> list[str]:
        """Prices, balances and the ledger are in a brand's currency: it stays what it is."""
        return ["slug", "currency"] if obj else []

    def has_delete_permission(self, *_args: object) -> bool:
        return False
