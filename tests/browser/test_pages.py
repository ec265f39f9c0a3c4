"""Pages in a real browser: how much they weigh, and what they do while one looks."""

import gzip
import re

import pytest
from playwright.sync_api import Page, Response, expect

from billing.models import Order
from plans.models import Line
from tests.browser.conftest import Portal, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The promise for the first load of the dashboard: bytes as sent with gzip, requests without icon.
MOST_BYTES, MOST_REQUESTS = 45 * 1024, 5


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
