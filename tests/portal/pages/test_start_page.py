"""The start page: three steps and the brands; a customer's lines; how to try the demo."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.seed import PASSWORD
from tests.factories import BrandFactory, LineFactory, PeriodFactory, UserFactory
from tests.plans.pages.selling import read, words

Headers = dict[str, str]

pytestmark = pytest.mark.django_db


def test_visitor_reads_three_steps_and_finds_the_ways_in(client: Client, en: Headers) -> None:
    page = read(client, "/", en)
    assert page.count("<h1") == 1
    assert "Three steps Choose" in words(page)
    assert 'href="/accounts/login/"' in page
    assert 'href="/accounts/signup/"' in page
    assert 'href="/plans/"' in page


def test_customer_sees_how_many_lines_need_something(client: Client, en: Headers) -> None:
    customer = UserFactory.create()
    now = timezone.now()
    for days in (3, 20, -1):
        PeriodFactory.create(
            line__customer=customer,
            start_at=now - timedelta(days=10),
            end_at=now + timedelta(days=days),
        )
    LineFactory.create(customer=customer, state="suspended")
    LineFactory.create(customer=customer, state="terminated")
    LineFactory.create()
    client.force_login(customer)
    said = words(read(client, "/", en))
    assert "Your lines 4 End soon 1 Without a plan 2 See them and renew" in said
    assert "demo log-in" not in said


def test_customer_whose_lines_are_fine_is_only_led_to_them(client: Client, en: Headers) -> None:
    customer = UserFactory.create()
    PeriodFactory.create(line__customer=customer, end_at=timezone.now() + timedelta(days=20))
    client.force_login(customer)
    said = words(read(client, "/", en))
    assert "Your lines 1 End soon 0 Without a plan 0 My lines" in said


def test_customer_without_a_line_is_told(client: Client, en: Headers) -> None:
    client.force_login(UserFactory.create())
    assert "Your account has no line yet." in read(client, "/", en)


def test_start_page_costs_one_query_more_for_a_customer(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(5):
        BrandFactory.create()
    with django_assert_num_queries(1):
        client.get("/")
    customer = UserFactory.create()
    for _number in range(5):
        LineFactory.create(customer=customer)
    client.force_login(customer)
    # Session and customer, brands, lines.
    with django_assert_num_queries(4):
        client.get("/")


def test_demo_tells_its_log_ins(client: Client, en: Headers, settings: LazySettings) -> None:
    settings.LOCAL_TEST = True
    BrandFactory.create(is_demo=True)
    said = words(read(client, "/", en))
    for text in (PASSWORD, "wang@example.com +66 81 234 5678", "operator@example.com"):
        assert text in said


@pytest.mark.parametrize(("is_local", "is_demo"), [(False, True), (True, False), (False, False)])
def test_no_other_installation_tells_a_password(
    client: Client, settings: LazySettings, *, is_local: bool, is_demo: bool
) -> None:
    settings.LOCAL_TEST = is_local
    BrandFactory.create(is_demo=is_demo)
    assert PASSWORD not in client.get("/").content.decode()
