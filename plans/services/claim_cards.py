"""A customer adds a line by its card number and the operator's code (F68).

The operator gives the code only to a person who was checked, so it moves even a line that has an
owner; it is good for one use.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from plans.claim_codes import new_operator_code, operator_code_hash
from plans.errors import ClaimRefused
from plans.models import ClaimCode, Line, LineClaim
from plans.selectors.claims import DEAD_STATES, line_of_card
from plans.services.claim_outcomes import hand_over_line, note_refused_claim
from plans.services.claims import require_proved_claimant

# How long a printed code waits for its customer.
CARD_CODE_LIFE = timedelta(days=90)


def issue_claim_code(*, line: Line, by: str, now: datetime) -> str:
    """Return a new code for the line, in the clear this once; one that was not used yet dies.

    `by` names who asked for it. Raises ClaimRefused "not_living" for a line that has ended.
    """
    code = new_operator_code()
    with transaction.atomic():
        locked = Line.objects.lock(line.pk)
        if locked.state in DEAD_STATES:
            raise ClaimRefused("not_living")
        ClaimCode.objects.update_or_create(
            line=locked,
            used_at=None,
            defaults={
                "code_hash": operator_code_hash(code, line_id=locked.pk),
                "by": by[:80],
                "created_at": now,
                "expires_at": now + CARD_CODE_LIFE,
            },
        )
    return code


def claim_by_card(*, claimant: User, iccid: str, code: str, now: datetime) -> Line:
    """Give the line with this card to the claimant who has the operator's code, and return it.

    A former owner is told at once. Raises ClaimRefused: "no_channel"; "own" (with the line) when it
    is the claimant's already, the code staying good; "mismatch" for everything else, alike.
    """
    require_proved_claimant(claimant)
    found = line_of_card(iccid)
    if found is None:
        # As much work as with a line.
        operator_code_hash(code, line_id=0)
        raise ClaimRefused("mismatch")
    if found.customer_id == claimant.pk:
        raise ClaimRefused("own", line=found)
    with transaction.atomic():
        line = Line.objects.lock(found.pk)
        reason = _why_not(line, code, now)
        if reason:
            method = LineClaim.Method.OPERATOR_CODE
            note_refused_claim(line=line, claimant=claimant, method=method, reason=reason, now=now)
        else:
            _use_code(line, claimant=claimant, now=now)
    if reason:
        raise ClaimRefused("mismatch")
    return line


def _why_not(line: Line, code: str, now: datetime) -> str:
    """Why the code does not open the line, or "" when it does; the line is locked."""
    given = operator_code_hash(code, line_id=line.pk)
    issued = ClaimCode.objects.filter(line=line, used_at=None).first()
    if issued is None or not constant_time_compare(given, issued.code_hash):
        return "wrong_code"
    # A card may be lost together with the letter that has its code.
    if line.is_blocked or line.state in DEAD_STATES:
        return "not_living"
    return "expired" if issued.expires_at <= now else ""


def _use_code(line: Line, *, claimant: User, now: datetime) -> None:
    ClaimCode.objects.filter(line=line, used_at=None).update(used_at=now)
    claim = LineClaim.objects.create(
        line=line,
        claimant=claimant,
        method=LineClaim.Method.OPERATOR_CODE,
        created_at=now,
        expires_at=now,
    )
    hand_over_line(claim, now=now)
