"""Two customers enter the right code at the same moment: one gets the line, the other is told."""

import copy
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connections

from accounts.models import User
from plans.errors import ClaimRefused
from plans.models import ClaimCode, LineClaim
from plans.models.lines import LineQuerySet
from plans.services.claim_cards import claim_by_card, issue_claim_code
from plans.services.claims import confirm_line_code, request_line_code
from tests.factories import LineFactory, UserFactory
from tests.plans.claims.conftest import ICCID, NUMBER, sent_code, told

pytestmark = pytest.mark.django_db(transaction=True)

CLAIMANTS = 8
Act = Callable[[], object]


def all_at_once(acts: list[Act]) -> Counter[str]:
    """Let all act at the same moment; how each ended: "added" or the reason of the refusal."""
    start = threading.Barrier(len(acts))

    def work(act: Act) -> str:
        try:
            start.wait()
            act()
        except ClaimRefused as refused:
            return refused.reason
        else:
            return "added"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return Counter(crowd.map(work, acts))


def claimants_with_codes(now: datetime) -> list[tuple[User, str]]:
    """Customers who all hold a right code for the one line."""
    made = []
    for _number in range(CLAIMANTS):
        claimant = UserFactory.create()
        request_line_code(claimant=claimant, numbers={NUMBER}, now=now)
        made.append((claimant, sent_code()))
    return made


def confirm(claimant: User, code: str, now: datetime) -> Act:
    """What a claimant does with a code, to be done later."""
    return partial(confirm_line_code, claimant=claimant, numbers={NUMBER}, code=code, now=now)


def test_the_first_of_many_right_codes_gets_the_line_and_the_others_are_told() -> None:
    now = datetime.now(UTC)
    line = LineFactory.create(customer=None, msisdn=NUMBER)
    holders = claimants_with_codes(now)

    ended = all_at_once([confirm(claimant, code, now) for claimant, code in holders])

    assert ended == {"added": 1, "overtaken": CLAIMANTS - 1}
    line.refresh_from_db()
    winner = LineClaim.objects.get(state="confirmed")
    assert winner.claimant == line.customer
    assert LineClaim.objects.filter(state="refused", reason="overtaken").count() == CLAIMANTS - 1
    # Once for the day, not once for each who came too late.
    assert len(told("line_claim_tried")) == 2
    assert len(told("line_claimed")) == 2


def test_without_the_line_s_own_row_every_right_code_would_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: what was read before the lock still shows a line without owner."""
    now = datetime.now(UTC)
    line = LineFactory.create(customer=None, msisdn=NUMBER)
    holders = claimants_with_codes(now)
    monkeypatch.setattr(LineQuerySet, "lock", lambda *_args: copy.copy(line))

    for claimant, code in holders:
        confirm(claimant, code, now)()

    assert LineClaim.objects.filter(state="confirmed").count() == CLAIMANTS


def test_one_code_entered_many_times_at_once_adds_the_line_once() -> None:
    now = datetime.now(UTC)
    LineFactory.create(customer=None, msisdn=NUMBER)
    claimant = UserFactory.create()
    request_line_code(claimant=claimant, numbers={NUMBER}, now=now)
    code = sent_code()

    ended = all_at_once([confirm(claimant, code, now) for _number in range(CLAIMANTS)])

    assert ended["added"] == 1
    assert LineClaim.objects.get().state == "confirmed"
    assert len(told("line_claimed")) == 2


def test_one_operators_code_used_by_many_at_once_is_good_for_one() -> None:
    now = datetime.now(UTC)
    line = LineFactory.create(customer=None, msisdn=NUMBER, iccid=ICCID)
    code = issue_claim_code(line=line, by="operator", now=now)
    acts: list[Act] = [
        partial(claim_by_card, claimant=UserFactory.create(), iccid=ICCID, code=code, now=now)
        for _number in range(CLAIMANTS)
    ]

    ended = all_at_once(acts)

    assert ended == {"added": 1, "mismatch": CLAIMANTS - 1}
    assert ClaimCode.objects.get().used_at == now
    assert LineClaim.objects.filter(state="confirmed").count() == 1
