"""What the network was asked for, how often, and what it said."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, ChoicesDropdownFilter

from messaging.console import ConsoleAdmin, ReadOnlyAdmin, state_column, utc_column
from plans.console import NETWORK_TONES
from plans.models import ServiceOrder, SimulatorFault


@admin.register(ServiceOrder)
class ServiceOrderAdmin(ReadOnlyAdmin):
    """One order to the network; the same id is the same order for ever."""

    list_display = ("created", "line", "action", "shown_state", "attempts", "next_try", "error")
    list_filter = (("state", ChoicesCheckboxFilter), ("action", ChoicesDropdownFilter))
    list_select_related = ("line__brand",)
    search_fields = ("public_id", "line__msisdn", "line__public_id")
    date_hierarchy = "created_at"
    fields = (
        "line",
        "period",
        "action",
        "state",
        "created_at",
        "completed_at",
        "attempts",
        "next_try_at",
        "leased_until",
        "error",
        "public_id",
        "body",
    )

    created = utc_column(ServiceOrder, "created_at")
    next_try = utc_column(ServiceOrder, "next_try_at")
    shown_state = state_column(NETWORK_TONES)


@admin.register(SimulatorFault)
class SimulatorFaultAdmin(ConsoleAdmin):
    """What the simulated network does wrong; tests and the demo only."""

    list_display = ("line_ref", "kind", "remaining", "seconds")
