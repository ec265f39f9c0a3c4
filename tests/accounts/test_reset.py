"""A forgotten password: one link, one use, and no hint who has an account."""

import pytest
from django.test import Client

from messaging.models import Message
from tests.accounts.conftest import LogIn, is_logged_in, last_link
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"
NEW = {"password1": "quite-another-secret", "password2": "quite-another-secret"}


def set_password(client: Client, link: str) -> int:
    """Follow the link and set NEW; return the status of the answer."""
    opened = client.get(link)
    if opened.status_code != 302:
        return opened.status_code
    return client.post(opened["Location"], NEW).status_code


def test_the_link_sets_a_new_password(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email="wang@example.com")
    assert client.post(RESET, {"email": "Wang@Example.com"})["Location"] == f"{RESET}done/"
    assert set_password(client, last_link("wang@example.com")) == 302
    log_in("wang@example.com", PASSWORD)
    assert not is_logged_in(client)
    log_in("wang@example.com", NEW["password1"])
    assert is_logged_in(client)


def test_the_link_works_once(client: Client, en: dict[str, str]) -> None:
    user = UserFactory.create(email="wang@example.com")
    client.post(RESET, {"email": "wang@example.com"})
    link = last_link("wang@example.com")
    set_password(client, link)
    user.refresh_from_db()
    hashed = user.password
    again = Client().get(link, headers=en)
    assert again.status_code == 200
    assert "This link no longer works" in again.content.decode()
    user.refresh_from_db()
    assert user.password == hashed


def test_the_link_is_secret_in_the_outbox_and_in_the_language_of_the_customer(
    client: Client, en: dict[str, str]
) -> None:
    UserFactory.create(email="wang@example.com", language="zh-hans", is_demo=True)
    client.post(RESET, {"email": "wang@example.com"}, headers=en)
    mail = Message.objects.get()
    assert (mail.channel, mail.template, mail.language) == ("email", "rendered", "zh-hans")
    assert (mail.secret, mail.demo) == (True, True)


def test_an_unknown_address_gets_the_same_page_and_no_mail(
    client: Client, en: dict[str, str]
) -> None:
    UserFactory.create(email="wang@example.com")
    pages = [
        client.post(RESET, {"email": email}, headers=en, follow=True)
        for email in ("wang@example.com", "nobody@example.com")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert "If this address has an account" in pages[1].content.decode()
    assert [mail.address for mail in Message.objects.all()] == ["wang@example.com"]


def test_an_inactive_customer_gets_no_link(client: Client) -> None:
    UserFactory.create(email="wang@example.com", is_active=False)
    assert client.post(RESET, {"email": "wang@example.com"}).status_code == 302
    assert not Message.objects.exists()


def test_a_new_password_ends_other_sessions_and_tells_the_owner(client: Client) -> None:
    user = UserFactory.create(email="wang@example.com")
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post(RESET, {"email": "wang@example.com"})
    set_password(client, last_link("wang@example.com"))
    assert elsewhere.get("/accounts/email/")["Location"].startswith("/accounts/login/")
    notice = Message.objects.latest("pk")
    assert (notice.address, notice.secret) == ("wang@example.com", False)


def test_two_different_passwords_change_nothing(client: Client, en: dict[str, str]) -> None:
    user = UserFactory.create(email="wang@example.com")
    client.post(RESET, {"email": "wang@example.com"})
    page = client.get(last_link("wang@example.com"))["Location"]
    answer = client.post(page, {**NEW, "password2": "a-third-one-here"}, headers=en)
    assert answer.context["form"].errors["password2"] == [
        "You must type the same password each time."
    ]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_reset_unlocks_the_address_and_the_number(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email="wang@example.com", phone="+66812345678")
    for login in ("wang@example.com", "+66812345678"):
        for _attempt in range(5):
            log_in(login, "wrong")
        log_in(login)
        assert not is_logged_in(client)
    client.post(RESET, {"email": "wang@example.com"})
    set_password(client, last_link("wang@example.com"))
    log_in("081-234-5678", NEW["password1"])
    assert is_logged_in(client)


def test_a_made_up_link_is_refused(client: Client, en: dict[str, str]) -> None:
    UserFactory.create()
    page = client.get("/accounts/password/reset/key/1-abc-def/", headers=en)
    assert page.status_code == 200
    assert "This link no longer works" in page.content.decode()
