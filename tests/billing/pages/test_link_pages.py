"""The page behind a renewal link: what it shows, whom it lets in, and what it keeps to itself."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from billing.models import Order
from billing.sandbox.server import SandboxServer
from plans.models import Brand, Line, Period, Plan, PlanVersion
from plans.renewal_links import renewal_token
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.factories import LineFactory, PeriodFactory, PlanVersionFactory, UserFactory

pytestmark = pytest.mark.django_db

WRONG = "/r/9-0123456789ABC/"


def order_form(text: str) -> dict[str, str]:
    """What the page's own form would send."""
    fields = re.findall(r'<input type="hidden" name="(pay|seen)" value="([^"]+)">', text)
    return dict(fields)


def test_page_shows_line_plan_price_and_new_end_without_log_in(visitor: Client, link: str) -> None:
    text = read(visitor, link)
    for words in (
        "Renew the line ending 5678",
        "Monthly 20 GB",
        "26 Nov 23:59 (Bangkok)",
        "27 Nov 00:00",
        "26 Dec 23:59 (Bangkok)",
        "฿359.00",
        "฿23.49",
        "Bank card",
        "Not yours? Close this page.",
    ):
        assert words in text
    assert 'data-testid="confirm-order">Confirm order · ฿359, until 26 Dec<' in text
    assert text.count('class="btn btn--wide"') == 1
    assert Order.objects.count() == 0


def test_page_tells_nothing_about_the_owner(
    visitor: Client, link: str, line: Line, customer: User
) -> None:
    text = read(visitor, link)
    private = (line.msisdn, "81 234", customer.name, customer.email, line.public_id, "6.8 GB")
    assert [one for one in private if one and one in text] == []
    assert "/orders/" not in text


def test_address_is_kept_from_caches_engines_and_other_hosts(visitor: Client, link: str) -> None:
    page = visitor.get(link)
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_page_speaks_the_reader_s_language_and_wears_the_brand(client: Client, link: str) -> None:
    page = client.get(link, headers={"Accept-Language": "zh-CN"}).content.decode()
    assert '<html lang="zh-Hans" data-brand="jade">' in page
    assert "月度套餐 20GB" in page
    assert f'name="next" value="{link}"' in page


def test_other_ways_to_pay_are_one_tap_away(visitor: Client, link: str) -> None:
    assert 'href="?pay=card:CNY">Bank card ¥72</a>' in read(visitor, link)
    text = read(visitor, f"{link}?pay=card:CNY")
    assert "Confirm order · ¥72, until 26 Dec" in text
    assert order_form(text) == {"pay": "card:CNY", "seen": "7200:2026-12-26"}


@pytest.mark.parametrize("pay", ["card:JPY", "x", "' OR 1=1", "card:THB\n"])
def test_unknown_way_to_pay_shows_the_brand_s_own(visitor: Client, link: str, pay: str) -> None:
    assert "Confirm order · ฿359" in visitor.get(link, {"pay": pay}).content.decode()


@pytest.mark.parametrize("path", ["", "state/", "return/"])
@pytest.mark.parametrize("token", ["{token}x", "x{token}", "9-0123456789ABC", "-", "1", "%00"])
def test_forged_link_is_our_404_page_with_the_way_in(
    visitor: Client, period: Period, token: str, path: str
) -> None:
    page = visitor.get(f"/r/{token.format(token=renewal_token(period))}/{path}")
    assert page.status_code == 404
    text = page.content.decode()
    assert "This link no longer works" in text
    assert 'href="/accounts/login/">Log in</a>' in text
    assert "ending" not in text


def test_link_dies_fifteen_days_after_its_period(
    visitor: Client, clock: time_machine.Traveller, link: str, period: Period
) -> None:
    clock.move_to(period.end_at + timedelta(days=14, hours=23))
    assert visitor.get(link).status_code == 200
    clock.shift(timedelta(hours=2))
    assert visitor.get(link).status_code == 404


@pytest.mark.parametrize("owners", [0, 1])
def test_link_dies_when_the_line_changes_hands(
    visitor: Client, link: str, line: Line, owners: int
) -> None:
    line.customer = UserFactory.create() if owners else None
    line.save()
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, {"pay": "card:THB"}).status_code == 404
    assert Order.objects.count() == 0


def test_link_of_a_line_without_owner_opens_nothing(visitor: Client, version: PlanVersion) -> None:
    period = PeriodFactory.create(
        line=LineFactory.create(brand=version.plan.brand, customer=None), version=version
    )
    assert visitor.get(f"/r/{renewal_token(period)}/").status_code == 404


def test_many_wrong_links_are_slowed_down_and_right_ones_still_open(
    visitor: Client, link: str
) -> None:
    assert {visitor.get(WRONG).status_code for _ in range(30)} == {404}
    refused = visitor.get(WRONG)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert "Too many attempts" in refused.content.decode()
    assert visitor.get(link).status_code == 200
    assert Client(REMOTE_ADDR="10.1.2.3").get(WRONG).status_code == 404


