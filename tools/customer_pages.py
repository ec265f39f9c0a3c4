"""Every page a customer may see in the demo, found by its own links: sheets and checks walk it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState

# The demo's published log-in; its five lines are in five states.
LOGIN, PASSWORD = "wang@example.com", "xuka-demo-2026"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
SWITCH = {"zh": "zh-hans", "en": "en"}
# Mails of the outbox that are searched for a renewal link.
MOST_MAILS = 100
type Scheme = Literal["light", "dark"]
RENEWAL_LINK = re.compile(r"/r/[\w-]+/")


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page: its name, its address with {places}, who sees it, and what it answers."""

    name: str
    path: str
    is_open: bool = False
    status: int = HTTPStatus.OK


OPEN_PAGES = (
    CustomerPage("home", "/", is_open=True),
    CustomerPage("log-in", "/accounts/login/", is_open=True),
    CustomerPage("sign-up", "/accounts/signup/", is_open=True),
    CustomerPage("reset", "/accounts/password/reset/", is_open=True),
    CustomerPage("catalogue", "/plans/", is_open=True),
    CustomerPage("brand-plans", "/plans/?brand=hongka-esim", is_open=True),
    CustomerPage("compare", "/plans/compare/?sku=HK-M-30&sku=HK-Q-90", is_open=True),
    CustomerPage("plan", "/plans/HK-M-30/", is_open=True),
    CustomerPage("brand", "/b/laika/", is_open=True),
    CustomerPage("renewal-link", "{link}", is_open=True),
    CustomerPage("renewal-link-dead", "/r/0-0000000000000/", is_open=True, status=404),
    CustomerPage("not-found", "/nowhere/", is_open=True, status=404),
    CustomerPage("styleguide", "/styleguide/", is_open=True),
)
OWN_PAGES = (
    CustomerPage("lines", "/lines/"),
    *(CustomerPage(f"line-{place}", f"{{line_{place}}}") for place in range(1, 6)),
    CustomerPage("usage", "{line_1}usage/"),
    CustomerPage("renew", "{line_1}renew/"),
    CustomerPage("renew-5", "{line_5}renew/"),
    CustomerPage("summary", "{summary}"),
    CustomerPage("claim", "/lines/add/"),
    CustomerPage("orders", "/orders/"),
    CustomerPage("order", "{order_last}"),
    CustomerPage("order-newest", "{order_first}"),
    CustomerPage("emails", "/accounts/email/"),
    CustomerPage("phone", "/accounts/phone/change/"),
    CustomerPage("log-out", "/accounts/logout/"),
)


def log_in(page: Page, base_url: str, *, login: str = LOGIN, password: str = PASSWORD) -> None:
    """Log in as a person does."""
    page.goto(f"{base_url}/accounts/login/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/lines/")


def speak(page: Page, language: str) -> None:
    """Choose the language by the switch of the page that is open, as an account remembers it."""
    page.locator(f"button[name=language][value={SWITCH[language]}]").first.click()
    page.wait_for_load_state()


def places(page: Page, base_url: str) -> dict[str, str]:
    """Return the addresses that fill the {places} for whoever is logged in; missing ones as ""."""
    page.goto(f"{base_url}/lines/")
    lines = _paths(page, "[data-testid=line-card] h2 a")
    found = {f"line_{number}": path for number, path in enumerate(lines, 1)}
    page.goto(base_url + lines[0])
    renew = page.locator("a[data-testid=renew]")
    found["summary"] = _path(renew.first.get_attribute("href")) if renew.count() else ""
    page.goto(f"{base_url}/orders/")
    orders = _paths(page, "main a[href^='/orders/']")
    found["order_first"], found["order_last"] = orders[0], orders[-1]
    found["link"] = _renewal_link(page, base_url)
    return found


def address(one: CustomerPage, found: dict[str, str]) -> str:
    """Return the path of a page, or "" when the demo shows no way to it at the moment."""
    names = re.findall(r"\{(\w+)\}", one.path)
    if any(not found.get(name) for name in names):
        return ""
    return one.path.format_map(found)


@contextmanager
def visitor(
    browser: Browser,
    *,
    language: str,
    width: int,
    scheme: Scheme,
    cookies: StorageState | None = None,
) -> Iterator[BrowserContext]:
    """A window of a fresh browser, still of motion, that speaks the language."""
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        locale=LOCALES[language],
        color_scheme=scheme,
        reduced_motion="reduce",
        service_workers="block",
        storage_state=cookies,
    )
    try:
        yield context
    finally:
        context.close()


def launch(playwright: Playwright, executable: str | None) -> Browser:
    """Start Chromium: the given one, or the one that Playwright has installed."""
    return playwright.chromium.launch(executable_path=executable or None)


def _renewal_link(page: Page, base_url: str) -> str:
    """The newest renewal link among the mails of a test installation, or ""."""
    answer = page.goto(f"{base_url}/dev/outbox/")
    if answer is None or not answer.ok:
        return ""
    for path in _paths(page, "main a[href^='/dev/outbox/']")[:MOST_MAILS]:
        match = RENEWAL_LINK.search(page.request.get(base_url + path).text())
        if match:
            return match.group()
    return ""


def _paths(page: Page, selector: str) -> list[str]:
    found = [_path(one.get_attribute("href")) for one in page.locator(selector).all()]
    return list(dict.fromkeys(found))


def _path(href: str | None) -> str:
    parts = urlsplit(href or "")
    return parts.path + (f"?{parts.query}" if parts.query else "")
