"""An order's moves from state to state, and the story they leave."""

from datetime import datetime
from typing import Any

from billing.errors import IllegalMove
from billing.models import Order, OrderEvent

State = Order.State

# DESIGN.md §4; an operator may take an order out of review into any state.
MOVES: dict[str, frozenset[str]] = {
    State.AWAITING_PAYMENT: frozenset(
        {State.PAID, State.EXPIRED, State.CANCELLED, State.IN_REVIEW}
    ),
    State.EXPIRED: frozenset({State.PAID, State.REFUNDED, State.IN_REVIEW}),
    State.CANCELLED: frozenset({State.PAID, State.REFUNDED, State.IN_REVIEW}),
    State.PAID: frozenset({State.APPLIED, State.CREDITED, State.REFUNDED, State.IN_REVIEW}),
    State.APPLIED: frozenset({State.EFFECTIVE, State.REFUNDED}),
    State.EFFECTIVE: frozenset({State.REFUNDED}),
    State.CREDITED: frozenset({State.REFUNDED}),
    State.REFUNDED: frozenset(),
    State.IN_REVIEW: frozenset(State.values),
}


def move_order(order: Order, state: Order.State, **fields: Any) -> None:
    """Set `state` and the fields that belong to it on an order the caller has locked.

    Raises IllegalMove for a move that DESIGN.md §4 does not list: states only go forward, so a
    late "failed" or "expired" can never undo "paid".
    """
    if state not in MOVES[order.state]:
        raise IllegalMove(f"{order.number}: {order.state} → {state}")
    order.state = state
    for name, value in fields.items():
        setattr(order, name, value)
    order.save(update_fields=["state", *fields])


def record_event(
    order: Order,
    kind: OrderEvent.Kind,
    *,
    at: datetime,
    by: str = "system",
    **detail: Any,
) -> OrderEvent:
    """Write one step of the story, in the step's own transaction."""
    return OrderEvent.objects.create(order=order, kind=kind, at=at, by=by, detail=detail)
