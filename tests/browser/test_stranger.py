"""A stranger with a card: registers, adds its line, renews it; on a phone, in Chinese."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from billing.models import Order
from messaging.models import Message
from plans.models import Line
from tests.browser.conftest import PATIENCE, Portal, is_our_error
from tests.browser.test_main_job import GOOD, type_card

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NUMBER = "+66834567890"
PASSWORD = "a-long-enough-secret"


def last_code(template: str) -> str:
    """The code of the newest SMS of this kind to the stranger's card."""
    codes = Message.objects.filter(template=template, channel="sms", address=NUMBER)
    return str(codes.latest("pk").context["code"])


def last_link() -> str:
    """The link of the newest mail."""
    text = str(Message.objects.filter(channel="email").latest("pk").context["text"])
    return next(word for word in text.split() if "/confirm-email/" in word)


def register_by_phone(page: Page) -> None:
    """The number of the card is the log-in too."""
    page.fill("[name=phone]", "083-456-7890")
    page.fill("[name=password1]", PASSWORD)
    page.get_by_role("button", name="注册").click()
    page.wait_for_url("**/accounts/phone/verify/")
    page.fill("[name=code]", last_code("verification_code"))
    page.get_by_role("button", name="确认", exact=True).click()


def register_by_mail(page: Page) -> None:
    """The account has no number, before and after."""
    page.fill("[name=email]", "stranger@example.com")
    page.fill("[name=password1]", PASSWORD)
    page.get_by_role("button", name="注册").click()
    page.wait_for_url("**/accounts/confirm-email/")
    page.goto(last_link())
    page.locator("main form button").first.click()


def add_the_line(page: Page) -> None:
    """From the empty account to the line's own page."""
    page.get_by_role("link", name="添加号码").click()
    page.fill("[name=number]", "083-456-7890")
    page.get_by_role("button", name="发送验证码").click()
    page.wait_for_url("**/lines/add/code/")
    page.fill("[name=code]", last_code("line_claim_code"))
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("main")).to_contain_text("+66 83 456 7890 已添加到您的账户。")


@pytest.mark.parametrize("register", [register_by_phone, register_by_mail])
def test_a_stranger_registers_adds_a_line_and_renews_it(
    browser: Browser, portal: Portal, register: Callable[[Page], None]
) -> None:
    # The demo's card that nobody has added yet.
    line = Line.objects.get(msisdn=NUMBER)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if is_our_error(said) else None)
    begun = time.monotonic()

    page.goto(f"{portal.url}/accounts/signup/")
    register(page)
    page.wait_for_url("**/lines/")
    add_the_line(page)
    page.wait_for_url(f"**/lines/{line.public_id}/")
    page.get_by_test_id("renew").click()
    # Little data is left on it, so the renewal takes the place of the rest: by consent.
    page.get_by_role("checkbox").check()
    page.get_by_test_id("confirm-order").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    type_card(page, GOOD)
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")

    # Not a limit, only a figure to look at.
    print(f"registered, added and renewed in {time.monotonic() - begun:.0f} s")  # noqa: T201 (a figure for the reader of the test)
    order = Order.objects.get(line=line)
    line.refresh_from_db()
    assert (order.state, order.customer) == (Order.State.EFFECTIVE, line.customer)
    assert line.valid_until == order.promised_end_at
    assert errors == []
    context.close()
