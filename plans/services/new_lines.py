"""What is noted of lines that have just come to be: that they exist, and whose the number is."""

from collections.abc import Sequence
from datetime import datetime

from plans.models import Line, LineHistory
from plans.services.numbers import assign_numbers


def note_new_lines(*, lines: Sequence[Line], by: str, reason: str, now: datetime) -> None:
    """Write the first history row of each line and its hold on its number.

    Part of the caller's transaction, in which the lines were written. `by` names who added them.
    """
    LineHistory.objects.bulk_create(
        LineHistory(
            line=line, to_state=line.state, at=now, by=by[:80], reason=reason, created_at=now
        )
        for line in lines
    )
    assign_numbers(lines=lines, now=now)
