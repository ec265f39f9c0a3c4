"""What can go wrong when money moves; `message` is safe to show to the customer."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from billing.models import Order


class CheckoutRefused(Exception):
    """The purchase may not begin or go on; nothing was written and nothing was charged."""

    def __init__(self, message: str | Promise, *, next_step: str | Promise = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.next_step = next_step


class ProviderUnavailable(Exception):
    """Stripe could not be reached or did not answer: the outcome is unknown, try again.

    `order` is set when it exists already and can be paid later.
    """

    def __init__(self, reason: str, *, order: "Order | None" = None) -> None:
        super().__init__(reason)
        self.order = order


class ProviderRefused(Exception):
    """Stripe understood the call and refused it for good; `code` is Stripe's own."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


class LiveModeRefused(Exception):
    """A live key or a live object appeared; this is a test-mode product and has no switch."""


class ForgedEvent(Exception):
    """The webhook's body cannot be trusted or understood; nothing may be stored."""


class IllegalMove(Exception):
    """An order was asked to go from one state to another that DESIGN.md §4 does not allow."""
