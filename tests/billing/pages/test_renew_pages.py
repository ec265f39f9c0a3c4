"""Renewing in three screens: choose, summary, on to the hosted page; refusals change nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from billing.models import Order, Payment
from billing.sandbox.server import SandboxServer
from plans.models import Brand, Line, Period, Plan, PlanVersion
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.factories import (
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(line: Line) -> str:
    return f"/lines/{line.public_id}/renew/"


@pytest.fixture
def choice(version: PlanVersion) -> dict[str, str]:
    """The plan by card in baht."""
    return {"plan": version.plan.sku, "pay": "card:THB"}


def test_current_plan_is_preselected_with_price_and_new_end(
    own: Client, url: str, period: Period, version: PlanVersion
) -> None:
    PlanVersionFactory.create(plan__brand=version.plan.brand, name_en="Another")
    text = read(own, url)
    assert text.count('data-testid="plan-option"') == 2
    assert f'value="{version.plan.sku}" required checked' in text
    assert text.count(" required checked") == 1
    assert "new end 26 Dec" in text
    assert '<li aria-current="step">1 Choose</li>' in text


def test_asked_for_plan_is_preselected_when_the_line_may_have_it(
    own: Client, url: str, period: Period
) -> None:
    other = PlanVersionFactory.create(plan__brand=period.line.brand)
    text = read(own, f"{url}?plan={other.plan.sku}")
    assert f'value="{other.plan.sku}" required checked' in text


def test_ways_to_pay_name_method_and_sum(own: Client, url: str) -> None:
    text = read(own, url)
    assert 'value="card:THB" checked>Bank card ฿359<' in text
    assert 'value="card:CNY">Bank card ¥72<' in text


def test_suspended_line_pays_in_the_brand_s_currency_with_the_fee(own: Client, url: str) -> None:
    Line.objects.update(state="suspended")
    text = read(own, url)
    assert "Bank card ฿459" in text
    assert "card:CNY" not in text
    assert "Waking it costs ฿100 once" in text


def test_choice_without_javascript_arrives_at_the_summary(
    own: Client, url: str, version: PlanVersion
) -> None:
    sku = version.plan.sku
    answer = own.get(url, {"plan": sku, f"pay-{sku}": "card:CNY", "pay-OTHER": "card:THB"})
    assert answer.headers["Location"] == f"{url}?plan={sku}&pay=card%3ACNY"
    assert "¥72.00" in read(own, answer.headers["Location"])


def test_summary_states_everything_before_the_button(
    own: Client, url: str, choice: dict[str, str], period: Period
) -> None:
    text = read(own, f"{url}?plan={choice['plan']}&pay=card:THB")
    for words in (
        "Order summary",
        "+66 81 234 5678",
        "Monthly 20 GB",
        "27 Nov 00:00",
        "26 Dec 23:59 (Bangkok)",
        "right after the running plan; no day is lost",
        "Bank card",
        "฿359.00",
        "Tax included",
        "฿23.49",
        "Test mode",
    ):
        assert words in text
    assert 'data-testid="confirm-order">Confirm order · ฿359, until 26 Dec<' in text
    assert Order.objects.count() == 0


def test_summary_of_a_suspended_line_lists_the_fee(
    own: Client, url: str, choice: dict[str, str]
) -> None:
    Line.objects.update(state="suspended")
    text = read(own, f"{url}?plan={choice['plan']}&pay=card:THB")
    assert "Re-activation fee" in text
    assert "฿459.00" in text


def test_confirming_makes_one_order_and_goes_to_the_hosted_page(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str], customer: User
) -> None:
    answer = own.post(url, choice)
    payment = Payment.objects.select_related("order").get()
    assert answer.status_code == 303
    assert answer.headers["Location"] == payment.checkout_url
    assert payment.return_base == "http://testserver/"
    assert payment.order.customer == customer
    assert (payment.order.currency, payment.order.total_minor) == ("THB", 35_900)
    assert payment.order.language == "en"


def test_double_click_makes_one_order(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    first, second = own.post(url, choice), own.post(url, choice)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def test_changed_price_is_shown_again_instead_of_charged(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    answer = own.post(url, {**choice, "seen": "35800:2026-12-20"})
    assert answer.status_code == 200
    assert "Price or date has changed" in answer.content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_summary_s_own_promise_is_accepted(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    assert own.post(url, {**choice, "seen": "35900:2026-12-20"}).status_code == 303


def test_midnight_between_summary_and_click_is_noticed(
    own: Client,
    clock: time_machine.Traveller,
    sandbox: SandboxServer,
    url: str,
    choice: dict[str, str],
) -> None:
    clock.shift(timedelta(days=1))
    answer = own.post(url, {**choice, "seen": "35900:2026-12-20"})
    assert "until 21 Dec" in answer.content.decode()
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"plan": "NOTHING"},
        {"plan": ""},
        {"pay": ""},
        {"pay": "card"},
        {"pay": "card:thb"},
        {"pay": "card:JPY"},
        {"pay": "cash:THB"},
        {"plan": "x' OR 1=1", "pay": "card:THB\n"},
    ],
)
def test_wrong_choice_gets_a_sentence_and_no_order(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str], wrong: dict[str, str]
) -> None:
    for answer in (own.post(url, {**choice, **wrong}), own.get(url, {**choice, **wrong})):
        assert answer.status_code in {200, 409}
        assert 'role="alert"' in answer.content.decode()
        assert 'data-testid="confirm-order"' not in answer.content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


@pytest.mark.parametrize("kind", ["addon", "data_pack"])
def test_what_does_not_renew_a_line_cannot_be_ordered_here(
    own: Client, sandbox: SandboxServer, url: str, line: Line, kind: str
) -> None:
    plan = PlanFactory.create(brand=line.brand, kind=kind, sku="OTHER")
    PlanVersionFactory.create(plan=plan)
    assert own.post(url, {"plan": "OTHER", "pay": "card:THB"}).status_code == 409
    assert Order.objects.count() == 0


def test_plan_of_another_brand_or_withdrawn_cannot_be_ordered(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    PlanVersionFactory.create(plan=PlanFactory.create(sku="ELSEWHERE"))
    assert own.post(url, {**choice, "plan": "ELSEWHERE"}).status_code == 409
    Plan.objects.update(is_on_sale=False)
    assert own.post(url, choice).status_code == 409
    assert Order.objects.count() == 0


def test_refusal_is_told_in_words_and_nothing_is_written(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    Brand.objects.update(
        maintenance_from_at=NOW - timedelta(hours=1), maintenance_until_at=NOW + timedelta(hours=1)
    )
    answer = own.post(url, choice)
    assert answer.status_code == 409
    assert "The system is under maintenance." in answer.content.decode()
    assert "Until 21 Nov 11:00 (Bangkok) you can look at everything" in answer.content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_unreachable_provider_keeps_the_order_and_says_so(
    own: Client, url: str, choice: dict[str, str], settings: LazySettings
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = own.post(url, choice, follow=True)
    order = Order.objects.get()
    assert answer.redirect_chain == [(f"/orders/{order.number}/", 303)]
    assert "Nothing was charged and your order is kept" in answer.content.decode()
    assert order.state == Order.State.AWAITING_PAYMENT


def test_visitor_and_stranger_can_order_nothing(
    client: Client, stranger: Client, url: str, choice: dict[str, str]
) -> None:
    assert client.post(url, choice).headers["Location"].startswith("/accounts/login/")
    assert stranger.post(url, choice).status_code == 404
    assert Order.objects.count() == 0


def test_own_line_of_another_customer_s_brand_is_not_mixed_up(
    own: Client, sandbox: SandboxServer, choice: dict[str, str], line: Line
) -> None:
    other = LineFactory.create(customer=line.customer)
    answer = own.post(f"/lines/{other.public_id}/renew/", choice)
    assert answer.status_code == 409
    assert Order.objects.count() == 0


def test_order_in_yuan_is_charged_in_yuan(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str]
) -> None:
    assert own.post(url, {**choice, "pay": "card:CNY"}).status_code == 303
    order = Order.objects.get()
    assert (order.currency, order.total_minor) == ("CNY", 7_200)


def test_hosted_page_is_asked_once(
    own: Client,
    order_for: Callable[..., Order],
    sandbox: SandboxServer,
    line: Line,
    url: str,
    choice: dict[str, str],
) -> None:
    order_for(line)
    own.post(url, choice)
    assert [seen[0] for seen in sandbox.requests] == ["POST"]


def test_plans_stand_under_the_headings_of_the_catalogue(
    own: Client, url: str, line: Line, period: Period
) -> None:
    PlanVersionFactory.create(
        plan=PlanFactory.create(brand=line.brand, kind="data_pack"), early_renewal="parallel"
    )
    PlanVersionFactory.create(plan=PlanFactory.create(brand=line.brand, kind="year"))
    text = read(own, url)
    headings = re.findall(r'<h3 id="family-\d">([^<]+)</h3>', text)
    assert headings == ["Monthly plans", "Annual offers", "Data packs"]
    assert "It runs beside the plan and does not extend it." in text


def test_each_plan_says_why_it_cannot_be_had(own: Client, url: str, line: Line) -> None:
    PlanVersionFactory.create(
        plan=PlanFactory.create(brand=line.brand, kind="addon", sku="ADD"),
        early_renewal="parallel",
    )
    text = read(own, url)
    assert "An add-on needs a running plan." in text
    assert 'value="ADD" required disabled' in text


@pytest.fixture
def replacing(line: Line) -> dict[str, str]:
    """The choice of a plan that replaces the running one, of which 100 MB are left."""
    period = PeriodFactory.create(line=line, start_at=NOW - timedelta(days=20))
    BucketFactory.create(period=period, used=20 * 1024**3 - 100 * 1024**2)
    plan = PlanFactory.create(brand=line.brand, sku="TOURIST")
    PlanVersionFactory.create(plan=plan, early_renewal="replace", name_en="Tourist")
    return {"plan": "TOURIST", "pay": "card:THB", "seen": "35900:2026-12-20:1"}


def test_summary_shows_what_would_be_lost_before_the_button(
    own: Client, url: str, replacing: dict[str, str]
) -> None:
    text = read(own, f"{url}?plan=TOURIST&pay=card:THB")
    for words in (
        "You lose the rest of the running period",
        "Monthly 20 GB would last until 1 Dec.",
        "100 MB",
        "11 days",
        "I agree to lose this",
        "It begins at once and ends the running period.",
    ):
        assert words in text
    assert text.index('name="agree"') < text.index('data-testid="confirm-order"')


def test_loss_that_was_not_agreed_to_makes_no_order_and_loses_no_choice(
    own: Client, sandbox: SandboxServer, url: str, replacing: dict[str, str]
) -> None:
    text = own.post(url, replacing).content.decode()
    assert 'id="agree-error" role="alert">Please tick the box first.' in text
    assert 'value="TOURIST"' in text
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_loss_that_was_agreed_to_is_kept_in_the_order(
    own: Client, sandbox: SandboxServer, url: str, replacing: dict[str, str]
) -> None:
    assert own.post(url, {**replacing, "agree": "on"}).status_code == 303
    item = Order.objects.get().lines.get()
    assert (item.mode, item.replaces) == ("replace", Period.objects.get())


def test_box_of_another_plan_agrees_to_nothing(
    own: Client, sandbox: SandboxServer, url: str, choice: dict[str, str], period: Period
) -> None:
    assert "I agree" not in read(own, f"{url}?plan={choice['plan']}&pay=card:THB")
    assert own.post(url, {**choice, "agree": "on"}).status_code == 303
    assert Order.objects.get().lines.get().mode == "queue"


def test_stacked_days_are_said_to_be_added(
    own: Client, url: str, choice: dict[str, str], period: Period
) -> None:
    PlanVersion.objects.update(early_renewal="stack")
    text = read(own, f"{url}?plan={choice['plan']}&pay=card:THB")
    assert "The days are added to the running period; the data can be used at once." in text


def test_stepper_marks_the_screen_one_is_on(own: Client, url: str, choice: dict[str, str]) -> None:
    text = read(own, f"{url}?plan={choice['plan']}&pay=card:THB")
    assert '<li aria-current="step">2 Order summary</li>' in text
    assert text.count('aria-current="step"') == 1
