"""The customer's pages: lines, renewing, orders. Each parses, calls one service and answers."""

from billing.views.lines import line, lines
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
    "lines",
    "order",
    "order_cancel",
    "order_pay",
    "order_return",
    "order_state",
    "orders",
    "renew",
]
