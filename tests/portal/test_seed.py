"""The demo's data: believable, complete, written once, and never near real gateways."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import User
from billing.models import Order
from billing.services.books import check_books
from messaging.models import Message
from plans.models import Brand, Line
from portal.seed import PASSWORD, seed_demo

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def seeded(db: None, settings: LazySettings) -> None:
    settings.EMAIL_GATEWAY = False
    # As in the demo itself: the simulated network takes its time.
    settings.SIMULATOR_SECONDS = 1
    seed_demo(now=NOW)


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_wang_owns_one_line_of_each_brand_in_the_states_of_the_guides(seeded: None) -> None:
    lines = Line.objects.filter(customer__email="wang@example.com").order_by("brand__position")
    assert sorted(line.brand.slug for line in lines) == sorted(
        Brand.objects.values_list("slug", flat=True)
    )
    states = {line.brand.slug: line.state for line in lines}
    assert states == {
        "hongka": "active",
        "hongka-esim": "active",
        "laika": "grace",
        "tuodian": "suspended",
        "tuodian-data": "active",
    }
    assert lines.get(brand__slug="hongka-esim").auto_renew
    hanging = Order.objects.filter(state=Order.State.APPLIED)
    assert [order.line.brand.slug for order in hanging] == ["tuodian-data"]


def test_the_books_of_the_demo_add_up(seeded: None) -> None:
    assert check_books() == []


def test_second_run_changes_nothing(seeded: None) -> None:
    before = counts()
    seed_demo(now=NOW)
    assert counts() == before


def test_everybody_logs_in_with_the_published_password(seeded: None) -> None:
    for user in User.objects.all():
        assert user.check_password(PASSWORD)
    assert User.objects.filter(is_staff=True).count() == 1
    assert authenticate(None, phone="+66812345678", password=PASSWORD) is not None


def test_everything_is_marked_as_demo(seeded: None) -> None:
    for model in (User, Line, Brand):
        assert not model._default_manager.filter(is_demo=False).exists()
    assert not Message.objects.filter(demo=False).exists()
    assert Message.objects.exists()


def test_real_gateway_refuses_the_seed_and_nothing_is_written(
    db: None, settings: LazySettings
) -> None:
    settings.EMAIL_GATEWAY = True
    before = counts()
    with pytest.raises(CommandError, match="refused"):
        call_command("seed_demo")
    assert counts() == before
