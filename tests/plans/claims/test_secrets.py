"""Nobody learns from these pages whose number is whose, and nobody takes a line from its owner."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from messaging.formats import msisdn
from messaging.models import Message
from plans.models import Line, LineClaim
from tests.factories import LineFactory, UserFactory
from tests.plans.claims.conftest import ADD, CODE, NUMBER, browser_of, sent_code, told, wrong

pytestmark = pytest.mark.django_db

UNKNOWN, OWNED, BLOCKED, ENDED = "+66812345001", "+66812345002", "+66812345003", "+66812345004"
# What differs each time: the token, and the guess that the page repeats.
VALUES = re.compile(r'value="(\w{64}|[0-9]{6})"')


@pytest.fixture
def owner() -> User:
    """Somebody who has a line already, and a number of their own that is proved."""
    return UserFactory.create(email="wang@example.com", phone="+66899990000", language="zh-hans")


@pytest.fixture
def numbers(line: Line, owner: User) -> list[str]:
    """One number of each kind; only the first gets a code."""
    LineFactory.create(msisdn=OWNED, customer=owner, brand=line.brand)
    LineFactory.create(msisdn=BLOCKED, customer=None, brand=line.brand, is_blocked=True)
    LineFactory.create(msisdn=ENDED, customer=owner, brand=line.brand, state="terminated")
    return [NUMBER, UNKNOWN, OWNED, BLOCKED, ENDED]


def plain(answer: Any, number: str) -> tuple[int, str, str]:
    """Status, target and text of a test's response, without what differs each time."""
    text = VALUES.sub("", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), text.replace(msisdn(number), "…")


def guess(number: str) -> str:
    """A code that is not the one sent to this number, if one was sent."""
    sent = Message.objects.filter(template="line_claim_code", address=number, state="queued")
    return wrong(sent_code(number)) if sent.exists() else "000000"


def story(client: Client, number: str, clock: time_machine.Traveller) -> list[tuple[int, str, str]]:
    """Everything a curious customer sees who asks for a number and guesses codes."""
    answers = [client.post(ADD, {"way": "sms", "number": number}), client.get(CODE)]
    answers += [client.post(CODE, {"code": guess(number)}) for _try in range(3)]
    clock.shift(30)
    answers += [client.post(CODE, {"action": "resend"}), client.get(CODE)]
    answers += [client.post(CODE, {"code": guess(number)}) for _try in range(6)]
    clock.shift(timedelta(minutes=10))
    answers += [client.get(CODE), client.post(CODE, {"code": guess(number)})]
    return [plain(answer, number) for answer in answers]


def test_every_number_gets_the_same_pages_from_the_first_to_the_last(
    claiming: Client, numbers: list[str], clock: time_machine.Traveller
) -> None:
    stories = {}
    for number in numbers:
        stories[number] = story(claiming, number, clock)
        clock.shift(timedelta(days=1, minutes=1))
    for number in numbers[1:]:
        assert stories[number] == stories[NUMBER], number
    assert [status for status, _target, _text in stories[NUMBER]].count(303) == 2
    assert Message.objects.filter(template="line_claim_code").count() == 2


def test_two_browsers_of_one_customer_see_the_same_tries(
    claiming: Client, claimant: User, numbers: list[str]
) -> None:
    second = browser_of(claimant)
    for number in (NUMBER, UNKNOWN):
        claiming.post(ADD, {"way": "sms", "number": number})
        session = second.session
        session["line_claim_number"] = number
        session.save()
        claiming.post(CODE, {"code": "000000" if number == UNKNOWN else wrong(sent_code())})
        assert "4 tries left." in second.get(CODE).content.decode()


def test_a_thief_who_only_knows_the_number_gets_nowhere(
    claiming: Client, numbers: list[str], owner: User
) -> None:
    for number in (NUMBER, OWNED):
        claiming.post(ADD, {"way": "sms", "number": number})
        for _try in range(4):
            assert claiming.post(CODE, {"code": guess(number)}).status_code == 200
    assert Line.objects.get(msisdn=NUMBER).customer is None
    assert Line.objects.get(msisdn=OWNED).customer == owner


