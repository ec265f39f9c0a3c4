"""What the network was asked for, how often, and what it said."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, ChoicesDropdownFilter

from messaging.console import ConsoleAdmin, ReadOnlyAdmin, state_column, utc_column
from plans.console import DIFFERENCE_TONES, NETWORK_TONES
from plans.models import (
    NetworkDifference,
    NetworkEvent,
    NetworkReconciliation,
    ServiceOrder,
    SimulatorFault,
)


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


@admin.register(NetworkDifference)
class NetworkDifferenceAdmin(ReadOnlyAdmin):
    """What the network holds of a line otherwise than we do; gone when both are equal again."""

    list_display = ("found", "line_ref", "line", "field", "ours", "theirs", "shown_state", "gone")
    list_filter = (("state", ChoicesCheckboxFilter), ("field", ChoicesDropdownFilter))
    list_select_related = ("line__brand",)
    search_fields = ("line_ref", "line__msisdn", "ours", "theirs")
    date_hierarchy = "found_at"

    found = utc_column(NetworkDifference, "found_at")
    gone = utc_column(NetworkDifference, "closed_at")
    shown_state = state_column(DIFFERENCE_TONES)


@admin.register(NetworkEvent)
class NetworkEventAdmin(ReadOnlyAdmin):
    """What the network told by itself; one about no order of ours is kept as well."""

    list_display = ("received", "event_id", "said", "order_id", "service_order")
    list_select_related = ("service_order",)
    search_fields = ("event_id", "order_id", "service_order__line__msisdn")
    date_hierarchy = "received_at"

    received = utc_column(NetworkEvent, "received_at")


@admin.register(NetworkReconciliation)
class NetworkReconciliationAdmin(ReadOnlyAdmin):
    """One comparison with the network; an incomplete one is made good by the next."""

    list_display = (
        "started",
        "since",
        "is_complete",
        "line_count",
        "found_count",
        "closed_count",
        "error",
    )
    date_hierarchy = "started_at"

    started = utc_column(NetworkReconciliation, "started_at")
    since = utc_column(NetworkReconciliation, "changed_since")


@admin.register(SimulatorFault)
class SimulatorFaultAdmin(ConsoleAdmin):
    """What the simulated network does wrong; tests and the demo only."""

    list_display = ("line_ref", "kind", "remaining", "seconds")
