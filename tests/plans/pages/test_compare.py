"""The comparison: two to four plans side by side, and words for every other number."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from plans.models import Plan
from tests.factories import BrandFactory
from tests.plans.pages.selling import read, sell, words

Headers = dict[str, str]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """Six plans in baht, one in pounds."""
    hongka = BrandFactory.create(name_en="Hongka")
    for number in range(1, 7):
        sell(hongka, f"HK-{number}", name_en=f"Plan {number}")
    sell(
        BrandFactory.create(name_en="Laika", currency="GBP", refund_days=0, tax_included=False),
        "LK-1",
        "voice",
        name_en="Talk",
        allowances={"voice": None},
        prices={"GBP": 520},
        after_limit="pay",
        pay_rate="0.10/min",
        early_renewal="stack",
        zones=["GB"],
        identity_required=True,
    )


def test_plans_stand_side_by_side_in_the_order_chosen(client: Client, en: Headers) -> None:
    said = words(read(client, "/plans/compare/?sku=LK-1&sku=HK-2", en))
    for row in (
        "Price £5.20 plus 7 % tax ฿359 tax included",
        "Other currencies – none ¥72",
        "Validity 30 days 30 days",
        "Data – none 20 GB",
        "Calls unlimited calls 60 minutes",
        "Texts – none 60 texts",
        "Price per GB – none ฿17.95",
        "Price per day £0.17 ฿11.97",
        "When it is used up is paid from the line's balance: 0.10/min slows down to 384 kbit/s",
        "If you renew early added to the running period starts when the running period ends",
        "Works in United Kingdom Thailand",
        "Identity check needed before you buy not needed",
        "If you change your mind no refund 14 days",
    ):
        assert row in said
    assert "priced in different currencies" in said


def test_prices_of_one_currency_need_no_warning(client: Client, en: Headers) -> None:
    assert "different currencies" not in read(client, "/plans/compare/?sku=HK-1&sku=HK-2", en)


def test_comparison_takes_the_currency_of_the_catalogue(client: Client, en: Headers) -> None:
    said = words(read(client, "/plans/compare/?sku=HK-1&sku=HK-2&currency=CNY", en))
    assert "Price ¥72 tax included ¥72 tax included" in said
    assert "Other currencies ฿359 ฿359" in said


@pytest.mark.parametrize(
    "query", ["", "?sku=", "?sku=NOTHING", "?sku=%00&currency=%00", "?sku=A%00B"]
)
def test_nothing_to_compare_leads_back_to_the_catalogue(
    client: Client, en: Headers, query: str
) -> None:
    page = read(client, f"/plans/compare/{query}", en)
    assert "Nothing to compare yet" in page
    assert "<table" not in page


def test_one_plan_asks_for_another(client: Client, en: Headers) -> None:
    page = read(client, "/plans/compare/?sku=HK-1&sku=HK-1", en)
    assert "One plan alone is no comparison." in page
    assert page.count('scope="col"') == 1


def test_fifth_plan_is_left_out_by_name(client: Client, en: Headers) -> None:
    skus = "&".join(f"sku=HK-{number}" for number in range(1, 7))
    page = read(client, f"/plans/compare/?{skus}", en)
    assert page.count('scope="col"') == 4
    assert "Left out: HK-5, HK-6" in words(page)


def test_unknown_plan_is_named_and_the_others_are_shown(client: Client, en: Headers) -> None:
    page = read(client, "/plans/compare/?sku=HK-1&sku=%3Cb%3E&sku=HK-2", en)
    assert "There is no such plan: &lt;b&gt;" in page
    assert page.count('scope="col"') == 2


def test_withdrawn_plan_can_still_be_compared(client: Client, en: Headers) -> None:
    Plan.objects.filter(sku="HK-1").update(is_on_sale=False)
    said = words(read(client, "/plans/compare/?sku=HK-1&sku=HK-2", en))
    assert "Plan 1 no longer on sale" in said


def test_comparison_costs_three_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        client.get("/plans/compare/?sku=HK-1&sku=HK-2&sku=HK-3&sku=LK-1")


def test_catalogue_leads_to_the_comparison(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?currency=CNY", en)
    form = page.partition('<form class="pick"')[2].partition("</form>")[0]
    assert 'action="/plans/compare/" method="get"' in form
    assert '<input type="hidden" name="currency" value="CNY">' in form
    assert '<input type="checkbox" name="sku" value="HK-1" form="compare">' in page