def test_the_owner_is_told_by_mail_and_sms_and_gets_no_code(
    claiming: Client, numbers: list[str]
) -> None:
    claiming.post(ADD, {"way": "sms", "number": OWNED})
    assert told("line_claim_code", "line_claim_tried") == [
        ("line_claim_tried", "email", "wang@example.com"),
        ("line_claim_tried", "sms", "+66899990000"),
    ]
    claim = LineClaim.objects.get()
    assert (claim.state, claim.reason, claim.code_hash) == ("refused", "owned", "")
    assert set(Message.objects.values_list("language", flat=True)) == {"zh-hans"}


def test_the_owner_is_told_once_a_day_however_often_it_is_tried(
    claiming: Client, numbers: list[str], clock: time_machine.Traveller
) -> None:
    for _try in range(3):
        claiming.post(ADD, {"way": "sms", "number": OWNED})
        clock.shift(60)
    assert (Message.objects.count(), LineClaim.objects.count()) == (2, 3)
    clock.shift(timedelta(days=1))
    claiming.post(ADD, {"way": "sms", "number": OWNED})
    assert Message.objects.count() == 4


def test_an_owner_without_proved_address_or_number_is_told_at_the_line(
    claiming: Client, line: Line
) -> None:
    owner = UserFactory.create(
        address__verified=False, phone="+66899990001", phone_verified_at=None
    )
    Line.objects.update(customer=owner)
    claiming.post(ADD, {"way": "sms", "number": NUMBER})
    assert told("line_claim_tried") == [("line_claim_tried", "sms", NUMBER)]


def test_who_owns_the_line_already_is_told_so_and_led_to_it(
    claiming: Client, claimant: User, line: Line
) -> None:
    Line.objects.update(customer=claimant)
    answer = claiming.post(ADD, {"way": "sms", "number": NUMBER})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lines/{line.public_id}/")
    text = claiming.get(answer.headers["Location"]).content.decode()
    assert "+66 81 234 5678 is in your account already." in text
    assert Message.objects.count() == LineClaim.objects.count() == 0


def test_a_writing_that_means_several_lines_gets_no_code(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    # One national writing, valid in two countries.
    LineFactory.create(customer=None, msisdn="+442012345678")
    LineFactory.create(customer=None, msisdn="+862012345678")
    claiming.post(ADD, {"way": "sms", "number": "020 1234 5678"})
    assert Message.objects.count() == LineClaim.objects.count() == 0


def test_a_customer_without_proved_number_or_address_adds_nothing(
    line: Line, clock: time_machine.Traveller
) -> None:
    browser = browser_of(UserFactory.create(address__verified=False))
    for page in (
        browser.get(ADD),
        browser.post(ADD, {"way": "sms", "number": NUMBER}),
        browser.post(ADD, {"way": "card", "iccid": line.iccid, "code": "2345678923"}),
    ):
        text = page.content.decode()
        assert "First confirm how we can reach you" in text
        assert 'name="number"' not in text
    session = browser.session
    session["line_claim_number"] = NUMBER
    session.save()
    assert browser.post(CODE, {"action": "resend"}).headers["Location"] == ADD
    assert Message.objects.count() == LineClaim.objects.count() == 0


@pytest.mark.parametrize("path", [ADD, CODE])
def test_a_visitor_is_sent_to_the_log_in(client: Client, path: str) -> None:
    answer = client.post(path, {"way": "sms", "number": NUMBER})
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/accounts/login/?next={path}",
    )


def test_the_second_step_without_the_first_begins_at_the_first(claiming: Client) -> None:
    answer = claiming.get(CODE)
    assert (answer.status_code, answer.headers["Location"]) == (303, ADD)


@pytest.mark.parametrize("number", ["", "12", "x" * 300, "\x00", "+66 81 234 5678" * 5, "<b>1</b>"])
def test_what_is_no_number_is_said_beside_the_field(
    claiming: Client, line: Line, number: str
) -> None:
    answer = claiming.post(ADD, {"way": "sms", "number": number})
    assert answer.status_code == 200
    assert 'id="id_number_error"' in answer.content.decode()
    assert Message.objects.count() == 0


def test_pages_are_kept_nowhere(claiming: Client, line: Line) -> None:
    claiming.post(ADD, {"way": "sms", "number": NUMBER})
    for page in (ADD, CODE):
        assert "no-store" in claiming.get(page).headers["Cache-Control"]
