"""Brands and plans from files: what is refused, why, and that the rest goes in."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from plans.catalogue_file import PLAN_COLUMNS
from plans.models import Brand, Plan, PlanVersion, Price
from tests.plans.shop import BRAND, BRANDS, PLAN, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("en")]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


BAD_PLANS = [
    ({"brand": "nobody"}, "brand", "is not known"),
    ({"sku": "pr 30"}, "sku", "not a valid identifier"),
    ({"sku": ""}, "sku", "not a valid identifier"),
    ({"kind": "lottery"}, "kind", "is not one of"),
    ({"name_en": ""}, "name_en", "must not be empty"),
    ({"name_zh_hans": "长" * 81}, "name_zh_hans", "80 signs"),
    ({"name_en": "a\x07b"}, "name_en", "cannot be shown"),
    ({"currency": "XXX"}, "currency", "is not one of"),
    ({"currency": "USD", "other_prices": ""}, "currency", "is THB for this brand"),
    ({"price": "359.001"}, "price", "held exactly"),
    ({"price": "0"}, "price", "held exactly"),
    ({"price": "-5"}, "price", "held exactly"),
    ({"price": "1,359.00"}, "price", "held exactly"),
    ({"price": "฿359"}, "price", "held exactly"),
    ({"price": ""}, "price", "held exactly"),
    ({"price": "9" * 14}, "price", "held exactly"),
    ({"other_prices": "CNY72.00"}, "other_prices", "not a price like"),
    ({"other_prices": "CNY:7.001"}, "other_prices", "held exactly"),
    ({"other_prices": "JPY:10.50"}, "other_prices", "held exactly"),
    ({"other_prices": "XXX:7"}, "other_prices", "is not one of"),
    ({"other_prices": "CNY:7 CNY:8"}, "other_prices", "twice"),
    ({"other_prices": "THB:7"}, "other_prices", "repeats the currency"),
    ({"validity_count": "0"}, "validity_count", "whole number from 1"),
    ({"validity_count": "1.5"}, "validity_count", "whole number"),
    ({"validity_count": "99999"}, "validity_count", "whole number"),
    ({"validity_unit": "week"}, "validity_unit", "is not one of"),
    ({"validity_mode": ""}, "validity_mode", "is not one of"),
    ({"data_mb": "20 GB"}, "data_mb", "whole number"),
    ({"minutes": "-1"}, "minutes", "whole number"),
    ({"sms": "many"}, "sms", "whole number"),
    ({"after_limit": "throttle"}, "after_limit", "is none of"),
    ({"after_limit": "throttle 0"}, "after_limit", "is none of"),
    ({"after_limit": "pay 0.10"}, "after_limit", "is none of"),
    ({"after_limit": "pay 0.001/min"}, "after_limit", "held exactly"),
    ({"after_limit": "pay 0.00/min"}, "after_limit", "held exactly"),
    ({"early_renewal": "never"}, "early_renewal", "is not one of"),
    ({"zone": ""}, "zone", "must not be empty"),
    ({"zone": "Thailand"}, "zone", "not a valid identifier"),
    ({"zone": "TH TH"}, "zone", "twice"),
    ({"identity_required": "maybe"}, "identity_required", "is not one of"),
    ({"rollover": "all"}, "rollover", "is not one of"),
    ({"upgrade_credit": ""}, "upgrade_credit", "is not one of"),
]


@pytest.mark.parametrize(("change", "column", "reason"), BAD_PLANS)
def test_bad_plan_row_is_refused_with_line_and_column_and_the_rest_goes_in(
    shop: Shop, change: dict[str, str], column: str, reason: str
) -> None:
    shop.brands(BRAND)
    good = PLAN | {"sku": "PR-GOOD"}
    with pytest.raises(CommandError, match="refused"):
        shop.plans(good, PLAN | change, PLAN | {"sku": "PR-LAST"})
    assert f"plans.csv, line 3, {column}: " in shop.said
    assert reason in shop.said
    assert "2 created, 0 changed, 0 unchanged." in shop.said
    assert set(Plan.objects.values_list("sku", flat=True)) == {"PR-GOOD", "PR-LAST"}
    assert PlanVersion.objects.count() == 2
    assert Price.objects.count() == 6


BAD_BRANDS = [
    ({"slug": "Pro be"}, "slug", "not a valid identifier"),
    ({"name_zh_hans": ""}, "name_zh_hans", "must not be empty"),
    ({"sim": "paper"}, "sim", "is not one of"),
    ({"currency": "thb"}, "currency", "is not one of"),
    ({"region": "Thailand"}, "region", "not a country code"),
    ({"region": "XX"}, "region", "not a country code"),
    ({"time_zone": "Bangkok"}, "time_zone", "not a time zone"),
    ({"time_zone": "../etc/passwd"}, "time_zone", "not a time zone"),
    ({"theme": "pink"}, "theme", "is not one of"),
    ({"payment_methods": ""}, "payment_methods", "must not be empty"),
    ({"payment_methods": "card shells"}, "payment_methods", "is not one of"),
    ({"payment_methods": "card card"}, "payment_methods", "twice"),
    ({"query_channels": "pigeon"}, "query_channels", "is not one of"),
    ({"support_email": "help"}, "support_email", "not an e-mail"),
    ({"grace_days": ""}, "grace_days", "whole number"),
    ({"quarantine_days": "40000"}, "quarantine_days", "whole number"),
    ({"reactivation_fee": "1.005"}, "reactivation_fee", "held exactly"),
    ({"max_balance": "-1"}, "max_balance", "held exactly"),
    ({"topup_rule": "double"}, "topup_rule", "is not one of"),
    ({"tax_included": "1"}, "tax_included", "is not one of"),
    ({"tax_rate_percent": "7.125"}, "tax_rate_percent", "not a percentage"),
    ({"tax_rate_percent": "101"}, "tax_rate_percent", "not a percentage"),
    ({"service_number": "1" * 21}, "service_number", "20 signs"),
]


@pytest.mark.parametrize(("change", "column", "reason"), BAD_BRANDS)
def test_bad_brand_row_is_refused_with_line_and_column_and_the_rest_goes_in(
    shop: Shop, change: dict[str, str], column: str, reason: str
) -> None:
    with pytest.raises(CommandError, match="refused"):
        shop.brands(BRAND | {"slug": "good"}, BRAND | change)
    assert f"brands.csv, line 3, {column}: " in shop.said
    assert reason in shop.said
    assert list(Brand.objects.values_list("slug", flat=True)) == ["good"]


def test_every_mistake_of_a_row_is_told_at_once(shop: Shop) -> None:
    with pytest.raises(CommandError):
        shop.brands(BRAND | {"sim": "", "currency": "", "grace_days": "x"})
    for column in ("sim", "currency", "grace_days"):
        assert f"line 2, {column}: " in shop.said
    assert not Brand.objects.exists()


def test_line_number_counts_lines_within_quotes(shop: Shop) -> None:
    shop.brands(BRAND)
    first = PLAN | {"sku": "PR-1", "name_en": "two\nlines"}
    with pytest.raises(CommandError):
        shop.plans(first, PLAN | {"sku": "PR-2", "price": "x"})
    assert "plans.csv, line 2, name_en: " in shop.said
    assert "plans.csv, line 4, price: " in shop.said


def test_row_of_another_length_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.brands(BRAND)
    path = shop.file("plans.csv", PLAN)
    path.write_text(path.read_text(encoding="utf-8") + "probe,PR-31,plan\n", encoding="utf-8")
    with pytest.raises(CommandError):
        shop.load(path)
    assert "plans.csv, line 3, row: has 3 cells instead of 20." in shop.said
    assert Plan.objects.count() == 1


def test_sku_that_stands_twice_is_refused_the_second_time(shop: Shop) -> None:
    shop.brands(BRAND)
    for _ in range(2):
        with pytest.raises(CommandError):
            shop.plans(PLAN, PLAN | {"price": "1.00"})
        assert "plans.csv, line 3, sku: appears already in line 2." in shop.said
    assert PlanVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "year"}, "kind: of a plan can never change."),
        ({"brand": "other"}, "sku: belongs to the brand probe."),
    ],
)
def test_sku_means_one_thing_for_ever(shop: Shop, change: dict[str, str], message: str) -> None:
    shop.brands(BRAND, BRAND | {"slug": "other"})
    shop.plans(PLAN)
    with pytest.raises(CommandError):
        shop.plans(PLAN | change)
    assert message in shop.said
    assert PlanVersion.objects.count() == 1


def test_currency_of_a_brand_never_changes(shop: Shop) -> None:
    shop.brands(BRAND)
    with pytest.raises(CommandError):
        shop.brands(BRAND | {"currency": "USD", "hotline": "1"})
    assert "currency: of a brand can never change." in shop.said
    brand = Brand.objects.get()
    assert (brand.currency, brand.hotline) == ("THB", "")


def test_dry_run_with_a_bad_row_fails_too(shop: Shop) -> None:
    path = shop.file("brands.csv", BRAND, BRAND | {"slug": "bad", "sim": ""})
    with pytest.raises(CommandError):
        shop.load(path, dry_run=True)
    assert "line 3, sim: " in shop.said
    assert not Brand.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\n", "header is not known"),
        ("slug,名\n".encode("gb18030"), "not a CSV file in UTF-8"),
        (b'slug,"name\n', "not a CSV file in UTF-8"),
    ],
)
def test_file_that_is_neither_stops_the_whole_import(
    shop: Shop, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=rf"odd\.csv.*{message}"):
        shop.load(BRANDS, path)
    assert not Brand.objects.exists()


def test_unknown_header_names_what_is_missing_and_what_is_too_much(shop: Shop) -> None:
    columns = [column for column in PLAN_COLUMNS if column != "sms"] + ["colour"]
    path = shop.file("plans.csv", dict.fromkeys(columns, "x"))
    with pytest.raises(CommandError, match=r"Missing: sms\. Surplus: colour\."):
        shop.load(path)


def test_missing_file_is_named(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv: No such file"):
        shop.load(tmp_path / "nowhere.csv")
