"""The switch between light and dark: a form, a cookie, and what the server makes of it."""

import pytest
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 60 * 60


def test_anyone_may_choose_dark_and_comes_back_to_the_page(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/plans/?brand=laika"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plans/?brand=laika")
    cookie = client.cookies["theme"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("dark", YEAR, "Lax")
    assert cookie["httponly"]


@pytest.mark.parametrize(("theme", "colour"), [("light", "#f7f6f1"), ("dark", "#101a17")])
def test_page_is_drawn_in_the_chosen_theme(client: Client, theme: str, colour: str) -> None:
    client.post("/theme/", {"theme": theme})
    text = client.get("/").content.decode()
    assert f' data-theme="{theme}"' in text
    assert f'value="{theme}" aria-pressed="true"' in text
    assert text.count('name="theme-color"') == 1
    assert f'<meta name="theme-color" content="{colour}">' in text


def test_without_a_choice_the_page_follows_the_device(client: Client) -> None:
    text = client.get("/").content.decode()
    assert "data-theme" not in text
    assert 'content="#f7f6f1" media="(prefers-color-scheme: light)"' in text
    assert 'content="#101a17" media="(prefers-color-scheme: dark)"' in text


def test_choosing_the_device_takes_the_cookie_away(client: Client) -> None:
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "system"})
    assert client.cookies["theme"]["max-age"] == 0
    assert "data-theme" not in client.get("/").content.decode()


@pytest.mark.parametrize("theme", ["", "sepia", 'dark"><b>', "DARK"])
def test_unknown_theme_changes_nothing(client: Client, theme: str) -> None:
    client.post("/theme/", {"theme": "dark"})
    answer = client.post("/theme/", {"theme": theme, "next": "/"})
    assert answer.status_code == 303
    assert "theme" not in answer.cookies
    assert ' data-theme="dark"' in client.get("/").content.decode()


def test_forged_cookie_is_not_drawn(client: Client) -> None:
    client.cookies["theme"] = "x onload=1"
    assert "data-theme" not in client.get("/").content.decode()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:1", ""])
def test_switch_never_leads_off_the_site(client: Client, to: str) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": to})
    assert answer.headers["Location"] == "/"
    assert client.cookies["theme"].value == "dark"


def test_reading_the_switch_is_not_allowed(client: Client) -> None:
    assert client.get("/theme/").status_code == 405
    assert "theme" not in client.cookies


def test_forged_form_changes_no_theme() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/theme/", {"theme": "dark"}).status_code == 403
    assert "theme" not in client.cookies


def test_page_that_depends_on_the_cookie_says_so_to_caches(client: Client) -> None:
    customer = UserFactory.create()
    for path in ("/", "/plans/", "/nowhere/"):
        assert "Cookie" in client.get(path).headers["Vary"]
    client.force_login(customer)
    assert "Cookie" in client.get("/lines/").headers["Vary"]
