"""One run of the clock of lines: move what is over, note what is coming, tell the owners."""

from dataclasses import dataclass
from datetime import datetime

from plans.models import LineNotice
from plans.services.lifecycle import advance_lines, note_coming_losses
from plans.services.line_notices import queue_line_notices


@dataclass(frozen=True, slots=True)
class LifecycleRun:
    """How many lines came into each state, and how many notices were queued or skipped."""

    moved: dict[str, int]
    queued: int
    skipped: int

    @property
    def total(self) -> int:
        """Moves of all kinds."""
        return sum(self.moved.values())


def run_lifecycle(*, now: datetime) -> LifecycleRun:
    """Bring every line to the state of its dates and its owner up to date; repeating does nothing."""
    moved = advance_lines(now=now)
    note_coming_losses(now=now)
    told = queue_line_notices(now=now)
    return LifecycleRun(dict(moved), told[LineNotice.State.QUEUED], told[LineNotice.State.SKIPPED])
