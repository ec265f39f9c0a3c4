"""What the rules of plans/ raise; each carries what the customer may be told."""

from plans.models import Line
from plans.renewability import Refusal


class LineCannotTake(Exception):
    """The line may not have the period; nothing was written. `refusal` says why and what next."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class PeriodLimitReached(LineCannotTake):
    """Too many periods wait already, or the new one would start too far ahead."""


class ClaimRefused(Exception):
    """A line was not added to an account. `reason` is a stable code; `line` is set only where the
    claimant may know which one is meant."""

    def __init__(self, reason: str, *, line: Line | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
