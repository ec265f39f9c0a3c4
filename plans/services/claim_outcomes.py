"""How a claim ends: its row is closed and forgets its code, and the line may get an owner.

All run inside the caller's transaction, which holds the lock on the line.
"""

from datetime import datetime

from accounts.models import User
from plans.models import Line, LineClaim, Reminder
from plans.services.claim_notices import (
    queue_claim_tried,
    queue_line_claimed,
    queue_line_moved,
    withdraw_claim_code,
)
from plans.services.reminders import withdraw_reminders


def close_claim(
    claim: LineClaim, state: LineClaim.State, *, now: datetime, reason: str = ""
) -> None:
    """End an open claim; its code is forgotten, and taken back if it still waits to be sent."""
    claim.state, claim.reason, claim.code_hash, claim.closed_at = state, reason, "", now
    claim.save(update_fields=["state", "reason", "code_hash", "closed_at", "wrong_codes"])
    withdraw_claim_code(claim)


def note_refused_claim(
    *, line: Line, claimant: User, method: LineClaim.Method, reason: str, now: datetime
) -> None:
    """Keep a try that was refused at once as evidence."""
    LineClaim.objects.create(
        line=line,
        claimant=claimant,
        method=method,
        state=LineClaim.State.REFUSED,
        reason=reason,
        created_at=now,
        expires_at=now,
        closed_at=now,
    )


def refuse_overtaken(claim: LineClaim, *, now: datetime) -> None:
    """The right code, but the line has got an owner meanwhile: it stays where it is."""
    close_claim(claim, LineClaim.State.REFUSED, now=now, reason="overtaken")
    queue_claim_tried(claim.line, now=now)


def hand_over_line(claim: LineClaim, *, now: datetime) -> None:
    """Give the line to the claimant, close the claim, and tell both sides.

    What the former owner had chosen ends with it: nothing renews by itself on somebody's money.
    """
    line = claim.line
    old_owner = line.customer if line.customer_id != claim.claimant_id else None
    line.customer = claim.claimant
    line.auto_renew = False
    line.remind_by_email = line.remind_by_sms = True
    line.save(update_fields=["customer", "auto_renew", "remind_by_email", "remind_by_sms"])
    moved_from = f"moved_from:{old_owner.pk}" if old_owner else ""
    close_claim(claim, LineClaim.State.CONFIRMED, now=now, reason=moved_from)
    queue_line_claimed(claim)
    if old_owner is not None:
        _take_back_reminders(line)
        queue_line_moved(claim, old_owner=old_owner)


def _take_back_reminders(line: Line) -> None:
    """What waits for the former owner is no longer theirs to read, and its link opens nothing."""
    waiting = Reminder.objects.filter(
        line=line, state__in=[Reminder.State.DUE, Reminder.State.QUEUED]
    ).select_related("period__version")
    for reminder in waiting:
        withdraw_reminders(line=line, period=reminder.period)