def test_wrong_links_count_for_ten_minutes(visitor: Client, clock: time_machine.Traveller) -> None:
    for _ in range(31):
        visitor.get(WRONG)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert visitor.get(WRONG).status_code == 404


def test_current_version_is_sold_whatever_the_period_was(
    visitor: Client, link: str, version: PlanVersion
) -> None:
    PlanVersionFactory.create(plan=version.plan, name_en="Monthly 25 GB", prices={"THB": 39_900})
    text = read(visitor, link)
    assert "Confirm order · ฿399" in text
    assert "Monthly 25 GB" in text


def test_suspended_line_pays_its_fee_by_the_link(visitor: Client, link: str) -> None:
    Line.objects.update(state="suspended")
    text = read(visitor, link)
    assert "Re-activation fee" in text
    assert "฿459.00" in text
    assert "card:CNY" not in text


def test_withdrawn_plan_is_not_replaced_by_another(
    visitor: Client, sandbox: SandboxServer, link: str
) -> None:
    Plan.objects.update(is_on_sale=False)
    text = read(visitor, link)
    assert "This plan is no longer on sale." in text
    assert "Log in to choose another plan" in text
    assert 'data-testid="confirm-order"' not in text
    assert visitor.post(link, {"pay": "card:THB"}).status_code == 409
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_maintenance_is_said_with_its_end_and_takes_no_order(
    visitor: Client, sandbox: SandboxServer, link: str
) -> None:
    Brand.objects.update(
        maintenance_from_at=NOW - timedelta(hours=1), maintenance_until_at=NOW + timedelta(hours=1)
    )
    assert "Renewals open again on 21 Nov 11:00." in read(visitor, link)
    answer = visitor.post(link, {"pay": "card:THB"})
    assert answer.status_code == 409
    assert "The system is under maintenance." in answer.content.decode()
    assert Order.objects.count() == 0


@pytest.mark.parametrize("missing", ["identity", "phone"])
def test_what_is_missing_in_the_account_is_not_told_to_others(
    visitor: Client, link: str, missing: str
) -> None:
    if missing == "identity":
        PlanVersion.objects.update(identity_required=True)
    else:
        Brand.objects.update(phone_required=True)
    text = read(visitor, link)
    assert "This plan cannot be renewed by this link." in text
    assert "Something has to be put right in the account first" in text
    for private in ("identity", "Identity", "phone number"):
        assert private not in text
    assert visitor.post(link, {"pay": "card:THB"}).status_code == 409
    assert Order.objects.count() == 0


def test_plan_without_a_way_to_pay_is_said_to_have_none(visitor: Client, link: str) -> None:
    Brand.objects.update(payment_methods=[])
    text = read(visitor, link)
    assert "There is no way to pay it here." in text
    assert 'data-testid="confirm-order"' not in text


def test_line_renewed_otherwise_needs_no_payment(
    visitor: Client, sandbox: SandboxServer, link: str, period: Period
) -> None:
    PeriodFactory.create(line=period.line, version=period.version, start_at=period.end_at)
    text = read(visitor, link)
    assert "This line has been renewed already; it runs until 26 Dec." in text
    assert 'data-testid="confirm-order"' not in text
    assert "This line has been renewed" in visitor.post(link, {"pay": "card:THB"}).content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


def test_cancelled_or_parallel_periods_are_no_renewal(
    visitor: Client, link: str, period: Period
) -> None:
    later = {"line": period.line, "version": period.version, "start_at": period.end_at}
    PeriodFactory.create(**later, state=Period.State.CANCELLED)
    PeriodFactory.create(**later, is_parallel=True)
    assert "Confirm order" in read(visitor, link)


def test_pack_beside_the_plan_is_renewed_beside_it(visitor: Client, period: Period) -> None:
    pack = PlanVersionFactory.create(
        plan__brand=period.line.brand, plan__kind="data_pack", early_renewal="parallel"
    )
    bought = PeriodFactory.create(
        line=period.line, version=pack, is_parallel=True, start_at=NOW - timedelta(days=1)
    )
    text = read(visitor, f"/r/{renewal_token(bought)}/")
    assert "It runs beside the plan and does not extend it." in text
    PeriodFactory.create(
        line=period.line, version=pack, is_parallel=True, start_at=bought.start_at + timedelta(1)
    )
    assert "renewed already" in read(visitor, f"/r/{renewal_token(bought)}/")


def test_somebody_who_is_logged_in_sees_the_same_page(stranger: Client, link: str) -> None:
    stranger.cookies["django_language"] = "en"
    text = read(stranger, link)
    assert "Renew the line ending 5678" in text
    assert 'class="tabs"' not in text


def test_page_needs_few_queries(
    visitor: Client, link: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(10):
        visitor.get(link)


def test_words_that_a_phone_took_for_a_part_of_the_address_lead_to_the_link(
    visitor: Client, link: str
) -> None:
    for tail in ("，也可自行打开网站登录。我们不会索要密码或验证码。", "，"):
        assert visitor.get(f"{link}{tail}").headers["Location"] == link
    assert visitor.get(f"{link}orders").status_code == 404
