"""Every page in a real browser: no sideways scroll, no console error, light, and without scripts."""

import gzip
import re

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from billing.models import Order
from plans.models import Line
from tests.browser.conftest import Portal, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN_PAGES = ("/", "/plans/", "/plans/?brand=tuodian", "/plans/HK-M-30/", "/b/laika/", "/nowhere/")
# The promise for the first load of the dashboard: bytes as sent with gzip, requests without icon.
MOST_BYTES, MOST_REQUESTS = 45 * 1024, 5


def own_pages() -> list[str]:
    """Addresses that Wang may open: all lines with their renewal, all orders."""
    lines = Line.objects.filter(customer__email="wang@example.com")
    orders = Order.objects.filter(customer__email="wang@example.com")
    return [
        "/lines/",
        "/orders/",
        *(f"/lines/{line.public_id}/" for line in lines),
        *(f"/lines/{line.public_id}/renew/" for line in lines),
        f"/lines/{lines[0].public_id}/renew/?plan=HK-M-30&pay=card:CNY",
        *(f"/orders/{order.number}/" for order in orders),
    ]


def look_at(page: Page, url: str, width: int) -> None:
    """Open a page and measure that nothing sticks out sideways."""
    page.goto(url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, url


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_its_window(
    browser: Browser, portal: Portal, width: int, locale: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=locale)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in OPEN_PAGES:
        look_at(page, portal.url + path, width)
    if locale == "en-GB":
        page.get_by_role("button", name="EN", exact=True).click()
    log_in(page, portal.url, "wang@example.com")
    for path in own_pages():
        look_at(page, portal.url + path, width)
    context.close()
    # The browser itself reports the page that is not there.
    assert [error for error in errors if "404" not in error] == []


def test_dashboard_is_light(page: Page, portal: Portal) -> None:
    log_in(page, portal.url, "wang@example.com")
    line = Line.objects.filter(customer__email="wang@example.com").first()
    assert line is not None
    seen: list[Response] = []
    page.on("response", lambda response: seen.append(response))  # noqa: PLW0108 (Playwright marks it)
    page.goto(f"{portal.url}/lines/{line.public_id}/", wait_until="networkidle")
    counted = [one for one in seen if not one.url.endswith("icon.svg")]
    assert len(counted) <= MOST_REQUESTS
    assert all(one.url.startswith(portal.url) for one in counted)
    assert sum(len(gzip.compress(one.body())) for one in counted) <= MOST_BYTES


def test_renewing_needs_no_javascript(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    log_in(page, portal.url, "wang@example.com")
    page.get_by_test_id("line-card").first.get_by_test_id("renew").click()
    page.locator("label.radio", has_text="¥72").click()
    page.locator("main form button").click()
    expect(page.get_by_test_id("confirm-order")).to_contain_text("¥72")
    page.get_by_test_id("confirm-order").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    order = Order.objects.latest("pk")
    assert (order.currency, order.total_minor) == ("CNY", 7_200)
    page.goto(f"{portal.url}/orders/{order.number}/")
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "awaiting_payment")
    context.close()


def test_other_plan_shows_its_own_ways_to_pay(page: Page, portal: Portal) -> None:
    log_in(page, portal.url, "wang@example.com")
    page.get_by_test_id("line-card").first.get_by_test_id("renew").click()
    quarter = page.locator("label.radio", has_text="฿979")
    expect(quarter).to_be_hidden()
    page.locator("input[value='HK-Q-90']").check()
    expect(quarter).to_be_visible()
    expect(page.locator("label.radio", has_text="฿359")).to_be_hidden()


def test_waiting_order_page_keeps_the_focus_while_it_asks(page: Page, portal: Portal) -> None:
    log_in(page, portal.url, "wang@example.com")
    page.get_by_test_id("line-card").first.locator("h2 a").click()
    page.get_by_test_id("renew").click()
    page.get_by_test_id("confirm-order").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    page.goto(f"{portal.url}/orders/{Order.objects.latest('pk').number}/")
    page.get_by_test_id("pay").focus()
    with page.expect_response(re.compile(r"/state/\?n=1$")):
        pass
    with page.expect_response(re.compile(r"/state/\?n=2$")):
        pass
    expect(page.get_by_test_id("pay")).to_be_focused()
