"""Brands, plans and lines in the console. What has been sold can be read only."""

from plans.admin.brands import BrandAdmin
from plans.admin.catalogue import PlanAdmin, PlanVersionAdmin
from plans.admin.history import LineHistoryAdmin, LineNoticeAdmin, NumberAssignmentAdmin
from plans.admin.lines import LineAdmin
from plans.admin.network import (
    NetworkDifferenceAdmin,
    NetworkEventAdmin,
    NetworkReconciliationAdmin,
    ServiceOrderAdmin,
    SimulatorFaultAdmin,
)
from plans.admin.periods import ClaimAdmin, PeriodAdmin, ReminderAdmin

__all__ = [
    "BrandAdmin",
    "ClaimAdmin",
    "LineAdmin",
    "LineHistoryAdmin",
    "LineNoticeAdmin",
    "NetworkDifferenceAdmin",
    "NetworkEventAdmin",
    "NetworkReconciliationAdmin",
    "NumberAssignmentAdmin",
    "PeriodAdmin",
    "PlanAdmin",
    "PlanVersionAdmin",
    "ReminderAdmin",
    "ServiceOrderAdmin",
    "SimulatorFaultAdmin",
]
