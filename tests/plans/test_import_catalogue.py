"""Brands and plans from files: what goes in, and what a repeat does."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from plans.catalogue_file import PLAN_COLUMNS
from plans.models import Allowance, Brand, Plan, PlanVersion
from tests.plans.shop import BRAND, BRANDS, CATALOGUE, PLAN, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("en")]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_demo_files_go_in_whatever_their_order(shop: Shop) -> None:
    shop.load(CATALOGUE, BRANDS)
    assert shop.said == "41 created, 0 changed, 0 unchanged.\n"
    assert [brand.slug for brand in Brand.objects.all()] == [
        "hongka",
        "hongka-esim",
        "laika",
        "tuodian",
        "tuodian-data",
    ]
    assert Plan.objects.on_sale().count() == Plan.objects.count() == 36
    assert PlanVersion.objects.count() == 36


def test_demo_brand_has_what_its_row_says(shop: Shop) -> None:
    shop.load(BRANDS)
    brand = Brand.objects.get(slug="tuodian-data")
    assert (brand.name_en, brand.name_zh_hans) == ("Tuodian Data", "拓电流量卡")
    assert (brand.sim, brand.currency, brand.region) == ("physical", "USD", "US")
    assert (brand.time_zone, brand.theme, brand.guide) == ("America/Los_Angeles", "jade", "004")
    assert brand.payment_methods == ["alipay", "wechat_pay", "card", "balance"]
    assert brand.query_channels == ["web", "sms", "voice"]
    assert (brand.service_number, brand.hotline) == ("123", "9400")
    assert (brand.grace_days, brand.suspended_days, brand.quarantine_days) == (7, 120, 60)
    assert (brand.reactivation_fee_minor, brand.max_balance_minor) == (1_000, 100_000)
    assert (brand.refund_days, brand.topup_rule, brand.tax_included) == (0, "add", False)
    assert (brand.tax_rate_percent, brand.auto_renew_allowed) == (Decimal(0), True)
    assert brand.hanging_refund_hours == 24
    assert brand.address == "4 Example Avenue, Los Angeles (demo)"


def test_demo_plan_has_what_its_row_says(shop: Shop) -> None:
    shop.load(BRANDS, CATALOGUE)
    plan = Plan.objects.get(sku="HK-M-30")
    version = plan.current
    assert version is not None
    assert (plan.brand.slug, plan.kind, version.number) == ("hongka", "plan", 1)
    assert (version.name_en, version.name_zh_hans) == ("Monthly 20 GB", "月度套餐 20GB")
    assert (version.validity_count, version.validity_unit) == (30, "day")
    assert (version.validity_mode, version.early_renewal) == ("calendar", "queue")
    assert (version.after_limit, version.throttle_kbps, version.pay_rate) == ("throttle", 384, "")
    assert (version.zones, version.identity_required) == (["TH"], True)
    assert (version.rollover, version.upgrade_credit) == ("none", "min_time_data")
    assert (version.max_ahead_days, version.max_queued) == (365, 3)
    assert dict(version.prices.values_list("currency", "amount_minor")) == {
        "THB": 35_900,
        "CNY": 7_200,
        "USD": 1_040,
    }
    assert list(version.allowances.values_list("kind", "amount", "is_unlimited")) == [
        ("data", 20 * 1024**3, False),
        ("sms", 60, False),
        ("voice", 3_600, False),
    ]


def test_demo_voice_plan_pays_per_minute_and_grants_no_data(shop: Shop) -> None:
    shop.load(BRANDS, CATALOGUE)
    version = PlanVersion.objects.get(plan__sku="TD-VOICE")
    assert (version.after_limit, version.throttle_kbps, version.pay_rate) == ("pay", None, "0.10")
    assert list(version.allowances.values_list("kind", "amount")) == [
        ("sms", 500),
        ("voice", 60_000),
    ]


def test_demo_top_up_has_no_allowance_and_nothing_to_limit(shop: Shop) -> None:
    shop.load(BRANDS, CATALOGUE)
    version = PlanVersion.objects.get(plan__sku="HK-TOPUP-50")
    assert (version.after_limit, version.early_renewal) == ("", "queue")
    assert not version.allowances.exists()


def test_unlimited_is_kept_as_such(shop: Shop) -> None:
    shop.brands(BRAND)
    shop.plans(PLAN)
    texts = Allowance.objects.get(kind="sms")
    assert (texts.amount, texts.is_unlimited) == (0, True)


def test_second_import_changes_nothing(shop: Shop) -> None:
    shop.load(BRANDS, CATALOGUE)
    before = list(Plan.objects.values_list("sku", "current"))
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        shop.load(BRANDS, CATALOGUE)
    assert shop.said == "0 created, 0 changed, 41 unchanged.\n"
    assert list(Plan.objects.values_list("sku", "current")) == before
    assert PlanVersion.objects.count() == 36


@pytest.mark.parametrize(
    "change",
    [
        {"price": "369.00"},
        {"other_prices": "CNY:72.00"},
        {"name_zh_hans": "新名字"},
        {"data_mb": "10240"},
        {"sms": ""},
        {"validity_count": "31"},
        {"after_limit": "stop"},
        {"zone": "TH"},
        {"identity_required": "no"},
    ],
)
def test_changed_terms_become_the_next_version(shop: Shop, change: dict[str, str]) -> None:
    shop.brands(BRAND)
    shop.plans(PLAN)
    first = PlanVersion.objects.get()
    prices = list(first.prices.values_list("currency", "amount_minor"))
    shop.plans(PLAN | change)
    assert shop.said == "0 created, 1 changed, 0 unchanged.\n"
    plan = Plan.objects.get()
    assert plan.current is not None
    assert (plan.current.number, plan.versions.count()) == (2, 2)
    # What was sold stays what it was.
    first.refresh_from_db()
    assert first.name_zh_hans == "测试 30"
    assert list(first.prices.values_list("currency", "amount_minor")) == prices


def test_order_of_columns_and_prices_is_no_change(shop: Shop) -> None:
    shop.brands(BRAND)
    shop.plans(PLAN)
    other = PLAN | {"other_prices": "USD:10.40  CNY:72.00", "price": " 359.00 "}
    shop.load(shop.file("again.csv", other, columns=sorted(PLAN_COLUMNS)))
    assert shop.said == "0 created, 0 changed, 1 unchanged.\n"


def test_going_back_to_old_terms_is_a_third_version(shop: Shop) -> None:
    shop.brands(BRAND)
    for price in ("359.00", "369.00", "359.00"):
        shop.plans(PLAN | {"price": price})
    plan = Plan.objects.get()
    assert plan.current is not None
    assert (plan.current.number, plan.versions.count()) == (3, 3)


def test_changed_brand_is_brought_up_to_date(shop: Shop) -> None:
    shop.brands(BRAND)
    Brand.objects.update(is_demo=True, position=7)
    shop.brands(BRAND | {"hotline": "1234", "grace_days": "20"})
    assert shop.said == "0 created, 1 changed, 0 unchanged.\n"
    brand = Brand.objects.get()
    assert (brand.hotline, brand.grace_days) == ("1234", 20)
    assert (brand.is_demo, brand.position) == (True, 7)


def test_dry_run_tells_everything_and_keeps_nothing(shop: Shop) -> None:
    shop.load(BRANDS, CATALOGUE, dry_run=True)
    assert shop.said == (
        "41 created, 0 changed, 0 unchanged.\nNothing was kept: this was a dry run.\n"
    )
    assert not Brand.objects.exists()
    assert not Plan.objects.exists()


def test_byte_order_mark_of_a_spreadsheet_does_no_harm(shop: Shop) -> None:
    path = shop.file("brands.csv", BRAND)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    shop.load(path)
    assert Brand.objects.get().slug == "probe"
