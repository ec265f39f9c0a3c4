"""The start page, what stands on every page, and the pages for when something goes wrong."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.factories import BrandFactory, UserFactory

Headers = dict[str, str]

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"
INLINE = re.compile(r"""\sstyle=|<style|\son[a-z]+="|<script(?![^>]*\ssrc=)|javascript:""")


def test_anyone_can_read_the_start_page(client: Client, en: Headers) -> None:
    BrandFactory.create(slug="hongka", name_en="Hongka", theme="crimson")
    page = client.get("/", headers=en)
    text = page.content.decode()
    assert page.status_code == 200
    assert 'href="/b/hongka/"' in text
    assert 'data-brand="crimson"' in text
    assert ">Sign up</a>" in text
    assert 'href="/lines/">My lines</a>' in text
    assert ">Account settings</a>" in text


def test_every_page_says_that_it_is_a_demo_and_is_not_indexed(client: Client, en: Headers) -> None:
    text = client.get("/", headers=en).content.decode()
    assert '<meta name="robots" content="noindex">' in text
    assert "Demo site" in text
    assert "test mode, nobody is charged" in text
    assert "Third-party marks belong to their owners" in text


def test_pages_are_never_kept_by_browsers_or_proxies(client: Client) -> None:
    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_footer_names_the_payment_lane(client: Client, en: Headers, settings: LazySettings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert "simulated checkout on this machine" in client.get("/", headers=en).content.decode()
    settings.STRIPE_API_BASE = ""
    assert "Stripe in test mode" in client.get("/", headers=en).content.decode()


def test_language_switch_turns_the_page_and_stays_on_the_site(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert '<html lang="en"' in client.get("/").content.decode()


def test_language_switch_of_a_customer_is_remembered(client: Client) -> None:
    customer = UserFactory.create(language="zh-hans")
    client.force_login(customer)
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert User.objects.get(pk=customer.pk).language == "en"


def test_unknown_address_gets_our_404(client: Client, en: Headers) -> None:
    page = client.get("/nowhere/", headers=en)
    assert page.status_code == 404
    assert "Page not found" in page.content.decode()
    assert 'class="top"' in page.content.decode()


def test_forged_form_gets_our_page_and_changes_nothing(en: Headers) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/i18n/setlang/", {"language": "en"}, headers=en)
    assert page.status_code == 403
    assert "The form has expired" in page.content.decode()
    assert "django_language" not in client.cookies


@pytest.mark.parametrize(
    ("name", "words"),
    [("400.html", "could not be read"), ("500.html", "wrong on our side")],
)
def test_last_resort_pages_need_neither_request_nor_database(
    name: str, words: str, en: Headers, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert words in render_to_string(name)


def test_page_for_what_is_not_allowed_is_ours(rf: RequestFactory, en: Headers) -> None:
    assert "not open to you" in render_to_string("403.html", request=rf.get("/"))


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: str(p.relative_to(TEMPLATES))
)
def test_template_has_nothing_inline(path: Path) -> None:
    if path.name == "outbox_html.html" or "/admin/" in str(path):
        return
    assert INLINE.findall(path.read_text()) == []


def test_first_page_stays_light(client: Client) -> None:
    """Five requests at the most, icon apart; no host but ours."""
    with translation.override("en"):
        text = client.get("/").content.decode()
    assets = re.findall(r'(?:src|href)="([^"]+\.(?:css|js))"', text)
    assert len(assets) <= 4
    assert all(asset.startswith("/static/") for asset in assets)
    assert "http://" not in text.replace("http://www.w3.org/", "")
