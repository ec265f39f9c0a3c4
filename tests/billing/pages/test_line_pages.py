"""My account and the dashboard: true data, own lines only, a fixed number of queries."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing.models import Order
from billing.selectors.lines import dashboard
from billing.services.quotes import quote_renewal
from plans.models import Brand, Line, Period, Plan, PlanVersion
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.factories import (
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
    ReminderFactory,
    UsageDayFactory,
)

MaxQueries = Callable[..., Any]

pytestmark = pytest.mark.django_db


def renew_hook(text: str) -> str:
    """The element behind data-testid="renew"."""
    found = re.search(
        r'<(?:a|button)[^>]*data-testid="renew"[^>]*>(.*?)</(?:a|button)>', text, re.DOTALL
    )
    assert found
    return found.group(0)


@pytest.mark.parametrize("url", ["/lines/", "/lines/{line}/", "/lines/{line}/renew/"])
def test_visitor_is_sent_to_the_log_in(client: Client, line: Line, url: str) -> None:
    url = url.format(line=line.public_id)
    answer = client.get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={url}")


def test_stranger_does_not_even_learn_that_the_line_exists(stranger: Client, line: Line) -> None:
    assert stranger.get(f"/lines/{line.public_id}/").status_code == 404
    assert stranger.get(f"/lines/{line.public_id}/renew/").status_code == 404
    assert line.public_id not in read(stranger, "/lines/")


def test_account_without_lines_says_how_to_begin(stranger: Client) -> None:
    stranger.cookies["django_language"] = "en"
    text = read(stranger, "/lines/")
    assert "No line belongs to this account yet" in text
    assert 'href="/lines/add/"' in text
    assert 'href="/plans/"' in text
    assert 'data-testid="line-card"' not in text


def test_account_page_shows_each_line_with_state_rest_and_end(
    own: Client, line: Line, period: Period
) -> None:
    LineFactory.create(customer=line.customer, state="suspended")
    text = read(own, "/lines/")
    assert 'href="/lines/add/"' in text
    assert text.count('data-testid="line-card"') == 2
    for words in ("Ends soon", "Monthly 20 GB", "6.8 GB", "20 minutes", "Unlimited", "฿0.00"):
        assert words in text
    assert "26 Nov 23:59 (Bangkok)" in text
    assert "Suspended" in text
    assert "Renewing wakes it." in text


def test_account_page_shows_who_is_logged_in_without_the_whole_number(
    own: Client, customer: User
) -> None:
    customer.phone, customer.phone_verified_at = "+66899990000", NOW
    customer.save()
    text = read(own, "/lines/")
    assert "ending 0000" in text
    assert "+66899990000" not in text
    assert "not yet passed" in text


def test_dashboard_tells_what_is_left_and_until_when(
    own: Client, line: Line, period: Period
) -> None:
    text = read(own, f"/lines/{line.public_id}/")
    assert "Wang Fang, your plan ends soon" in text
    assert 'data-testid="line-expiry" datetime="2026-11-26T17:00:00+00:00">Thu 26 Nov 23:59' in text
    assert "Plan time left" in text
    assert "<b>6</b>" in text
    assert 'aria-label="Data left: 6.8 GB of 20 GB left"' in text
    assert 'aria-label="Texts: unlimited"' in text
    assert "24 of 30 days used" in text
    assert 'data-testid="line-balance">฿0.00<' in text
    assert text.count('<rect class="tick--') == 30


def test_renew_button_promises_price_and_new_end_and_leads_to_the_summary(
    own: Client, line: Line, period: Period, version: PlanVersion
) -> None:
    button = renew_hook(read(own, f"/lines/{line.public_id}/"))
    assert "Renew ฿359, until 26 Dec" in button
    assert f"/lines/{line.public_id}/renew/?plan={version.plan.sku}&amp;pay=card:THB" in button


@pytest.mark.parametrize("state", ["active", "grace", "suspended"])
def test_every_offer_promises_what_the_quote_says(line: Line, customer: User, state: str) -> None:
    Line.objects.update(state=state)
    Brand.objects.update(tax_included=False)
    PlanVersionFactory.create(plan__brand=line.brand, validity_count=1, validity_unit="month")
    page = dashboard(customer, line.public_id, now=NOW)
    assert page is not None
    line.refresh_from_db()
    for offer in page.renewing.offers:
        quote = quote_renewal(line=line, version=offer.card.version, currency="THB", now=NOW)
        promised = (offer.total_minor, offer.starts_at, offer.ends_at)
        assert promised == (quote.total_minor, quote.starts_at, quote.ends_at)
    assert len(page.renewing.offers) == 2


def test_only_renewing_plans_on_sale_are_offered(own: Client, line: Line) -> None:
    PlanVersionFactory.create(plan=PlanFactory.create(brand=line.brand, kind="addon", sku="ADD"))
    PlanVersionFactory.create(
        plan=PlanFactory.create(brand=line.brand, sku="OLD", is_on_sale=False)
    )
    PlanVersionFactory.create(plan=PlanFactory.create(sku="ELSEWHERE"))
    text = read(own, f"/lines/{line.public_id}/")
    assert text.count('data-testid="plan-option"') == 1
    for sku in ("ADD", "OLD", "ELSEWHERE"):
        assert f'value="{sku}"' not in text


def test_suspended_line_offers_re_activation_with_the_fee(own: Client, line: Line) -> None:
    Line.objects.update(state="suspended", valid_until=datetime(2026, 11, 1, 17, tzinfo=UTC))
    text = read(own, f"/lines/{line.public_id}/")
    assert "Re-activate ฿459, until 20 Dec" in renew_hook(text)
    assert "Number kept until" in text
    assert 'datetime="2026-12-31T17:00:00+00:00"' in text


def test_waiting_periods_are_listed(own: Client, line: Line, period: Period) -> None:
    PeriodFactory.create(line=line, version=period.version, start_at=period.end_at)
    text = read(own, f"/lines/{line.public_id}/")
    assert "Paid for and waiting" in text
    assert "26 Dec 23:59 (Bangkok)" in text
    assert "Renew ฿359, until 25 Jan 2027" in renew_hook(text)


def test_refused_renewal_stays_visible_with_reason_and_next_step(own: Client, line: Line) -> None:
    Brand.objects.update(
        maintenance_from_at=NOW - timedelta(hours=1), maintenance_until_at=NOW + timedelta(hours=1)
    )
    for url in ("/lines/", f"/lines/{line.public_id}/"):
        text = read(own, url)
        assert "disabled" in renew_hook(text)
        assert "The system is under maintenance." in text
        assert "Renewals open again on 21 Nov 11:00." in text


def test_plan_that_needs_an_identity_check_is_shown_with_the_reason(
    own: Client, line: Line, version: PlanVersion
) -> None:
    PlanVersion.objects.update(identity_required=True)
    text = read(own, f"/lines/{line.public_id}/")
    assert "Your identity has not been verified." in text
    assert re.search(rf'value="{version.plan.sku}" required disabled', text)


def test_brand_without_plans_says_so(own: Client, line: Line) -> None:
    Plan.objects.update(is_on_sale=False)
    text = read(own, f"/lines/{line.public_id}/")
    assert "This brand sells no plan at the moment." in text
    assert "disabled" in renew_hook(text)


def test_latest_orders_of_this_line_are_listed(own: Client, line: Line, order: Order) -> None:
    text = read(own, f"/lines/{line.public_id}/")
    assert f'href="/orders/{order.number}/"' in text
    assert "Waiting for your payment" in text


def test_order_of_another_customer_for_the_line_is_not_listed(
    own: Client, line: Line, order: Order
) -> None:
    Order.objects.update(customer=LineFactory.create().customer)
    assert order.number not in read(own, f"/lines/{line.public_id}/")


@pytest.mark.parametrize("others", [0, 99])
def test_dashboard_costs_eight_queries_however_many_lines(
    own: Client,
    line: Line,
    period: Period,
    order: Order,
    others: int,
    django_assert_max_num_queries: MaxQueries,
) -> None:
    LineFactory.create_batch(others, customer=line.customer, brand=line.brand)
    UsageDayFactory.create(line=line)
    ReminderFactory.create(period=period, state="queued")
    stacked = PeriodFactory.create(line=line, start_at=period.end_at, is_stacked=True)
    pack = PeriodFactory.create(line=line, start_at=NOW, is_parallel=True)
    for bought in (stacked, pack):
        BucketFactory.create(period=bought, valid_from=NOW)
    with django_assert_max_num_queries(8):
        assert own.get(f"/lines/{line.public_id}/").status_code == 200


def test_list_costs_the_same_queries_with_a_hundred_lines(
    own: Client, line: Line, period: Period, django_assert_max_num_queries: MaxQueries
) -> None:
    LineFactory.create_batch(99, customer=line.customer, brand=line.brand)
    with django_assert_max_num_queries(4):
        assert own.get("/lines/").content.count(b'data-testid="line-card"') == 100
