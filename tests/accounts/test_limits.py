"""Limits answer with our page and never lock out those who did nothing."""

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from messaging.models import Message
from tests.accounts.conftest import LogIn, is_logged_in
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SIGN_UP = {"phone": "+66812345678", "password1": PASSWORD}


def test_wrong_passwords_on_other_numbers_lock_out_nobody(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email=None, phone="+66812345678")
    for last in range(5):
        log_in(f"+6681234567{last}", "wrong")
    log_in("+66812345678")
    assert is_logged_in(client)


@pytest.mark.parametrize("login", ["wang@example.com", "+66812345678"])
def test_five_wrong_passwords_lock_that_account_for_five_minutes(
    client: Client, log_in: LogIn, en: dict[str, str], login: str
) -> None:
    UserFactory.create(email="wang@example.com", phone="+66812345678")
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        for _attempt in range(5):
            log_in(login, "wrong")
        page = log_in(login, **en)
        assert page.context["form"].non_field_errors() == [
            "Too many failed attempts. Please try again later, or reset your password."
        ]
        assert not is_logged_in(client)
        clock.shift(301)
        log_in(login)
        assert is_logged_in(client)


def test_all_writings_of_a_number_share_one_lock(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email=None, phone="+66812345678")
    for writing in ("0812345678", "081-234-5678", "+66812345678", "0066812345678", "081 2345678"):
        log_in(writing, "wrong")
    log_in("(081) 2345678")
    assert not is_logged_in(client)


def test_an_sms_limit_at_sign_up_is_our_page_and_leaves_no_account(
    client: Client, en: dict[str, str]
) -> None:
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        client.post("/accounts/signup/", SIGN_UP)
        clock.shift(10)
        answer = Client().post("/accounts/signup/", SIGN_UP, headers=en)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "20"
    assert "Please try again in 20 seconds." in answer.content.decode()
    assert "429.html" in [template.name for template in answer.templates]
    assert (User.objects.count(), Message.objects.count()) == (1, 1)


def test_an_sms_limit_at_log_in_is_our_page(client: Client, log_in: LogIn) -> None:
    UserFactory.create(
        email="wang@example.com",
        address__verified=False,
        phone="+66812345678",
        phone_verified_at=None,
    )
    assert log_in("wang@example.com")["Location"] == "/accounts/phone/verify/"
    client.cookies.clear()
    answer = log_in("wang@example.com")
    assert answer.status_code == 429
    assert Message.objects.count() == 1


def test_a_limit_of_a_whole_view_is_our_page(client: Client, zh: dict[str, str]) -> None:
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False):
        answers = [client.post("/accounts/signup/", {}, headers=zh) for _attempt in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1]["Retry-After"] == "60"


def test_a_reset_limit_counts_per_address(client: Client, en: dict[str, str]) -> None:
    UserFactory.create(email="wang@example.com")
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        for _attempt in range(5):
            client.post("/accounts/password/reset/", {"email": "wang@example.com"})
        clock.shift(15)
        answer = client.post("/accounts/password/reset/", {"email": "Wang@example.com"}, headers=en)
        other = client.post("/accounts/password/reset/", {"email": "li@example.com"})
    assert answer.status_code == 429
    assert "Please try again in 45 seconds." in answer.content.decode()
    assert other.status_code == 302


def test_a_full_day_is_said_in_hours(client: Client, en: dict[str, str]) -> None:
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        for _code in range(8):
            assert Client().post("/accounts/signup/", SIGN_UP).status_code == 302
            clock.shift(600)
        answer = client.post("/accounts/signup/", SIGN_UP, headers=en)
    assert answer.status_code == 429
    assert "Please try again in 23 hours." in answer.content.decode()


def test_an_address_made_up_in_a_header_does_not_evade_a_limit(client: Client) -> None:
    for number in range(21):
        answer = client.post(
            "/accounts/signup/", {}, headers={"X-Forwarded-For": f"203.0.113.{number}"}
        )
    assert answer.status_code == 429


def test_a_wait_between_a_minute_and_an_hour_is_said_in_minutes(
    client: Client, en: dict[str, str]
) -> None:
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False) as clock:
        for _code in range(8):
            Client().post("/accounts/signup/", SIGN_UP)
            clock.shift(60)
        # The first of the eight is a day old in 40 minutes.
        clock.move_to("2026-05-02T09:20:00Z")
        answer = client.post("/accounts/signup/", SIGN_UP, headers=en)
    assert "Please try again in 40 minutes." in answer.content.decode()


def test_asking_for_the_password_again_does_not_eat_the_limit_of_the_change(
    client: Client, log_in: LogIn
) -> None:
    UserFactory.create(phone="+66812345678")
    log_in("+66812345678")
    client.post("/accounts/phone/change/", {"phone": "+66812345679"})
    page = "/accounts/reauthenticate/?next=/accounts/phone/change/"
    assert client.post(page, {"password": PASSWORD})["Location"] == "/accounts/phone/verify/"


def test_a_limit_of_a_customer_is_our_page(client: Client, log_in: LogIn) -> None:
    UserFactory.create(phone="+66812345678")
    log_in("+66812345678")
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False):
        answers = [client.post("/accounts/phone/change/", {"phone": "1"}) for _attempt in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_a_visitor_gets_no_waiting_time_that_nobody_knows(client: Client) -> None:
    answer = client.post("/accounts/phone/change/", {"phone": "1"})
    assert answer.status_code == 302
    assert "Retry-After" not in answer.headers
