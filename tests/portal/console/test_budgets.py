"""No page of the console asks the database once per row."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Order
from messaging.console import page_of
from plans.models import Line
from tests.billing.factories import PaymentFactory, RefundFactory
from tests.factories import LineClaimFactory, PeriodFactory, ReminderFactory
from tests.portal.console.conftest import NOW

BUDGET = 30

pytestmark = pytest.mark.django_db


def queries(staff: Client, url: str, **data: Any) -> int:
    """How many queries a page takes; it must be there."""
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url, data).status_code == 200, url
    return len(captured)


@pytest.fixture
def busy(shop: None) -> None:
    """More rows of everything that belongs to something else."""
    for order in Order.objects.all():
        payment = PaymentFactory.create(order=order, state="paid")
        RefundFactory.create(payment=payment)
    for line in Line.objects.all():
        LineClaimFactory.create(line=line)
        period = PeriodFactory.create(line=line, start_at=NOW + timedelta(days=40))
        for stage in ("days_7", "days_3"):
            ReminderFactory.create(line=line, period=period, stage=stage)


def test_every_page_keeps_to_its_budget(staff: Client, busy: None) -> None:
    over: dict[str, int] = {}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        urls = [reverse(f"admin:{name}_changelist")]
        urls += [page_of(row) for row in model._default_manager.order_by("-pk")[:2]]
        counts = {url: queries(staff, url) for url in urls}
        over |= {url: count for url, count in counts.items() if count > BUDGET}

    assert over == {}


@pytest.mark.parametrize("term", ["王芳", "081-234-5678", "5678", "wang@example.com"])
def test_the_search_keeps_to_its_budget(staff: Client, busy: None, term: str) -> None:
    assert queries(staff, "/admin/search/", q=term) <= BUDGET


def test_the_start_page_keeps_to_its_budget(staff: Client, busy: None) -> None:
    assert queries(staff, "/admin/") <= BUDGET


def test_the_badges_are_counted_once_in_a_while(staff: Client, busy: None) -> None:
    first = queries(staff, "/admin/billing/order/")

    assert queries(staff, "/admin/billing/order/") == first - 2
