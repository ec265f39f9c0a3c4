"""The main job in a real browser: log in, renew by test card, watch it become effective."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from playwright.sync_api import Browser, Page, expect

from billing.models import Order, Payment
from messaging.models import Message
from plans.models import Line
from tests.browser.conftest import Portal, is_our_error, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOOD, DECLINED = "4242424242424242", "4000000000000002"
LANGUAGES = {"zh-hans": "zh-CN", "en": "en-GB"}
HTML_LANGUAGES = {"zh-hans": "zh-Hans", "en": "en"}


def renew_monthly_plan(page: Page, portal: Portal) -> Order:
    """From the list of lines to the hosted page, by the buttons a customer sees."""
    page.goto(f"{portal.url}/lines/")
    page.get_by_test_id("line-card").first.get_by_test_id("renew").click()
    page.wait_for_url("**/renew/**")
    page.locator("[data-testid=plan-option] input[value='HK-M-30']").check(force=True)
    page.locator("main form button").first.click()
    page.get_by_test_id("confirm-order").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    return Order.objects.latest("pk")


def type_card(page: Page, number: str) -> None:
    """Fill in the simulated checkout and pay."""
    page.get_by_test_id("card-number").fill(number)
    page.get_by_test_id("pay-now").click()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_wang_renews_and_watches_it_become_effective(
    browser: Browser, portal: Portal, width: int, language: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale=LANGUAGES[language]
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if is_our_error(said) else None)
    log_in(page, portal.url, "081-234-5678")
    page.locator(f"button[name=language][value={language}]").click()
    page.locator(f"html[lang={HTML_LANGUAGES[language]}]").wait_for(state="attached")
    order = renew_monthly_plan(page, portal)
    assert order.language == language
    type_card(page, GOOD)
    page.wait_for_url(f"**/orders/{order.number}/")
    # By itself: nothing is clicked from here on.
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")
    page.goto(f"{portal.url}/lines/{order.line.public_id}/")
    promised = order.promised_end_at.isoformat().replace("+00:00", "Z")
    shown = page.get_by_test_id("line-expiry").first.get_attribute("datetime")
    assert shown is not None
    assert shown.replace("+00:00", "Z") == promised
    kept = Message.objects.filter(context__order_number=order.number)
    assert sorted(kept.values_list("channel", "template", "language")) == [
        ("email", "renewal_effective", language),
        ("sms", "renewal_effective", language),
    ]
    assert errors == []
    context.close()


@pytest.mark.parametrize("login", ["+66812345678", "081-234-5678", "wang@example.com"])
def test_every_spelling_logs_in_and_every_line_opens(
    page: Page, portal: Portal, login: str
) -> None:
    log_in(page, portal.url, login)
    expect(page.get_by_test_id("line-card")).to_have_count(5)
    for line in Line.objects.filter(customer__email="wang@example.com"):
        response = page.goto(f"{portal.url}/lines/{line.public_id}/")
        assert response is not None
        assert response.status == 200
        assert page.get_by_test_id("line-balance").is_visible()


def test_declined_card_says_why_and_another_card_pays_the_same_order(
    page: Page, portal: Portal
) -> None:
    log_in(page, portal.url, "wang@example.com")
    page.locator("button[name=language][value=en]").click()
    order = renew_monthly_plan(page, portal)
    type_card(page, DECLINED)
    page.get_by_test_id("pay-error").wait_for()
    page.goto(f"{portal.url}/orders/{order.number}/")
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "awaiting_payment")
    expect(page.locator("main")).to_contain_text("The bank refused the payment")
    page.get_by_test_id("pay").click()
    page.wait_for_url(f"{portal.sandbox.base_url}/c/pay/**")
    type_card(page, GOOD)
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")
    assert Order.objects.filter(line=order.line, promised_end_at=order.promised_end_at).count() == 1
    assert Payment.objects.get(order=order).state == Payment.State.PAID


def test_operator_finds_the_order_by_the_number_with_the_time_of_each_step(
    page: Page, portal: Portal
) -> None:
    log_in(page, portal.url, "wang@example.com")
    order = renew_monthly_plan(page, portal)
    type_card(page, GOOD)
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")
    page.context.clear_cookies()
    log_in(page, portal.url, "operator@example.com")
    page.locator("button[name=language][value=en]").click()
    page.goto(f"{portal.url}/admin/billing/order/?q=081-234-5678")
    page.get_by_role("link", name=order.number).click()
    timeline = page.locator(".console-section", has=page.get_by_role("heading", name="Timeline"))
    for step in ("Ordered", "Paid", "Applied", "Effective"):
        row = timeline.get_by_role("row").filter(has=page.get_by_text(step, exact=True))
        expect(row).to_have_count(1)
        expect(row).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))


def test_no_card_number_is_left_in_database_or_log(page: Page, portal: Portal) -> None:
    log_in(page, portal.url, "wang@example.com")
    renew_monthly_plan(page, portal)
    # A real card's number must be refused in words; ours are test numbers.
    for number in ("4012888888881881", DECLINED):
        type_card(page, number)
        page.get_by_test_id("pay-error").wait_for()
    type_card(page, GOOD)
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "effective")
    found = [
        number
        for text in (database_text(), portal.sandbox.dump(), "\n".join(portal.log.lines))
        for number in re.findall(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])", text)
        if passes_luhn(re.sub(r"\D", "", number)) and not is_sim_number(number)
    ]
    assert found == []


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit that every card number carries."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_sim_number(number: str) -> bool:
    """ICCIDs begin with 89 and pass the same check; cards never begin so."""
    return number.startswith("89")


def database_text() -> str:
    """Every row of every table as text."""
    rows: list[Any] = [row for model in apps.get_models() for row in model._default_manager.all()]
    return str(serializers.serialize("json", rows))
