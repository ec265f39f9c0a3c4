"""Orders, payments, what came of them, and the ledger that proves it."""

from billing.models.ledger import LedgerAccount, LedgerEntry
from billing.models.orders import Order, OrderEvent, OrderLine
from billing.models.payments import Payment, Refund
from billing.models.renewals import Renewal
from billing.models.stripe_events import StripeEvent

__all__ = [
    "LedgerAccount",
    "LedgerEntry",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "Refund",
    "Renewal",
    "StripeEvent",
]
