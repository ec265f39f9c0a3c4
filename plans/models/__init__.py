"""Brands, what they sell, the lines of customers, and what was bought for them."""

from plans.models.brands import Brand
from plans.models.catalogue import Allowance, Plan, PlanVersion, Price
from plans.models.claims import ClaimCode, LineClaim
from plans.models.lines import Bucket, Line, Period
from plans.models.network import ServiceOrder, SimulatedOrder, SimulatorFault
from plans.models.reminders import Reminder
from plans.models.usage import UsageDay

__all__ = [
    "Allowance",
    "Brand",
    "Bucket",
    "ClaimCode",
    "Line",
    "LineClaim",
    "Period",
    "Plan",
    "PlanVersion",
    "Price",
    "Reminder",
    "ServiceOrder",
    "SimulatedOrder",
    "SimulatorFault",
    "UsageDay",
]
