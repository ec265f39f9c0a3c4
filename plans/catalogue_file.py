"""What a brands or catalogue file says, row by row; no database.

Two kinds of CSV in UTF-8, told apart by their header. Anything that cannot be held exactly is
refused, never guessed.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plans import catalogue_cells as read
from plans.catalogue_row import Cells, Problem, RowError
from plans.models import Allowance, Brand, Plan, PlanVersion


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BRAND_COLUMNS = _words(
    "slug guide name_en name_zh_hans sim currency region time_zone theme payment_methods "
    "query_channels service_number hotline support_email bank_account grace_days suspended_days "
    "quarantine_days reactivation_fee refund_days max_balance topup_rule tax_included "
    "tax_rate_percent address auto_renew_allowed hanging_refund_hours"
)
PLAN_COLUMNS = _words(
    "brand sku kind name_en name_zh_hans currency price other_prices validity_count validity_unit "
    "validity_mode data_mb minutes sms after_limit early_renewal zone identity_required rollover "
    "upgrade_credit"
)
PAYMENT_METHODS = _words(
    "alipay wechat_pay card apple_pay paypal promptpay bank_transfer gift_card balance"
)
QUERY_CHANNELS = _words("web sms voice")


class UnreadableFileError(Exception):
    """A file that is neither brands nor catalogue; its text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: the line it begins in, and its cells as they stand."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was understood: its name, which columns it has, and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand as the file describes it; `fields` are those of the model."""

    slug: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as the file describes it.

    `terms` are fields of PlanVersion; `prices` minor units by currency; `allowances` bytes,
    seconds or texts by kind, None when unlimited.
    """

    brand: str
    sku: str
    kind: str
    currency: str
    terms: dict[str, Any]
    prices: dict[str, int]
    allowances: dict[str, int | None]

    @property
    def content_hash(self) -> str:
        """The same for the same terms, prices and allowances, whatever their order."""
        content = [self.terms, self.prices, self.allowances]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_table(name: str, content: bytes) -> Table:
    """Split a file into rows; raises UnreadableFileError when it is not one of ours."""
    try:
        lines = list(_numbered_rows(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(_("%s is not a CSV file in UTF-8.") % name) from error
    if not lines:
        raise UnreadableFileError(_("%s is empty.") % name)
    header = [cell.strip() for cell in lines[0].cells]
    for columns in (BRAND_COLUMNS, PLAN_COLUMNS):
        if sorted(header) == sorted(columns):
            order = [header.index(column) for column in columns]
            return Table(name, columns, [_in_order(row, order) for row in lines[1:]])
    raise UnreadableFileError(_unknown_header(name, header))


def read_brand(row: Row) -> BrandRow:
    """Return what a brands row says; raises RowError naming every wrong cell."""
    cells = _cells(BRAND_COLUMNS, row)
    slug = cells.take("slug", read.pattern(read.SLUG, 50))
    currency = cells.take("currency", read.currency)
    readers = {
        "guide": read.optional_text(8),
        "name_en": read.text(60),
        "name_zh_hans": read.text(60),
        "sim": read.choice(Brand.Sim),
        "region": read.region,
        "time_zone": read.time_zone,
        "theme": read.choice(Brand.Theme),
        "payment_methods": read.several_of(PAYMENT_METHODS),
        "query_channels": read.several_of(QUERY_CHANNELS),
        "service_number": read.optional_text(20),
        "hotline": read.optional_text(20),
        "support_email": read.optional_email,
        "bank_account": read.optional_text(120),
        "grace_days": read.small_number,
        "suspended_days": read.small_number,
        "quarantine_days": read.small_number,
        "refund_days": read.small_number,
        "topup_rule": read.choice(Brand.TopUpRule),
        "tax_included": read.yes_no,
        "tax_rate_percent": read.percent,
        "address": read.optional_text(200),
        "auto_renew_allowed": read.yes_no,
        "hanging_refund_hours": read.small_number,
    }
    fields = {column: cells.take(column, reader) for column, reader in readers.items()}
    if currency is not None:
        money = read.sum_in(currency)
        fields["reactivation_fee_minor"] = cells.take("reactivation_fee", money)
        fields["max_balance_minor"] = cells.take("max_balance", money)
    cells.finish()
    return BrandRow(slug, {"currency": currency, **fields})


def read_plan(row: Row) -> PlanRow:
    """Return what a catalogue row says; raises RowError naming every wrong cell."""
    cells = _cells(PLAN_COLUMNS, row)
    brand = cells.take("brand", read.pattern(read.SLUG, 50))
    sku = cells.take("sku", read.pattern(read.SKU, 40))
    kind = cells.take("kind", read.choice(Plan.Kind))
    currency = cells.take("currency", read.currency)
    terms = _terms(cells)
    prices = cells.take("other_prices", read.other_prices)
    allowances = {
        Allowance.Kind.DATA.value: cells.take("data_mb", read.allowance(read.BYTES_A_MEGABYTE)),
        Allowance.Kind.VOICE.value: cells.take("minutes", read.allowance(read.SECONDS_A_MINUTE)),
        Allowance.Kind.SMS.value: cells.take("sms", read.allowance(1)),
    }
    if currency is not None:
        price = cells.take("price", read.sum_in(currency, lowest=1))
        terms |= cells.take("after_limit", read.after_limit(currency)) or {}
        if currency in (prices or {}):
            cells.note("other_prices", _("repeats the currency of the price."))
        prices = {currency: price, **(prices or {})}
    cells.finish()
    granted = {kind: amount for kind, amount in allowances.items() if amount != 0}
    return PlanRow(brand, sku, kind, currency, terms, prices, granted)


def _terms(cells: Cells) -> dict[str, Any]:
    """The fields of a version that need no other cell."""
    readers = {
        "name_en": read.text(80),
        "name_zh_hans": read.text(80),
        "validity_count": read.whole_number(1, read.LARGEST_VALIDITY),
        "validity_unit": read.choice(PlanVersion.Unit),
        "validity_mode": read.choice(PlanVersion.Mode),
        "early_renewal": read.choice(
            PlanVersion.EarlyRenewal, default=PlanVersion.EarlyRenewal.QUEUE.value
        ),
        "identity_required": read.yes_no,
        "rollover": read.choice(PlanVersion.Rollover),
        "upgrade_credit": read.choice(PlanVersion.UpgradeCredit),
    }
    terms = {column: cells.take(column, reader) for column, reader in readers.items()}
    return {"zones": cells.take("zone", read.zones), **terms}


def _cells(columns: tuple[str, ...], row: Row) -> Cells:
    if len(row.cells) != len(columns):
        raise RowError(
            Problem(
                "",
                _("has %(found)d cells instead of %(expected)d.")
                % {"found": len(row.cells), "expected": len(columns)},
            )
        )
    return Cells(columns, row.cells)


def _numbered_rows(text: str) -> Iterator[Row]:
    """Rows that are not blank, with the line each begins in: a quoted cell may span several."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(begins, cells)
        begins = reader.line_num + 1


def _in_order(row: Row, order: list[int]) -> Row:
    """Cells in the order of our columns; a row of another length stays as it is."""
    if len(row.cells) != len(order):
        return row
    return Row(row.line, [row.cells[place] for place in order])


def _unknown_header(name: str, header: list[str]) -> str:
    columns = BRAND_COLUMNS if BRAND_COLUMNS[0] in header else PLAN_COLUMNS
    missing = [column for column in columns if column not in header]
    surplus = [column for column in header if column not in columns or header.count(column) > 1]
    return _("%(file)s: the header is not known. Missing: %(missing)s. Surplus: %(surplus)s.") % {
        "file": name,
        "missing": ", ".join(missing) or "–",
        "surplus": ", ".join(surplus) or "–",
    }
