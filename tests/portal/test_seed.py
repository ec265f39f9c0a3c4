"""The demo's data: believable, complete, written once, and never near real gateways."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import User
from billing.models import Order
from billing.selectors.lines import dashboard, renewing
from billing.services.books import check_books
from messaging.models import Message
from plans.models import Brand, Line, SimulatorFault
from plans.selectors.lines import LineView, line_view
from portal.seed import PASSWORD, seed_demo
from portal.seed_usage import write_usage

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def seeded(db: None, settings: LazySettings) -> None:
    settings.EMAIL_GATEWAY = False
    # As in the demo itself: the simulated network takes its time.
    settings.SIMULATOR_SECONDS = 1
    seed_demo(now=NOW)


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def lines_of(name: str) -> list[LineView]:
    lines = Line.objects.filter(customer__email=f"{name}@example.com").select_related("brand")
    return [line_view(line, now=NOW) for line in lines]


def test_wang_owns_a_healthy_line_of_each_brand_with_days_to_go(seeded: None) -> None:
    views = {view.line.brand.slug: view for view in lines_of("wang")}
    assert set(views) == set(Brand.objects.values_list("slug", flat=True))
    assert {slug: view.days_left for slug, view in views.items()} == {
        "hongka": 6,
        "hongka-esim": 19,
        "laika": 3,
        "tuodian": 12,
        "tuodian-data": 2,
    }
    for view in views.values():
        assert (view.line.state, view.queued) == ("active", [])
        assert not SimulatorFault.objects.filter(line_ref=view.line.public_id).exists()
        orders = Order.objects.filter(line=view.line, lines__version=view.periods[-1].version)
        assert list(orders.values_list("state", flat=True)) == ["effective"] * 3
    assert [pack.period.version.name_en for pack in views["hongka"].packs] == [
        "Data pack 7 days 10 GB"
    ]


def test_every_line_of_wang_can_be_renewed_at_once(seeded: None) -> None:
    for view in lines_of("wang"):
        renewing_page = renewing(
            User.objects.get(name="王芳"), view.line.public_id, sku="", now=NOW
        )
        assert renewing_page is not None
        assert renewing_page.refusal is None
        assert renewing_page.chosen is not None
        assert (renewing_page.chosen.is_current, renewing_page.chosen.refusal) == (True, None)


def test_one_line_of_wang_runs_out_of_data_before_its_end(seeded: None) -> None:
    customer = User.objects.get(email="wang@example.com")
    short = []
    for view in lines_of("wang"):
        page = dashboard(customer, view.line.public_id, now=NOW)
        assert page is not None
        assert page.note is not None
        if page.note.tone == "warn":
            short.append(view.line.brand.slug)
    assert short == ["hongka-esim"]


def test_the_others_stand_for_the_states_of_the_guides(seeded: None) -> None:
    li, chen, zhao, sun = (lines_of(name)[0] for name in ("li", "chen", "zhao", "sun"))
    assert (li.status.code, li.line.auto_renew, li.line.brand.phone_required) == (
        "active",
        True,
        True,
    )
    customer = User.objects.get(email="li@example.com")
    assert (customer.phone, customer.identity_verified_at) == (li.line.msisdn, NOW)
    assert customer.phone_verified_at == NOW
    assert (chen.status.code, chen.line.brand.slug) == ("grace", "laika")
    assert (zhao.status.code, zhao.line.brand.slug) == ("suspended", "tuodian")
    for late in (chen, zhao):
        assert late.stage_ends_at is not None
        assert late.stage_ends_at > NOW
    hanging = Order.objects.filter(state=Order.State.APPLIED)
    assert [order.line for order in hanging] == [sun.line]
    fault = SimulatorFault.objects.get()
    assert (fault.line_ref, fault.kind) == (sun.line.public_id, SimulatorFault.Kind.DELAY)


def test_days_of_use_add_up_to_what_the_buckets_say(seeded: None) -> None:
    fields = {"data": "data_bytes", "voice": "voice_seconds", "sms": "sms_count"}
    for line in Line.objects.select_related("brand"):
        zone = line.brand.zone
        last = line.periods.chain().filter(start_at__lte=NOW).latest("start_at")
        days = line.usage_days.filter(on__gte=last.start_at.astimezone(zone).date())
        for bucket in last.buckets.all():
            used = sum(days.values_list(fields[bucket.kind], flat=True))
            assert (line.msisdn, bucket.kind, used) == (line.msisdn, bucket.kind, bucket.used)


def test_use_goes_back_ninety_days_and_never_into_the_future(seeded: None) -> None:
    for line in Line.objects.filter(customer__email="wang@example.com").select_related("brand"):
        today = NOW.astimezone(line.brand.zone).date()
        days = list(line.usage_days.order_by("on").values_list("on", flat=True))
        assert days[0] == today - timedelta(days=89)
        assert days[-1] == today
    late = Line.objects.get(state="suspended")
    assert late.valid_until is not None
    assert not late.usage_days.filter(on__gt=late.valid_until.date()).exists()


def test_same_number_has_the_same_days_again(seeded: None) -> None:
    line = Line.objects.select_related("brand").get(msisdn="+66812345678")
    before = list(line.usage_days.order_by("on").values_list("on", "data_bytes", "sms_count"))
    line.usage_days.all().delete()
    line.usage_records.all().delete()
    write_usage(line, used=0.66, now=NOW)
    after = list(line.usage_days.order_by("on").values_list("on", "data_bytes", "sms_count"))
    assert after == before


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
    for phone in ("+66812345678", "+66823456789"):
        assert authenticate(None, phone=phone, password=PASSWORD) is not None


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


def test_one_card_of_a_shop_waits_for_whoever_adds_it(seeded: None) -> None:
    line = Line.objects.get(customer__isnull=True)

    assert (line.msisdn, line.brand.slug, line.state) == ("+66834567890", "hongka-esim", "active")
    assert line.periods.get().version.plan.sku == "HE-TOUR-15"
