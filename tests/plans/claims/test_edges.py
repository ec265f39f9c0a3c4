"""Claims at their edges: what nobody types, what is left behind, and limits as a weapon."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from messaging.models import Message
from plans.models import Line, LineClaim, Reminder
from plans.services.blocking import block_line, unblock_line
from plans.services.claim_cards import issue_claim_code
from plans.services.reminders import send_reminders
from tests.factories import PeriodFactory, UserFactory
from tests.plans.claims.conftest import ADD, ICCID, NOW, browser_of

pytestmark = pytest.mark.django_db

GOOD_SHAPE = "2345678923"


def test_a_plan_that_no_database_can_hold_does_not_stop_the_line(
    claiming: Client, line: Line
) -> None:
    code = issue_claim_code(line=line, by="operator", now=NOW)
    assert claiming.get(ADD, {"plan": "\x00"}).status_code == 200

    answer = claiming.post(ADD, {"way": "card", "iccid": ICCID, "code": code})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lines/{line.public_id}/")


def test_reminders_that_wait_are_not_sent_to_a_former_owner(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    owner = UserFactory.create(email="wang@example.com")
    Line.objects.update(customer=owner)
    line.refresh_from_db()
    PeriodFactory.create(
        line=line, end_at=NOW + timedelta(days=3), start_at=NOW - timedelta(days=27)
    )
    send_reminders(now=NOW)
    waiting = Message.objects.filter(template="period_ending", state=Message.State.QUEUED)
    assert waiting.exists()
    code = issue_claim_code(line=line, by="operator", now=NOW)

    assert claiming.post(ADD, {"way": "card", "iccid": ICCID, "code": code}).status_code == 303

    assert not waiting.exists()
    told = Reminder.objects.exclude(state=Reminder.State.SKIPPED)
    assert [reminder.state for reminder in told] == [Reminder.State.WITHDRAWN]


def test_strangers_cannot_use_up_the_tries_of_a_card(
    line: Line, clock: time_machine.Traveller
) -> None:
    code = issue_claim_code(line=line, by="operator", now=NOW)
    stranger = browser_of(UserFactory.create())
    for _try in range(5):
        stranger.post(ADD, {"way": "card", "iccid": ICCID, "code": GOOD_SHAPE})

    answer = browser_of(UserFactory.create()).post(
        ADD, {"way": "card", "iccid": ICCID, "code": code}
    )

    assert answer.status_code == 303


def test_a_code_issued_before_the_block_does_not_move_a_lost_card(
    claiming: Client, line: Line
) -> None:
    owner = UserFactory.create()
    Line.objects.update(customer=owner)
    code = issue_claim_code(line=line, by="operator", now=NOW)
    block_line(line_id=line.pk)

    assert claiming.post(ADD, {"way": "card", "iccid": ICCID, "code": code}).status_code == 200

    line.refresh_from_db()
    assert line.customer == owner
    assert LineClaim.objects.get().reason == "not_living"
    unblock_line(line_id=line.pk)
    assert claiming.post(ADD, {"way": "card", "iccid": ICCID, "code": code}).status_code == 303
