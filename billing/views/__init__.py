"""The customer's pages: lines, renewing, orders. Each parses, calls one service and answers."""

from billing.views.export import orders_export
from billing.views.lines import line, line_reminders, lines, usage
from billing.views.links import (
    renewal_link,
    renewal_link_return,
    renewal_link_state,
    renewal_link_with_tail,
)
from billing.views.orders import (
    order,
    order_cancel,
    order_pay,
    order_return,
    order_state,
    orders,
)
from billing.views.renew import renew

__all__ = [
    "line",
    "line_reminders",
    "lines",
    "order",
    "order_cancel",
    "order_pay",
    "order_return",
    "order_state",
    "orders",
    "orders_export",
    "renew",
    "renewal_link",
    "renewal_link_return",
    "renewal_link_state",
    "renewal_link_with_tail",
    "usage",
]
