"""Brands, what they sell, the lines of customers, and what was bought for them."""

from plans.models.brands import Brand
from plans.models.catalogue import Allowance, Plan, PlanVersion, Price
from plans.models.claims import ClaimCode, LineClaim
from plans.models.history import LineHistory, LineNotice, NumberAssignment
from plans.models.lines import Bucket, Line, Period
from plans.models.network import (
    NetworkDifference,
    NetworkEvent,
    NetworkReconciliation,
    ServiceOrder,
    SimulatedOrder,
    SimulatorFault,
)
from plans.models.reminders import Reminder
from plans.models.usage import HeldUsage, UsageCharge, UsageDay, UsageFile, UsageRecord

__all__ = [
    "Allowance",
    "Brand",
    "Bucket",
    "ClaimCode",
    "HeldUsage",
    "Line",
    "LineClaim",
    "LineHistory",
    "LineNotice",
    "NetworkDifference",
    "NetworkEvent",
    "NetworkReconciliation",
    "NumberAssignment",
    "Period",
    "Plan",
    "PlanVersion",
    "Price",
    "Reminder",
    "ServiceOrder",
    "SimulatedOrder",
    "SimulatorFault",
    "UsageCharge",
    "UsageDay",
    "UsageFile",
    "UsageRecord",
]
