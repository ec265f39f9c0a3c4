"""Catalogue, plan page and brand page: open to everyone, honest about what can be bought."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from plans.models import Brand, Plan
from tests.factories import BrandFactory, LineFactory, PlanFactory, PlanVersionFactory, UserFactory

Headers = dict[str, str]

pytestmark = pytest.mark.django_db


def sell(brand: Brand, sku: str, kind: str = "plan", **terms: object) -> Plan:
    """Put a plan on sale."""
    return PlanVersionFactory.create(
        plan=PlanFactory.create(brand=brand, sku=sku, kind=kind), **terms
    ).plan


@pytest.fixture
def hongka() -> Brand:
    """A brand that sells one monthly plan."""
    brand = BrandFactory.create(slug="hongka", name_en="Hongka")
    sell(brand, "HK-M-30", name_en="Monthly 20 GB")
    return brand


def read(client: Client, url: str, headers: Headers) -> str:
    page = client.get(url, headers=headers)
    assert page.status_code == 200
    return page.content.decode()


def test_catalogue_shows_price_per_day_and_per_gb(
    client: Client, en: Headers, hongka: Brand
) -> None:
    text = read(client, "/plans/", en)
    for words in ("Monthly 20 GB", "฿359", "฿17.95 per GB", "฿11.97 per day", "Monthly plans"):
        assert words in text


def test_catalogue_narrows_by_brand_and_family(client: Client, en: Headers, hongka: Brand) -> None:
    sell(hongka, "HK-Q-90", "quarter", name_en="Quarter 60 GB")
    sell(BrandFactory.create(slug="laika"), "LK-S-30", name_en="UK Small")
    text = read(client, "/plans/?brand=hongka", en)
    assert "Quarter 60 GB" in text
    assert "UK Small" not in text
    text = read(client, "/plans/?brand=hongka&family=quarter", en)
    assert "Quarter 60 GB" in text
    assert "Monthly 20 GB" not in text


def test_plain_plan_beside_mixed_ones_is_called_basic(client: Client, en: Headers) -> None:
    brand = BrandFactory.create(slug="tuodian")
    sell(brand, "TD-1")
    sell(brand, "TD-5", "mixed")
    text = read(client, "/plans/?brand=tuodian", en)
    assert "Basic data plans" in text
    assert "Mixed plans" in text
    assert "Monthly plans" not in text


@pytest.mark.parametrize("query", ["brand=nobody", "family=nothing", "brand=<script>"])
def test_unknown_filter_finds_nothing_and_says_so(
    client: Client, en: Headers, hongka: Brand, query: str
) -> None:
    text = read(client, f"/plans/?{query}", en)
    assert "Nothing like that is on sale" in text
    assert "<script>" not in text


def test_withdrawn_plan_leaves_the_catalogue_and_keeps_its_page(
    client: Client, en: Headers, hongka: Brand
) -> None:
    Plan.objects.update(is_on_sale=False)
    assert "Monthly 20 GB" not in read(client, "/plans/", en)
    assert "This plan is no longer on sale." in read(client, "/plans/HK-M-30/", en)


def test_catalogue_costs_the_same_queries_for_many_plans(
    client: Client, hongka: Brand, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        sell(hongka, f"P-{number}")
    with django_assert_num_queries(4):
        client.get("/plans/")


def test_plan_page_states_the_terms(client: Client, en: Headers, hongka: Brand) -> None:
    text = read(client, "/plans/HK-M-30/", en)
    for words in (
        "฿359",
        "¥72",
        "30 days",
        "The day it begins counts as the first day; it ends at midnight, Bangkok time.",
        "slows down to 384 kbit/s; nothing is charged on top",
        "60 minutes",
        "60 texts",
        "Thailand",
        "14 days, as long as nothing of it has been used",
    ):
        assert words in text


def test_plan_page_of_a_brand_without_change_of_mind_says_so(client: Client, en: Headers) -> None:
    sell(BrandFactory.create(refund_days=0), "X-1", identity_required=True)
    text = read(client, "/plans/X-1/", en)
    assert "no refund" in text
    assert "needed before you buy" in text


def test_visitor_is_led_to_the_log_in_and_back(client: Client, en: Headers, hongka: Brand) -> None:
    assert 'href="/accounts/login/?next=/plans/HK-M-30/"' in read(client, "/plans/HK-M-30/", en)


def test_customer_is_offered_only_own_lines_of_the_brand(
    client: Client, en: Headers, hongka: Brand
) -> None:
    mine = LineFactory.create(brand=hongka)
    assert mine.customer is not None
    others = LineFactory.create(brand=hongka)
    elsewhere = LineFactory.create(customer=mine.customer)
    client.force_login(mine.customer)
    text = read(client, "/plans/HK-M-30/", en)
    assert f"/lines/{mine.public_id}/renew/?plan=HK-M-30" in text
    assert others.public_id not in text
    assert elsewhere.public_id not in text


def test_customer_without_a_line_of_the_brand_is_told(
    client: Client, en: Headers, hongka: Brand
) -> None:
    client.force_login(UserFactory.create())
    assert "Your account has no line of Hongka" in read(client, "/plans/HK-M-30/", en)


@pytest.mark.parametrize("kind", ["data_pack", "addon", "topup", "keepalive"])
def test_what_cannot_be_bought_yet_is_shown_and_says_so(
    client: Client, en: Headers, hongka: Brand, kind: str
) -> None:
    sell(hongka, "X-1", kind)
    customer = UserFactory.create()
    LineFactory.create(brand=hongka, customer=customer)
    client.force_login(customer)
    text = read(client, "/plans/X-1/", en)
    assert "This cannot be bought online yet." in text
    assert "/renew/?plan=X-1" not in text


def test_unknown_plan_or_brand_is_not_found(client: Client, hongka: Brand) -> None:
    PlanFactory.create(sku="DRAFT")
    for url in ("/plans/NOTHING/", "/plans/DRAFT/", "/b/nobody/"):
        assert client.get(url).status_code == 404


def test_brand_page_tells_who_it_is_and_what_it_sells(
    client: Client, en: Headers, hongka: Brand
) -> None:
    text = read(client, "/b/hongka/", en)
    for words in ("Hongka", "Physical SIM", "9123", "9000", "help@brand.example", "Monthly 20 GB"):
        assert words in text
