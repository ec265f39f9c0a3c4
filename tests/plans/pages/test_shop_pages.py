"""Catalogue and plan page: open to everyone, honest about what can be bought."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from plans.models import Brand, Plan
from tests.factories import BrandFactory, LineFactory, PlanFactory, UserFactory
from tests.plans.pages.selling import GB, read, sell, skus, words

Headers = dict[str, str]

pytestmark = pytest.mark.django_db


@pytest.fixture
def hongka() -> Brand:
    """A brand that sells one monthly plan."""
    brand = BrandFactory.create(slug="hongka", name_en="Hongka")
    sell(brand, "HK-M-30", name_en="Monthly 20 GB")
    return brand


def test_catalogue_shows_price_per_day_and_per_gb(
    client: Client, en: Headers, hongka: Brand
) -> None:
    said = words(read(client, "/plans/", en))
    for text in ("Monthly 20 GB", "฿359", "฿17.95 per GB", "฿11.97 per day", "Monthly plans"):
        assert text in said


@pytest.mark.parametrize(
    ("kind", "terms", "absent"),
    [
        ("plan", {"allowances": {"data": None}}, "per GB"),
        ("voice", {"allowances": {"voice": 3600}}, "per GB"),
        ("plan", {"validity_count": 1, "validity_unit": "month"}, "per day"),
        ("topup", {"allowances": {}}, "per day"),
        ("keepalive", {"allowances": {}}, "per GB"),
    ],
)
def test_what_has_no_unit_price_shows_none(
    client: Client, en: Headers, kind: str, terms: dict[str, object], absent: str
) -> None:
    sell(BrandFactory.create(), "X-1", kind, **terms)
    page = read(client, "/plans/", en)
    assert skus(page) == ["X-1"]
    assert f"{absent}</span>" not in page


def test_quarter_says_what_it_saves_against_three_months(
    client: Client, en: Headers, hongka: Brand
) -> None:
    allowances = {"data": 60 * GB}
    sell(
        hongka, "HK-Q", "quarter", validity_count=90, allowances=allowances, prices={"THB": 97_900}
    )
    assert "Saves ฿98 against 3 × Monthly 20 GB" in words(read(client, "/plans/", en))
    assert "Saves ฿98 against 3 × Monthly 20 GB" in words(read(client, "/plans/HK-Q/", en))


def test_dearer_or_different_quarter_boasts_of_nothing(
    client: Client, en: Headers, hongka: Brand
) -> None:
    more = {"data": 61 * GB}
    sell(hongka, "HK-Q1", "quarter", validity_count=90, allowances=more, prices={"THB": 97_900})
    same = {"data": 60 * GB}
    sell(hongka, "HK-Q2", "quarter", validity_count=90, allowances=same, prices={"THB": 107_700})
    assert "Saves" not in words(read(client, "/plans/", en))


def test_plain_plan_beside_mixed_ones_is_called_basic(client: Client, en: Headers) -> None:
    brand = BrandFactory.create(slug="tuodian")
    sell(brand, "TD-1")
    sell(brand, "TD-5", "mixed")
    page = read(client, "/plans/?brand=tuodian", en)
    assert "Basic data plans" in page
    assert "Mixed plans" in page
    assert "Monthly plans" not in page
    # The name of a family holds however the list is narrowed.
    assert skus(read(client, "/plans/?brand=tuodian&family=basic", en)) == ["TD-1"]


def test_plan_of_several_countries_names_them_on_its_card(client: Client, en: Headers) -> None:
    sell(BrandFactory.create(region="US"), "X-1", "cross_border", zones=["US", "CN"])
    assert "United States China" in words(read(client, "/plans/", en))


def test_withdrawn_plan_leaves_the_catalogue_and_keeps_its_page(
    client: Client, en: Headers, hongka: Brand
) -> None:
    Plan.objects.update(is_on_sale=False)
    customer = UserFactory.create()
    LineFactory.create(brand=hongka, customer=customer)
    client.force_login(customer)
    assert skus(read(client, "/plans/", en)) == []
    page = read(client, "/plans/HK-M-30/", en)
    assert "This plan is no longer on sale." in page
    assert "/renew/?plan=HK-M-30" not in page


def test_catalogue_costs_the_same_queries_for_many_plans(
    client: Client, hongka: Brand, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        sell(hongka, f"P-{number}")
    with django_assert_num_queries(3):
        client.get("/plans/?sort=gb&budget=400&currency=THB")
    client.force_login(UserFactory.create())
    with django_assert_num_queries(5):
        client.get("/plans/")


def test_plan_page_costs_six_queries_at_the_most(
    client: Client, hongka: Brand, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        sell(hongka, f"P-{number}")
    with django_assert_num_queries(3):
        client.get("/plans/HK-M-30/")
    client.force_login(UserFactory.create())
    with django_assert_num_queries(6):
        client.get("/plans/HK-M-30/")


def test_plan_page_states_the_terms(client: Client, en: Headers, hongka: Brand) -> None:
    said = words(read(client, "/plans/HK-M-30/", en))
    for text in (
        "฿359",
        "¥72",
        "30 days",
        "The day it begins counts as the first day; it ends at midnight, Bangkok time.",
        "slows down to 384 kbit/s; nothing is charged on top",
        "60 minutes",
        "60 texts",
        "Thailand",
        "Elsewhere it does not work and costs nothing",
        "14 days, as long as nothing of it has been used",
        "not needed",
        "help@brand.example",
    ):
        assert text in said


@pytest.mark.parametrize(
    ("rule", "kind", "text"),
    [
        ("queue", "plan", "The new period begins when the running one ends; no day is lost."),
        ("stack", "plan", "the days are added to its end"),
        ("replace", "plan", "the rest of the running period is lost. That is possible only when"),
        ("parallel", "data_pack", "It does not make the plan last longer."),
    ],
)
def test_plan_page_says_what_becomes_of_the_running_period(
    client: Client, en: Headers, rule: str, kind: str, text: str
) -> None:
    sell(BrandFactory.create(), "X-1", kind, early_renewal=rule)
    assert text in words(read(client, "/plans/X-1/", en))


def test_top_up_says_nothing_about_periods(client: Client, en: Headers) -> None:
    sell(BrandFactory.create(), "X-1", "topup", allowances={}, after_limit="")
    said = words(read(client, "/plans/X-1/", en))
    assert "If you renew early" not in said
    assert "counts as the first day" not in said


def test_plan_page_of_a_brand_without_change_of_mind_says_so(client: Client, en: Headers) -> None:
    sell(BrandFactory.create(refund_days=0), "X-1", identity_required=True)
    said = words(read(client, "/plans/X-1/", en))
    assert "no refund" in said
    assert "needed before you buy" in said


def test_plan_of_the_european_union_lists_its_countries(client: Client, en: Headers) -> None:
    sell(BrandFactory.create(region="GB"), "X-1", zones=["GB", "EU"])
    said = words(read(client, "/plans/X-1/", en))
    assert "United Kingdom European Union" in said
    assert "Finland France Germany" in said


def test_plan_page_shows_the_others_of_its_family(
    client: Client, en: Headers, hongka: Brand
) -> None:
    sell(hongka, "HK-M-60")
    sell(hongka, "HK-Q", "quarter")
    sell(BrandFactory.create(), "ELSE-1")
    page = read(client, "/plans/HK-M-30/", en)
    assert skus(page) == ["HK-M-60"]
    assert 'href="/plans/compare/?sku=HK-M-30&amp;sku=HK-M-60"' in page


def test_visitor_is_led_to_the_log_in_and_back(client: Client, en: Headers, hongka: Brand) -> None:
    assert 'href="/accounts/login/?next=/plans/HK-M-30/"' in read(client, "/plans/HK-M-30/", en)


def test_customer_is_offered_only_own_lines_of_the_brand(
    client: Client, en: Headers, hongka: Brand
) -> None:
    mine = LineFactory.create(brand=hongka)
    assert mine.customer is not None
    others = LineFactory.create(brand=hongka)
    elsewhere = LineFactory.create(customer=mine.customer)
    closed = LineFactory.create(brand=hongka, customer=mine.customer, state="terminated")
    client.force_login(mine.customer)
    page = read(client, "/plans/HK-M-30/", en)
    assert f"/lines/{mine.public_id}/renew/?plan=HK-M-30" in page
    for line in (others, elsewhere, closed):
        assert line.public_id not in page


def test_customer_without_a_line_of_the_brand_is_told(
    client: Client, en: Headers, hongka: Brand
) -> None:
    client.force_login(UserFactory.create())
    assert "Your account has no line of Hongka" in read(client, "/plans/HK-M-30/", en)


@pytest.mark.parametrize("kind", ["data_pack", "addon", "topup", "keepalive"])
def test_what_gives_no_period_is_shown_and_says_that_it_cannot_be_bought(
    client: Client, en: Headers, hongka: Brand, kind: str
) -> None:
    sell(hongka, "X-1", kind, early_renewal="queue")
    customer = UserFactory.create()
    LineFactory.create(brand=hongka, customer=customer)
    client.force_login(customer)
    page = read(client, "/plans/X-1/", en)
    assert "This cannot be bought online yet." in page
    assert "/renew/?plan=X-1" not in page


def test_pack_that_runs_beside_the_plan_is_bought_for_a_line(
    client: Client, en: Headers, hongka: Brand
) -> None:
    sell(hongka, "X-1", "data_pack", early_renewal="parallel")
    line = LineFactory.create(brand=hongka, msisdn="+66812345678")
    assert line.customer is not None
    client.force_login(line.customer)
    page = read(client, "/plans/X-1/", en)
    assert f"/lines/{line.public_id}/renew/?plan=X-1" in page
    assert "Buy for +66 81 234 5678" in page


def test_unknown_plan_or_brand_is_not_found(client: Client, hongka: Brand) -> None:
    PlanFactory.create(sku="DRAFT", brand=hongka)
    for url in ("/plans/NOTHING/", "/plans/DRAFT/", "/b/nobody/"):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/plans/", "/plans/HK-M-30/", "/b/hongka/", "/plans/compare/"])
def test_page_has_one_first_heading(client: Client, hongka: Brand, url: str) -> None:
    assert client.get(url).content.decode().count("<h1") == 1
