"""Writes brands and catalogue files and imports them, for the tests of the import."""

import csv
import io
from pathlib import Path
from typing import Any

from django.core.management import call_command

from plans import catalogue_file
from plans.catalogue_file import BRAND_COLUMNS, PLAN_COLUMNS

DEMO = Path(catalogue_file.__file__).parent / "data"
BRANDS, CATALOGUE = DEMO / "demo-brands.csv", DEMO / "demo-catalogue.csv"
BRAND = {
    **dict.fromkeys(BRAND_COLUMNS, ""),
    "slug": "probe",
    "name_en": "Probe",
    "name_zh_hans": "测试",
    "sim": "physical",
    "currency": "THB",
    "region": "TH",
    "time_zone": "Asia/Bangkok",
    "theme": "jade",
    "payment_methods": "card alipay",
    "query_channels": "web",
    "grace_days": "15",
    "suspended_days": "45",
    "quarantine_days": "90",
    "reactivation_fee": "100.00",
    "refund_days": "0",
    "max_balance": "10000.00",
    "topup_rule": "add",
    "tax_included": "yes",
    "tax_rate_percent": "7",
    "auto_renew_allowed": "no",
    "hanging_refund_hours": "24",
}
PLAN = {
    **dict.fromkeys(PLAN_COLUMNS, ""),
    "brand": "probe",
    "sku": "PR-30",
    "kind": "plan",
    "name_en": "Probe 30",
    "name_zh_hans": "测试 30",
    "currency": "THB",
    "price": "359.00",
    "other_prices": "CNY:72.00 USD:10.40",
    "validity_count": "30",
    "validity_unit": "day",
    "validity_mode": "calendar",
    "data_mb": "20480",
    "minutes": "60",
    "sms": "unlimited",
    "after_limit": "throttle 384",
    "early_renewal": "queue",
    "zone": "TH EU",
    "identity_required": "yes",
    "rollover": "none",
    "upgrade_credit": "min_time_data",
}


class Shop:
    """Writes files and imports them; `said` is what the last import printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""

    def file(self, name: str, *rows: dict[str, str], columns: list[str] | None = None) -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def load(self, *paths: Path, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("import_catalogue", *paths, stdout=out, stderr=err, **options)
        finally:
            self.said = out.getvalue() + err.getvalue()

    def brands(self, *rows: dict[str, str]) -> None:
        self.load(self.file("brands.csv", *rows))

    def plans(self, *rows: dict[str, str]) -> None:
        self.load(self.file("plans.csv", *rows))
