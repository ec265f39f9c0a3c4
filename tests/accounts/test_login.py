"""One box for number or e-mail, and what a wrong guess may learn: nothing."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from messaging.models import Message
from tests.accounts.conftest import LogIn, is_logged_in
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
WRONG = "The phone number, the e-mail address or the password is not right."


@pytest.mark.parametrize(
    "writing",
    [
        "+66812345678",
        "081-234-5678",
        "081 234 5678",
        "0066812345678",
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "(+66) 81-234-5678",
    ],
)
def test_every_writing_of_the_number_logs_in(client: Client, log_in: LogIn, writing: str) -> None:
    user = UserFactory.create(email=None, phone="+66812345678")
    response = log_in(writing)
    assert (response.status_code, response["Location"]) == (302, "/lines/")
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "writing", ["wang@example.com", "  Wang@Example.COM ", "ｗang@example.com"]
)
def test_every_writing_of_the_address_logs_in(client: Client, log_in: LogIn, writing: str) -> None:
    UserFactory.create(email="wang@example.com")
    assert log_in(writing).status_code == 302
    assert is_logged_in(client)


def test_log_in_returns_to_the_page_that_asked(client: Client) -> None:
    UserFactory.create(email="wang@example.com")
    form = {"login": "wang@example.com", "password": PASSWORD, "next": "/lines/7/renew/"}
    assert client.post("/accounts/login/", form)["Location"] == "/lines/7/renew/"


def test_log_in_returns_to_no_other_site(client: Client) -> None:
    UserFactory.create(email="wang@example.com")
    form = {"login": "wang@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", form)["Location"] == "/lines/"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("wang@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("081-234-5678", "wrong"),
        ("081-234-5679", PASSWORD),
        ("+999", PASSWORD),
        ("wang", PASSWORD),
        ("@", PASSWORD),
    ],
)
def test_a_wrong_guess_never_learns_what_was_wrong(
    client: Client, log_in: LogIn, en: dict[str, str], login: str, password: str
) -> None:
    UserFactory.create(email="wang@example.com", phone="+66812345678")
    response = log_in(login, password, **en)
    assert response.context["form"].non_field_errors() == [WRONG]
    assert response.context["form"].errors.keys() == {"__all__"}
    assert not is_logged_in(client)
    assert not Message.objects.exists()


def test_a_mere_claim_to_a_number_does_not_log_in(client: Client, log_in: LogIn) -> None:
    UserFactory.create(phone="+66812345678", phone_verified_at=None)
    assert log_in("+66812345678").status_code == 200
    assert not is_logged_in(client)


def test_numbers_of_two_countries_ask_for_the_country(
    client: Client, log_in: LogIn, en: dict[str, str]
) -> None:
    british = UserFactory.create(email=None, phone="+442079460018")
    UserFactory.create(email=None, phone="+862079460018")
    response = log_in("020 7946 0018", **en)
    [error] = response.context["form"].errors["login"]
    assert error.startswith("This number can belong to more than one country.")
    assert not is_logged_in(client)
    log_in("+44 20 7946 0018")
    assert client.session["_auth_user_id"] == str(british.pk)


def test_an_inactive_customer_is_told_and_kept_out(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email="wang@example.com", is_active=False)
    assert log_in("wang@example.com")["Location"] == "/accounts/inactive/"
    assert not is_logged_in(client)


def test_staff_log_in_at_the_same_door(client: Client, log_in: LogIn) -> None:
    staff = UserFactory.create(email="operator@example.com", is_staff=True)
    answer = client.get("/admin/login/?next=/admin/")
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    log_in("operator@example.com")
    assert client.session["_auth_user_id"] == str(staff.pk)


def test_a_customer_is_no_staff(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.get("/admin/login/?next=/admin/").status_code == 403


def test_log_out_needs_a_post(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.get("/accounts/logout/").status_code == 200
    assert is_logged_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not is_logged_in(client)


def test_an_unproved_second_number_does_not_keep_the_owner_of_an_address_out(
    client: Client, log_in: LogIn
) -> None:
    UserFactory.create(email="wang@example.com", phone="+66812345678", phone_verified_at=None)
    assert log_in("wang@example.com")["Location"] == "/lines/"
    assert is_logged_in(client)
    assert not Message.objects.exists()


def test_an_account_of_staff_needs_no_confirmed_address(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email="operator@example.com", is_staff=True, address__verified=False)
    log_in("operator@example.com")
    assert is_logged_in(client)


def test_the_log_in_page_leads_to_reset_and_sign_up(client: Client, en: dict[str, str]) -> None:
    page = client.get("/accounts/login/?next=/lines/7/", headers=en).content.decode()
    assert "Phone number or registered e-mail" in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert '<a class="link" href="/accounts/password/reset/">Forgot password</a>' in page
    assert 'href="/accounts/signup/?next=%2Flines%2F7%2F"' in page


def test_the_time_of_the_last_log_in_is_kept(log_in: LogIn) -> None:
    user = UserFactory.create()
    before = timezone.now()
    log_in(user.email)
    last_login = User.objects.get(pk=user.pk).last_login
    assert last_login
    assert last_login >= before
