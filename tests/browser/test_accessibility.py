"""Every customer page: axe finds nothing, the console is silent, nothing sticks out sideways.

Each page is judged once on a phone by daylight in Chinese and once on a screen by night in
English; `make pages` walks all combinations.
"""

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from plans.models import Line, Period
from plans.renewal_links import renewal_token
from tests.browser.conftest import PATIENCE, Portal
from tools import page_checks
from tools.customer_pages import (
    LOGIN,
    OPEN_PAGES,
    OWN_PAGES,
    CustomerPage,
    Scheme,
    address,
    log_in,
    places,
    speak,
    visitor,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (320, 390, 1280)


def renewal_link() -> str:
    """The address a reminder of Wang's first line would carry."""
    line = Line.objects.filter(customer__email=LOGIN).order_by("pk")[0]
    period = Period.objects.filter(line=line).order_by("-pk")[0]
    return reverse("billing:renewal-link", args=[renewal_token(period)])


def findings(page: Page, url: str, one: CustomerPage, *, width: int) -> list[str]:
    """Everything that is wrong with one page at one width, and sideways scroll at all widths."""
    page_checks.resize(page, width)
    answer = page.goto(url)
    if answer is None or answer.status != one.status:
        return [f"answers {answer and answer.status}, not {one.status}"]
    found = page_checks.axe_violations(page)
    for window in WIDTHS:
        page_checks.resize(page, window)
        found += page_checks.sideways(page)
    return found


def test_the_checks_themselves_find_what_is_wrong(browser: Browser) -> None:
    with visitor(browser, language="en", width=390, scheme="light") as context:
        page = context.new_page()
        heard = page_checks.Listener(page)
        page.set_content(
            "<main><h1>A</h1><p style='width:3000px;color:#ccc'>pale</p><img src='data:,'></main>"
        )
        page.evaluate("console.error('broken')")
        rules = " ".join(page_checks.axe_violations(page))
        assert "color-contrast" in rules
        assert "image-alt" in rules
        assert page_checks.sideways(page)[0].startswith("scrolls sideways: 30")
        assert any("broken" in text for text in heard.take())
        assert heard.take() == []


@pytest.mark.parametrize("part", ["own", "open"])
@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("zh", 390, "light"), ("en", 1280, "dark")]
)
def test_every_customer_page_is_sound(
    browser: Browser,
    portal: Portal,
    settings: LazySettings,
    part: str,
    language: str,
    width: int,
    scheme: Scheme,
) -> None:
    settings.LOCAL_TEST = True
    wrong: list[str] = []
    with visitor(browser, language=language, width=width, scheme=scheme) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        heard = page_checks.Listener(page)
        found = {"link": renewal_link()}
        if part == "own":
            log_in(page, portal.url)
            speak(page, language)
            found = places(page, portal.url)
        for one in OWN_PAGES if part == "own" else OPEN_PAGES:
            path = address(one, found)
            assert path, f"the demo shows no way to {one.name}"
            said = findings(page, portal.url + path, one, width=width)
            wrong += [f"{one.name}: {text}" for text in said + heard.take()]
    assert wrong == []
