"""What the rules of plans/ raise; each carries what the customer may be told."""

from plans.renewability import Refusal


class LineCannotTake(Exception):
    """The line may not have the period; nothing was written. `refusal` says why and what next."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class PeriodLimitReached(LineCannotTake):
    """Too many periods wait already, or the new one would start too far ahead."""
