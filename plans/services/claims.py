"""A customer adds an existing line by a code that goes to the line by SMS (F68).

Whoever reads the line's messages may add it, but only while nobody has it: the code alone never
takes a line from an owner. What a claimant is told is the same for every number.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from accounts.models import User
from plans.claim_codes import new_sms_code, sms_code_hash
from plans.errors import ClaimRefused
from plans.models import Line, LineClaim
from plans.selectors.claims import DEAD_STATES, line_of_numbers
from plans.services.claim_asks import (
    CODE_LIFE,
    MOST_WRONG_CODES,
    count_wrong_code,
    read_ask,
    remember_ask,
)
from plans.services.claim_notices import queue_claim_code, queue_claim_tried
from plans.services.claim_outcomes import (
    close_claim,
    hand_over_line,
    note_refused_claim,
    refuse_overtaken,
)


def request_line_code(*, claimant: User, numbers: set[str], now: datetime) -> None:
    """Send a code to the one living line without owner among the numbers, if there is one.

    Says nothing about whether there is. An earlier code of the claimant for the line ends. The
    owner of a line that has one is told instead, at most once a day.
    Raises ClaimRefused: "no_channel" for a claimant who has proved neither number nor address,
    "own" (with the line) when it is the claimant's already.
    """
    require_proved_claimant(claimant)
    found = line_of_numbers(numbers)
    if found is not None and found.customer_id == claimant.pk:
        raise ClaimRefused("own", line=found)
    remember_ask(claimant=claimant, numbers=numbers, now=now)
    if found is not None:
        with transaction.atomic():
            line = Line.objects.lock(found.pk)
            _answer_request(line, claimant=claimant, now=now)


def confirm_line_code(*, claimant: User, numbers: set[str], code: str, now: datetime) -> Line:
    """Give the line to the claimant who knows the code that was sent to it, and return it.

    Raises ClaimRefused: "wrong_code", also where no code was ever sent; "too_many" after the
    fifth wrong one; "expired"; "overtaken" (with the line) when somebody else was faster.
    """
    ask = read_ask(claimant=claimant, numbers=numbers)
    if ask is None or ask.is_over(now):
        _expire_claims(claimant, numbers, now)
        raise ClaimRefused("expired")
    if not ask.tries_left:
        raise ClaimRefused("too_many")
    claim = _open_claims(claimant, numbers).first()
    outcome = _enter_code(claim.pk, claim.line_id, code, now) if claim else None
    if outcome is None:
        count_wrong_code(claimant=claimant, numbers=numbers, ask=ask)
        raise ClaimRefused("wrong_code" if ask.tries_left > 1 else "too_many")
    if outcome.state == LineClaim.State.REFUSED:
        raise ClaimRefused(outcome.reason, line=outcome.line)
    return outcome.line


def require_proved_claimant(claimant: User) -> None:
    """Only who can be reached may add a line; raises ClaimRefused "no_channel"."""
    if not claimant.has_verified_channel:
        raise ClaimRefused("no_channel")


def _answer_request(line: Line, *, claimant: User, now: datetime) -> None:
    """The line is locked: send it a code, or keep the try as evidence and tell the owner."""
    reason = "blocked" if line.is_blocked else "owned" if line.customer_id else ""
    if reason:
        method = LineClaim.Method.SMS
        note_refused_claim(line=line, claimant=claimant, method=method, reason=reason, now=now)
        queue_claim_tried(line, now=now)
        return
    for earlier in LineClaim.objects.filter(
        line=line, claimant=claimant, state=LineClaim.State.OPEN
    ):
        close_claim(earlier, LineClaim.State.EXPIRED, now=now, reason="replaced")
    code = new_sms_code()
    claim = LineClaim.objects.create(
        line=line,
        claimant=claimant,
        method=LineClaim.Method.SMS,
        code_hash=sms_code_hash(code, line_id=line.pk, claimant_id=claimant.pk),
        created_at=now,
        expires_at=now + CODE_LIFE,
    )
    queue_claim_code(claim, code)


def _enter_code(claim_id: int, line_id: int, code: str, now: datetime) -> LineClaim | None:
    """The claim as the code left it, or None for a code that is not right (any more)."""
    with transaction.atomic():
        line = Line.objects.lock(line_id)
        claim = LineClaim.objects.select_related("claimant").get(pk=claim_id)
        claim.line = line
        if claim.state != LineClaim.State.OPEN or not _is_right(claim, code, now):
            return None
        if line.customer_id is not None and line.customer_id != claim.claimant_id:
            refuse_overtaken(claim, now=now)
        else:
            hand_over_line(claim, now=now)
        return claim


def _is_right(claim: LineClaim, code: str, now: datetime) -> bool:
    """Whether the code opens this claim; what ends the claim instead is written."""
    if claim.expires_at <= now:
        close_claim(claim, LineClaim.State.EXPIRED, now=now, reason="expired")
        return False
    if claim.line.state in DEAD_STATES or claim.line.is_blocked:
        close_claim(claim, LineClaim.State.REFUSED, now=now, reason="not_living")
        return False
    given = sms_code_hash(code, line_id=claim.line_id, claimant_id=claim.claimant_id)
    if constant_time_compare(given, claim.code_hash):
        return True
    claim.wrong_codes += 1
    if claim.wrong_codes >= MOST_WRONG_CODES:
        close_claim(claim, LineClaim.State.REFUSED, now=now, reason="wrong_code")
    else:
        claim.save(update_fields=["wrong_codes"])
    return False


def _open_claims(claimant: User, numbers: set[str]) -> QuerySet[LineClaim]:
    return LineClaim.objects.filter(
        claimant=claimant,
        line__msisdn__in=numbers,
        method=LineClaim.Method.SMS,
        state=LineClaim.State.OPEN,
    ).order_by("-pk")


def _expire_claims(claimant: User, numbers: set[str], now: datetime) -> None:
    """Close what is read after its time; there is no job for it."""
    late = _open_claims(claimant, numbers).filter(expires_at__lte=now)
    for line_id in set(late.values_list("line_id", flat=True)):
        with transaction.atomic():
            Line.objects.lock(line_id)
            for claim in late.filter(line=line_id):
                close_claim(claim, LineClaim.State.EXPIRED, now=now, reason="expired")
