"""Money in the console: found by any spelling of a number, read, never edited."""

from billing.admin.customers import CustomerAdmin
from billing.admin.ledger import LedgerAccountAdmin, LedgerEntryAdmin
from billing.admin.lines import LineStoryAdmin
from billing.admin.orders import OrderAdmin, RenewalAdmin
from billing.admin.payments import PaymentAdmin, RefundAdmin, StripeEventAdmin

__all__ = [
    "CustomerAdmin",
    "LedgerAccountAdmin",
    "LedgerEntryAdmin",
    "LineStoryAdmin",
    "OrderAdmin",
    "PaymentAdmin",
    "RefundAdmin",
    "RenewalAdmin",
    "StripeEventAdmin",
]
