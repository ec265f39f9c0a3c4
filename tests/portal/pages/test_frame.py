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
from tests.factories import BrandFactory, LineFactory, UserFactory

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
    assert "third-party marks belong to their owners" in text


@pytest.mark.parametrize("path", ["/", "/plans/", "/nowhere/", "/healthz/", "/lines/"])
def test_every_answer_asks_not_to_be_indexed(client: Client, path: str) -> None:
    assert client.get(path).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_robots_are_asked_to_stay_away(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == b"User-agent: *\nDisallow: /\n"


def test_home_screen_gets_name_and_icon(client: Client, en: Headers) -> None:
    answer = client.get("/manifest.webmanifest", headers=en)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    found = answer.json()
    assert (found["name"], found["start_url"], found["id"]) == ("Xuka", "/lines/", "/")
    assert found["icons"][0]["src"].endswith("/icon.svg")


def test_pages_travel_compressed(client: Client) -> None:
    plain = client.get("/")
    small = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.content) < len(plain.content) / 2


def test_frame_of_a_customer_names_the_account_and_leads_to_every_part(
    client: Client, en: Headers
) -> None:
    customer = UserFactory.create(name="Wang Fang", language="en")
    client.force_login(customer)
    text = client.get("/lines/", headers=en).content.decode()
    assert "Account menu: Wang Fang" in text
    for label in ("Overview", "Renew", "Plans", "Payments", "Me", "My lines", "My account"):
        assert f"{label}</a>" in text
    assert 'action="/accounts/logout/"' in text
    assert text.count('action="/theme/"') == 2
    assert 'href="/accounts/email/" aria-current="page"' not in text
    page = client.get("/accounts/email/", headers=en).content.decode()
    assert 'href="/accounts/email/" aria-current="page"' in page


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


def test_frame_leads_to_the_line_in_hand(client: Client, en: Headers) -> None:
    line = LineFactory.create(customer=UserFactory.create(language="en"))
    assert line.customer is not None
    client.force_login(line.customer)
    text = client.get(f"/lines/{line.public_id}/renew/", headers=en).content.decode()
    tabs = text[text.index('<nav class="tabs"') :]
    for path in ("", "usage/", "renew/"):
        assert f'href="/lines/{line.public_id}/{path}"' in tabs
    assert 'href="/plans/"' not in tabs


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
