"""Brands, plans and lines in the console. What has been sold can be read only."""

from plans.admin.brands import BrandAdmin
from plans.admin.catalogue import PlanAdmin, PlanVersionAdmin
from plans.admin.lines import LineAdmin
from plans.admin.network import ServiceOrderAdmin, SimulatorFaultAdmin
from plans.admin.periods import ClaimAdmin, PeriodAdmin, ReminderAdmin

__all__ = [
    "BrandAdmin",
    "ClaimAdmin",
    "LineAdmin",
    "PeriodAdmin",
    "PlanAdmin",
    "PlanVersionAdmin",
    "ReminderAdmin",
    "ServiceOrderAdmin",
    "SimulatorFaultAdmin",
]
