"""How often codes are sent and tried; over the limit nothing is sent and nothing counts."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from messaging.models import Message
from plans.models import Line, LineClaim
from plans.services.claim_cards import issue_claim_code
from tests.factories import UserFactory
from tests.plans.claims.conftest import (
    ADD,
    CODE,
    ICCID,
    NOW,
    NUMBER,
    browser_of,
    sent_code,
    wrong,
)

pytestmark = pytest.mark.django_db

OTHER_CARDS = ("8966010000000000028", "8944110000000000016", "8901260000000000014")
GOOD_SHAPE = "2345678923"


def ask(client: Client, number: str = NUMBER, **source: str) -> int:
    """Ask for a code; the status of the answer."""
    return client.post(ADD, {"way": "sms", "number": number}, **source).status_code  # type: ignore[arg-type] # REMOTE_ADDR


def by_card(client: Client, iccid: str = ICCID, code: str = GOOD_SHAPE, **source: str) -> int:
    """Try a card with a code; the status of the answer."""
    data = {"way": "card", "iccid": iccid, "code": code}
    return client.post(ADD, data, **source).status_code  # type: ignore[arg-type] # REMOTE_ADDR


def test_a_second_code_within_thirty_seconds_is_our_page_and_sends_nothing(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    assert ask(claiming) == 303
    clock.shift(10)
    answer = claiming.post(CODE, {"action": "resend"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "20")
    assert "Please try again in 20 seconds." in answer.content.decode()
    assert "429.html" in [template.name for template in answer.templates]
    assert Message.objects.count() == 1
    clock.shift(20)
    assert claiming.post(CODE, {"action": "resend"}).status_code == 303
    assert Message.objects.filter(state="queued").count() == 1


def test_a_number_gets_five_codes_a_day_whoever_asks_and_however_it_is_written(
    line: Line, clock: time_machine.Traveller
) -> None:
    writings = [NUMBER, "081 234 5678", "0066812345678", "+66-81-234-5678", "(081) 2345678"]
    for writing in writings:
        assert ask(browser_of(UserFactory.create()), writing) == 303
        clock.shift(60)
    answer = browser_of(UserFactory.create()).post(ADD, {"way": "sms", "number": NUMBER})
    assert answer.status_code == 429
    assert "Please try again in 24 hours." in answer.content.decode()
    assert Message.objects.filter(template="line_claim_code").count() == 5
    clock.shift(timedelta(days=1))
    assert ask(browser_of(UserFactory.create())) == 303


def test_an_early_click_does_not_eat_the_days_codes(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    for _code in range(5):
        assert ask(claiming) == 303
        for _click in range(3):
            assert ask(claiming) == 429
        clock.shift(30)
    assert Message.objects.count() == 5


def test_a_customer_asks_for_ten_codes_a_day(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    for last in range(10):
        assert ask(claiming, f"+6681234500{last}") == 303
    assert ask(claiming) == 429
    assert Message.objects.count() == LineClaim.objects.count() == 0
    clock.shift(timedelta(days=1))
    assert ask(claiming) == 303


def test_one_source_asks_for_twenty_codes_an_hour(
    line: Line, clock: time_machine.Traveller
) -> None:
    for last in range(20):
        asker = browser_of(UserFactory.create())
        assert ask(asker, f"+668123450{last:02}", REMOTE_ADDR="203.0.113.7") == 303
    asker = browser_of(UserFactory.create())
    answer = asker.post(ADD, {"way": "sms", "number": NUMBER}, REMOTE_ADDR="203.0.113.7")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert Message.objects.count() == 0
    assert ask(asker, REMOTE_ADDR="203.0.113.8") == 303
    clock.shift(timedelta(hours=1))
    assert ask(browser_of(UserFactory.create()), "+66812345099", REMOTE_ADDR="203.0.113.7") == 303


def test_ten_tries_in_five_minutes_and_the_eleventh_costs_none(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    for _code in range(2):
        ask(claiming)
        for _try in range(5):
            assert claiming.post(CODE, {"code": wrong(sent_code())}).status_code == 200
        clock.shift(30)
    ask(claiming)
    answer = claiming.post(CODE, {"code": sent_code()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "240")
    assert LineClaim.objects.get(state="open").wrong_codes == 0
    assert "5 tries left." in claiming.get(CODE).content.decode()
    clock.shift(timedelta(minutes=4))
    assert claiming.post(CODE, {"code": sent_code()}).status_code == 303


def test_a_customer_tries_five_cards_an_hour(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    code = issue_claim_code(line=line, by="operator", now=NOW)
    for card in (*OTHER_CARDS, *OTHER_CARDS[:2]):
        assert by_card(claiming, card) == 200
    assert by_card(claiming, ICCID, code) == 429
    line.refresh_from_db()
    assert line.customer is None
    assert LineClaim.objects.count() == 0
    clock.shift(timedelta(hours=1))
    assert by_card(claiming, ICCID, code) == 303


def test_a_customer_tries_one_card_five_times_a_day_and_a_stranger_eats_none_of_them(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    code = issue_claim_code(line=line, by="operator", now=NOW)
    stranger = browser_of(UserFactory.create())
    for _try in range(5):
        assert by_card(stranger) == 200
    clock.shift(timedelta(hours=1))
    answer = stranger.post(ADD, {"way": "card", "iccid": ICCID, "code": code})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "82800")
    assert by_card(stranger, OTHER_CARDS[0]) == 200
    assert by_card(claiming, ICCID, code) == 303


def test_one_source_tries_twenty_cards_an_hour(line: Line, clock: time_machine.Traveller) -> None:
    for number in range(20):
        asker = browser_of(UserFactory.create())
        assert by_card(asker, card(number), REMOTE_ADDR="203.0.113.7") == 200
    asker = browser_of(UserFactory.create())
    assert by_card(asker, REMOTE_ADDR="203.0.113.7") == 429
    assert by_card(asker, REMOTE_ADDR="203.0.113.8") == 200


def card(number: int) -> str:
    """A card number that passes its check, another for each `number`."""
    body = f"896601{number:012}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{body}{-total % 10}"
