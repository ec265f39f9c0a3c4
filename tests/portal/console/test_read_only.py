"""What rules write, the console only shows: no page of it changes money or what it bought."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from billing.models import (
    LedgerAccount,
    LedgerEntry,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Renewal,
    StripeEvent,
)
from messaging.console import page_of
from messaging.models import Message
from plans.models import Bucket, Line, Period, PlanVersion, Price, ServiceOrder
from tests.billing.factories import RefundFactory, StripeEventFactory
from tests.factories import LineFactory, PlanVersionFactory, UserFactory

PAGES: list[type[Model]] = [
    Order,
    Payment,
    Refund,
    Renewal,
    StripeEvent,
    LedgerAccount,
    LedgerEntry,
    Message,
    Period,
    PlanVersion,
    ServiceOrder,
]
ROWS: list[type[Model]] = [*PAGES, OrderLine, OrderEvent, Bucket, Price]


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of money and of what it bought."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in ROWS}


@pytest.mark.parametrize("model", PAGES)
def test_nothing_is_added_changed_or_deleted(staff: Client, shop: None, model: type[Model]) -> None:
    StripeEventFactory.create()
    RefundFactory.create(payment=Payment.objects.latest("pk"))
    row = model._default_manager.latest("pk")
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    before = everything()
    form = {"state": "paid", "amount_minor": "1", "currency": "USD", "_save": "1"}

    answers = {
        "add": staff.post(reverse(f"admin:{name}_add"), form),
        "change": staff.post(page_of(row), form),
        "delete": staff.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}),
    }
    many = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(reverse(f"admin:{name}_changelist"), many)

    assert {what: answer.status_code for what, answer in answers.items()} == {
        "add": 403,
        "change": 403,
        "delete": 403,
    }
    assert everything() == before


def test_staff_may_look_at_each_of_them(staff: Client, shop: None) -> None:
    RefundFactory.create(payment=Payment.objects.latest("pk"))
    StripeEventFactory.create()

    for model in PAGES:
        page = staff.get(page_of(model._default_manager.latest("pk")))
        assert page.status_code == 200
        assert not page.context["has_change_permission"]


def test_no_page_offers_to_delete_or_to_act_on_many(staff: Client) -> None:
    allowed = {"SimulatorFault", "Group"}
    offered = {
        model.__name__
        for model, page in admin.site._registry.items()
        if page.has_delete_permission(staff.get("/admin/").wsgi_request)
    }

    assert offered == allowed


def test_of_a_line_only_the_block_changes_and_the_log_says_who(staff: Client) -> None:
    line = LineFactory.create(balance_minor=500)
    form = {"is_blocked": "on", "balance_minor": "9", "state": "terminated", "msisdn": "+6681"}

    assert staff.post(page_of(line), form).status_code == 302

    changed = Line.objects.get()
    assert changed.is_blocked
    changed.is_blocked = False
    assert Line.objects.filter(pk=line.pk, is_blocked=True).values(
        "balance_minor", "state", "msisdn", "brand"
    ).get() == {
        "balance_minor": 500,
        "state": "active",
        "msisdn": line.msisdn,
        "brand": line.brand_id,
    }
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(line.pk), "Changed Blocked.")


def test_a_plan_leaves_the_shelf_and_nothing_else_of_it_changes(staff: Client) -> None:
    version = PlanVersionFactory.create()
    empty = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}

    assert staff.post(page_of(version.plan), {"position": "0", **empty}).status_code == 302

    version.plan.refresh_from_db()
    assert not version.plan.is_on_sale
    assert version.plan.current == version


def test_a_number_of_a_customer_is_never_changed_by_hand(staff: Client) -> None:
    user = UserFactory.create(phone="+66812345678")

    staff.post(page_of(user), {"email": user.email, "language": "en", "phone": "+66812345679"})

    user.refresh_from_db()
    assert user.phone == "+66812345678"
