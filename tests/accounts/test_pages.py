"""Every page of the ways in wears our layout, in both languages; strangers stay outside."""

import re

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import LogIn, last_link
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db

OPEN = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/made-up/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-made-up/",
    "/accounts/password/reset/key/done/",
]
OWN = [
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/phone/change/",
    "/accounts/reauthenticate/",
]
# What the strict policy would block, and what would look unlike the rest.
FORBIDDEN = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|as_p")


def check_layout(page: str, language: str) -> None:
    """Fail unless the page has our stylesheet, one heading, labelled fields, nothing inline."""
    assert "css/base.css" in page
    assert page.count("<h1") == 1
    assert not FORBIDDEN.search(page)
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in page
    for box in re.findall(r'<input (?![^>]*type="hidden")[^>]*id="([^"]+)"', page):
        assert f'for="{box}"' in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", OPEN)
def test_an_open_page_wears_our_layout(client: Client, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    check_layout(answer.content.decode(), language)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", OWN)
def test_a_page_of_a_customer_wears_our_layout(client: Client, path: str, language: str) -> None:
    client.force_login(UserFactory.create(phone="+66812345678"))
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    check_layout(answer.content.decode(), language)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_on_the_way_wear_our_layout(client: Client, language: str) -> None:
    headers = {"Accept-Language": language}
    form = {"phone": "+66812345678", "email": "wang@example.com", "password1": "long-enough-ok"}
    client.post("/accounts/signup/", form)
    code_page = client.get("/accounts/phone/verify/", headers=headers).content.decode()
    check_layout(code_page, language)
    assert not re.search(r"<summary>\s*</summary>", code_page)
    visitor = Client()
    visitor.post("/accounts/signup/", {**form, "phone": "", "email": "li@example.com"})
    link = last_link("li@example.com")
    check_layout(visitor.get(link, headers=headers).content.decode(), language)
    visitor.post("/accounts/password/reset/", {"email": "li@example.com"})
    form_page = visitor.get(last_link("li@example.com"), headers=headers, follow=True)
    check_layout(form_page.content.decode(), language)


def test_a_customer_without_a_password_sets_one(client: Client) -> None:
    client.force_login(User.objects.create_user(email="wang@example.com"))
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    check_layout(client.get("/accounts/password/set/").content.decode(), "zh-hans")


@pytest.mark.parametrize("path", [path for path in OWN if "logout" not in path])
def test_a_stranger_is_sent_to_the_log_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


def test_a_customer_who_is_logged_in_needs_no_log_in_page(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.get("/accounts/login/")["Location"] == "/lines/"


def test_an_error_is_tied_to_its_box(client: Client, en: dict[str, str]) -> None:
    page = client.post("/accounts/signup/", {"phone": "12"}, headers=en).content.decode()
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in page
    assert page.count('id="id_phone_error"') == page.count('id="id_phone_helptext"') == 1
    assert 'class="field field--bad"' in page


def test_what_is_optional_says_so_and_either_or_does_not(
    client: Client, log_in: LogIn, en: dict[str, str]
) -> None:
    page = client.get("/accounts/signup/", headers=en).content.decode()
    assert "optional" not in page
    assert "one of the two is enough" in page


def test_a_wrong_log_in_is_announced(client: Client, log_in: LogIn, en: dict[str, str]) -> None:
    page = log_in("wang@example.com", "wrong", **en).content.decode()
    assert '<div class="note note--bad" role="alert">' in page


def test_boxes_tell_keyboards_and_password_managers_what_they_want(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert re.search(r'name="phone"[^>]*autocomplete="tel"[^>]*inputmode="tel"', page)
    assert re.search(r'name="email"[^>]*autocomplete="email"', page)
    assert re.search(r'name="password1"[^>]*autocomplete="new-password"', page)
