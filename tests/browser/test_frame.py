"""The frame in a real browser: the menu on a phone, light and dark, and the page on paper."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from billing.models import Order
from tests.browser.conftest import Portal, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def brightness(page: Page) -> int:
    """How bright the paper of the page is at its left edge, 0 to 255."""
    with Image.open(BytesIO(page.screenshot())) as picture:
        return picture.convert("L").tobytes()[300 * picture.width + 2]


def test_phone_menu_without_scripts_turns_the_theme_and_logs_out(
    browser: Browser, portal: Portal
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, color_scheme="light"
    )
    page = context.new_page()
    log_in(page, portal.url, "wang@example.com")
    assert brightness(page) > 200
    page.locator(".menu summary").click()
    page.locator(".menu button[value=dark]").click()
    expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    assert brightness(page) < 60
    page.goto(f"{portal.url}/orders/")
    assert brightness(page) < 60
    page.locator(".menu summary").click()
    page.locator(".menu form[action='/accounts/logout/'] button").click()
    expect(page.locator(".top a[href='/accounts/login/']")).to_be_visible()
    expect(page.locator(".tabs")).to_have_count(0)
    context.close()


def test_every_tab_of_a_phone_leads_somewhere(page: Page, portal: Portal) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, portal.url, "wang@example.com")
    addresses = [one.get_attribute("href") or "" for one in page.locator(".tabs a").all()]
    assert len(addresses) == 5
    for path in addresses:
        answer = page.goto(portal.url + path)
        assert answer is not None
        assert answer.status == 200
    page.set_viewport_size({"width": 1280, "height": 844})
    expect(page.locator(".tabs")).to_be_hidden()
    expect(page.locator(".nav")).to_be_visible()


def test_order_and_use_on_paper_are_black_on_white_with_nothing_to_press(
    page: Page, portal: Portal
) -> None:
    page.emulate_media(color_scheme="dark")
    log_in(page, portal.url, "wang@example.com")
    order = Order.objects.filter(customer__email="wang@example.com", state="effective").latest("pk")
    for path, words in (
        (f"/orders/{order.number}/", order.number),
        (f"/lines/{order.line.public_id}/usage/", order.line.msisdn[-4:]),
    ):
        page.goto(portal.url + path)
        page.emulate_media(media="print")
        assert brightness(page) == 255
        for selector in (".top", ".tabs", ".foot", "main button", "main .btn"):
            for one in page.locator(selector).all():
                expect(one).to_be_hidden()
        expect(page.locator("main")).to_contain_text(words)
        expect(page.locator(".demo")).to_be_visible()
        page.emulate_media(media="screen")
