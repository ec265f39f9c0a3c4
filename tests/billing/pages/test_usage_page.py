"""The usage page: every day newest first, sums by period and month, thirty days or ninety."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from plans.models import Line, Period
from tests.billing.pages.conftest import read
from tests.factories import LineFactory, UsageDayFactory

GB = 1024**3
TODAY = date(2026, 11, 21)

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(line: Line, period: Period) -> None:
    """A gigabyte on each of the last 40 days, with calls and texts."""
    for days_ago in range(40):
        UsageDayFactory.create(
            line=line,
            on=TODAY - timedelta(days=days_ago),
            voice_seconds=90,
            sms_count=days_ago,
        )


def days_shown(text: str) -> list[str]:
    return re.findall(r'<tr><th scope="row">([^<]+)</th>', text)


@pytest.mark.usefixtures("used")
def test_each_day_has_a_row_the_newest_first(own: Client, line: Line) -> None:
    text = read(own, f"/lines/{line.public_id}/usage/")
    days = days_shown(text)
    assert (len(days), days[0], days[-1]) == (30, "Sat 21 Nov", "Fri 23 Oct")
    assert (
        '<th scope="row">Thu 19 Nov</th><td class="num">1.00 GB</td>'
        '<td class="num">2 minutes</td><td class="num">2</td>'
    ) in text
    assert len(re.findall(r'<rect class="bar[ "]', text)) == 30
    assert "days in Bangkok time" in text


@pytest.mark.usefixtures("used")
def test_sums_stand_by_period_and_by_month(own: Client, line: Line) -> None:
    text = read(own, f"/lines/{line.public_id}/usage/")
    assert re.search(r"Monthly 20 GB<small>28 Oct – 21 Nov</small></dt>\s*<dd>25 GB<", text)
    assert re.search(r"November 2026<small>1 Nov – 21 Nov</small></dt>\s*<dd>21 GB<", text)
    assert re.search(r"October 2026<small>23 Oct – 31 Oct</small></dt>\s*<dd>9 GB<", text)


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("query", "days"),
    [("?days=90", 90), ("?days=30", 30), ("?days=7", 30), ("?days=x", 30), ("?days=-90", 30)],
)
def test_thirty_days_or_ninety_and_nothing_else(
    own: Client, line: Line, query: str, days: int
) -> None:
    text = read(own, f"/lines/{line.public_id}/usage/{query}")
    assert len(days_shown(text)) == days
    assert f'href="?days={days}" aria-current="page"' in text


def test_line_without_reports_says_so(own: Client, line: Line) -> None:
    text = read(own, f"/lines/{line.public_id}/usage/")
    assert "No use reported yet" in text
    assert days_shown(text) == []


def test_stranger_finds_nothing_and_a_visitor_the_log_in(
    stranger: Client, client: Client, line: Line
) -> None:
    url = f"/lines/{line.public_id}/usage/"
    assert stranger.get(url).status_code == 404
    assert client.get(url).headers["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.usefixtures("used")
def test_page_costs_the_same_queries_for_ninety_days_and_many_lines(
    own: Client, line: Line, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    LineFactory.create_batch(20, customer=line.customer, brand=line.brand)
    with django_assert_max_num_queries(6):
        own.get(f"/lines/{line.public_id}/usage/?days=90")
