"""Brands, what they sell, the lines of customers, and what was bought for them."""

from plans.models.brands import Brand
from plans.models.catalogue import Allowance, Plan, PlanVersion, Price
from plans.models.lines import Bucket, Line, Period
from plans.models.network import ServiceOrder, SimulatedOrder, SimulatorFault

__all__ = [
    "Allowance",
    "Brand",
    "Bucket",
    "Line",
    "Period",
    "Plan",
    "PlanVersion",
    "Price",
    "ServiceOrder",
    "SimulatedOrder",
    "SimulatorFault",
]
