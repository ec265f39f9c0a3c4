"""A renewal without a mouse, and one without JavaScript, both until the network has confirmed."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from billing.models import Order
from portal.seed import PASSWORD
from tests.browser.conftest import PATIENCE, Portal, log_in
from tests.browser.test_main_job import GOOD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Presses of Tab after which something cannot be reached by reasonable people.
MOST_TABS = 60
# The focused element, or the card around a drawn radio, has an outline that can be seen.
SHOWS_FOCUS = """() => [document.activeElement, document.activeElement.closest("label")].some(
  box => box && getComputedStyle(box).outlineStyle !== "none"
    && parseFloat(getComputedStyle(box).outlineWidth) >= 2)"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus, which every stop on the way must show."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{MOST_TABS} presses of Tab do not reach {wanted}")


def next_step(page: Page) -> Locator:
    """The button that leads from the choice of a plan to the order summary."""
    return page.locator("main form:has([data-testid=plan-option]) button").last


def pay(page: Page, portal: Portal) -> Order:
    """Type a good test card into the simulated checkout, which is not ours to judge."""
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    page.get_by_test_id("card-number").focus()
    page.keyboard.type(GOOD)
    page.get_by_test_id("pay-now").focus()
    page.keyboard.press("Enter")
    order = Order.objects.latest("pk")
    page.wait_for_url(f"**/orders/{order.number}/")
    return order


def test_wang_renews_with_the_keyboard_alone(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("wang@example.com")
    tab_to(page, page.locator("[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/lines/")
    tab_to(page, page.get_by_test_id("line-card").first.get_by_test_id("renew"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/renew/**")
    next_step(page).wait_for()
    plans = page.locator("[data-testid=plan-option] input[type=radio]")
    tab_to(page, plans.and_(page.locator(":checked")))
    chosen = page.locator("[data-testid=plan-option] :checked").input_value()
    page.keyboard.press("ArrowDown")
    assert page.locator("[data-testid=plan-option] :checked").input_value() != chosen
    page.keyboard.press("ArrowUp")
    assert page.locator("[data-testid=plan-option] :checked").input_value() == chosen
    tab_to(page, next_step(page))
    page.keyboard.press("Space")
    page.get_by_test_id("confirm-order").wait_for()
    tab_to(page, page.get_by_test_id("confirm-order"))
    page.keyboard.press("Enter")
    order = pay(page, portal)
    assert order.lines.filter(version__plan__sku=chosen).exists()
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")


def test_skip_link_jumps_over_the_navigation(page: Page, portal: Portal) -> None:
    log_in(page, portal.url, "wang@example.com")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_wang_renews_without_javascript(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page, portal.url, "wang@example.com")
    page.get_by_test_id("line-card").first.get_by_test_id("renew").click()
    page.locator("[data-testid=plan-option] input[value='HK-M-30']").check(force=True)
    page.locator("main form label", has_text="¥72").click()
    next_step(page).click()
    expect(page.get_by_test_id("confirm-order")).to_contain_text("¥72")
    page.get_by_test_id("confirm-order").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    page.get_by_test_id("card-number").fill(GOOD)
    page.get_by_test_id("pay-now").click()
    order = Order.objects.latest("pk")
    assert (order.currency, order.total_minor) == ("CNY", 7_200)
    page.wait_for_url(f"**/orders/{order.number}/")
    # The page asks again by itself, by a refresh instead of a script.
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")
    context.close()
