"""Notes how one line came to its state; the clock notes its own changes by the thousand."""

from datetime import datetime

from plans.models import Line, LineHistory


def note_line_change(
    *, line: Line, from_state: str, at: datetime, by: str, reason: str, now: datetime
) -> LineHistory | None:
    """Write that the line went from `from_state` to the state it has, in the caller's transaction.

    `from_state` is "" for a line that came to be. None where the state is the same.
    """
    if from_state == line.state:
        return None
    return LineHistory.objects.create(
        line=line,
        from_state=from_state,
        to_state=line.state,
        at=at,
        by=by[:80],
        reason=reason,
        created_at=now,
    )
