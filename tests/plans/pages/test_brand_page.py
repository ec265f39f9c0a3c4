"""A brand's page: who it is, its rules in its own days and money, how to reach it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from plans.models import Brand
from tests.factories import BrandFactory, UserFactory
from tests.plans.pages.selling import read, sell, skus, words

Headers = dict[str, str]

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)


@pytest.fixture
def hongka() -> Brand:
    """A crimson brand that sells one monthly plan."""
    brand = BrandFactory.create(slug="hongka", name_en="Hongka", theme="crimson")
    sell(brand, "HK-M-30")
    return brand


def test_brand_page_tells_who_it_is_and_what_it_sells(
    client: Client, en: Headers, hongka: Brand
) -> None:
    sell(BrandFactory.create(), "OTHER-1")
    page = read(client, "/b/hongka/", en)
    said = words(page)
    for text in ("Hongka", "Physical SIM", "Bangkok time", "9123", "9000", "help@brand.example"):
        assert text in said
    assert skus(page) == ["HK-M-30"]
    assert '<html lang="en" data-brand="crimson"' in page


def test_brand_without_plans_says_so(client: Client, en: Headers) -> None:
    BrandFactory.create(slug="new")
    assert "Nothing is on sale at the moment" in read(client, "/b/new/", en)


def test_states_of_a_line_are_told_in_the_days_of_the_brand(
    client: Client, en: Headers, hongka: Brand
) -> None:
    said = words(read(client, "/b/hongka/", en))
    for text in (
        "Expired, in grace 15 days",
        "Suspended 45 days",
        "Renewing wakes it, for ฿100 on top.",
        "Number on hold 90 days",
        "Closed",
    ):
        assert text in said


def test_stage_without_days_is_left_out(client: Client, en: Headers) -> None:
    BrandFactory.create(slug="x", grace_days=0, reactivation_fee_minor=0)
    said = words(read(client, "/b/x/", en))
    assert "Expired, in grace" not in said
    assert "on top" not in said


def test_money_rules_are_those_of_the_brand(client: Client, en: Headers) -> None:
    BrandFactory.create(slug="add", topup_rule="add", refund_days=14, auto_renew_allowed=True)
    said = words(read(client, "/b/add/", en))
    for text in (
        "Alipay WeChat Pay Bank card",
        "tax included",
        "14 days, as long as nothing of it has been used",
        "its days are added to those the number still has",
        "฿10,000 at most",
        "Auto-renew yours to switch on",
    ):
        assert text in said
    BrandFactory.create(slug="reset", topup_rule="reset", refund_days=0, tax_included=False)
    said = words(read(client, "/b/reset/", en))
    for text in ("plus 7 % tax", "no refund", "count anew from the day", "Auto-renew not offered"):
        assert text in said


def test_ways_to_ask_appear_where_the_brand_has_them(client: Client, en: Headers) -> None:
    BrandFactory.create(slug="web")
    assert "Ask by" not in read(client, "/b/web/", en)
    BrandFactory.create(slug="all", query_channels=["web", "sms", "voice"], service_number="123")
    said = words(read(client, "/b/all/", en))
    assert "Ask by SMS Send 123 to 123" in said
    assert "Ask by phone Call 9000" in said


@pytest.mark.parametrize("url", ["/b/hongka/", "/plans/HK-M-30/"])
@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        (4, 6, "System maintenance No new payments until 21 Nov 13:00 (Bangkok)."),
        (6, 8, "Planned maintenance: no new payments from 21 Nov 13:00 to 21 Nov 15:00 (Bangkok)."),
        (1, 5, ""),
    ],
)
def test_maintenance_is_announced_with_its_end(
    client: Client,
    en: Headers,
    hongka: Brand,
    time_machine: TimeMachineFixture,
    url: str,
    begin: int,
    end: int,
    text: str,
) -> None:
    time_machine.move_to(NOON, tick=False)
    hongka.maintenance_from_at = NOON.replace(hour=begin)
    hongka.maintenance_until_at = NOON.replace(hour=end)
    hongka.save()
    said = words(read(client, url, en))
    assert text in said
    assert ("maintenance" in said) is bool(text)


def test_brand_page_costs_six_queries_at_the_most(
    client: Client, hongka: Brand, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        sell(hongka, f"P-{number}")
    with django_assert_num_queries(4):
        client.get("/b/hongka/")
    client.force_login(UserFactory.create())
    with django_assert_num_queries(6):
        client.get("/b/hongka/")
