"""How brands and plans get in: from files, and only as new versions once they have been sold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from plans.catalogue_file import (
    BRAND_COLUMNS,
    BrandRow,
    PlanRow,
    Row,
    Table,
    read_brand,
    read_plan,
)
from plans.catalogue_row import Problem, RowError
from plans.models import Allowance, Brand, Plan, PlanVersion, Price


class Change(StrEnum):
    """What a row came to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that did not go in: where, and why; column "" means the row as a whole."""

    file: str
    line: int
    column: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did: rows by change, and every mistake of the rows it refused."""

    counts: dict[Change, int] = field(default_factory=lambda: dict.fromkeys(Change, 0))
    refused: list[RefusedRow] = field(default_factory=list)


def import_catalogue(
    tables: Sequence[Table], *, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Bring brands and plans to what the files say, brands first, in one transaction.

    A bad row is refused with its line and column, the others go in. A plan whose terms or prices
    changed gets a new version, which becomes the current one; nothing changes for orders and
    periods of the old. The same files again change nothing. Plans that a file does not name stay
    as they are. With `dry_run` everything is tried and nothing kept.
    """
    report = ImportReport()
    with transaction.atomic():
        for table in sorted(tables, key=lambda table: table.columns != BRAND_COLUMNS):
            _import_table(table, report, now)
        transaction.set_rollback(dry_run)
    return report


def _import_table(table: Table, report: ImportReport, now: datetime) -> None:
    seen: dict[str, int] = {}
    for row in table.rows:
        try:
            change = _import_row(table, row, seen, now)
        except RowError as error:
            report.refused += [
                RefusedRow(table.name, row.line, problem.column, problem.reason)
                for problem in error.problems
            ]
        else:
            report.counts[change] += 1


def _import_row(table: Table, row: Row, seen: dict[str, int], now: datetime) -> Change:
    if table.columns == BRAND_COLUMNS:
        brand = read_brand(row)
        _refuse_repeat("slug", brand.slug, row, seen)
        return _save_brand(brand)
    plan = read_plan(row)
    _refuse_repeat("sku", plan.sku, row, seen)
    return _save_plan(plan, now)


def _refuse_repeat(column: str, key: str, row: Row, seen: dict[str, int]) -> None:
    """Two rows for one thing would make a new version at every import."""
    first = seen.setdefault(key, row.line)
    if first != row.line:
        raise RowError(Problem(column, _("appears already in line %d.") % first))


def _save_brand(row: BrandRow) -> Change:
    brand = Brand.objects.filter(slug=row.slug).first()
    if brand is None:
        last = Brand.objects.aggregate(last=Max("position"))["last"] or 0
        Brand.objects.create(slug=row.slug, position=last + 1, **row.fields)
        return Change.CREATED
    if brand.currency != row.fields["currency"]:
        # Prices, balances and the ledger of its lines are in the old one.
        raise RowError(Problem("currency", _("of a brand can never change.")))
    changed = [name for name, value in row.fields.items() if getattr(brand, name) != value]
    if not changed:
        return Change.UNCHANGED
    for name in changed:
        setattr(brand, name, row.fields[name])
    brand.save(update_fields=changed)
    return Change.CHANGED


def _save_plan(row: PlanRow, now: datetime) -> Change:
    brand = Brand.objects.filter(slug=row.brand).first()
    if brand is None:
        raise RowError(Problem("brand", _("“%s” is not known.") % row.brand))
    if brand.currency != row.currency:
        raise RowError(Problem("currency", _("is %s for this brand.") % brand.currency))
    plan = Plan.objects.select_related("current", "brand").filter(sku=row.sku).first()
    if plan is None:
        last = Plan.objects.filter(brand=brand).aggregate(last=Max("position"))["last"] or 0
        plan = Plan.objects.create(brand=brand, sku=row.sku, kind=row.kind, position=last + 1)
        _publish(plan, row, number=1, now=now)
        return Change.CREATED
    _refuse_other_identity(plan, row)
    if plan.current is not None and plan.current.content_hash == row.content_hash:
        return Change.UNCHANGED
    last = plan.versions.aggregate(last=Max("number"))["last"] or 0
    _publish(plan, row, number=last + 1, now=now)
    return Change.CHANGED


def _refuse_other_identity(plan: Plan, row: PlanRow) -> None:
    """A sku means one thing for ever; receipts and periods name it."""
    if plan.brand.slug != row.brand:
        raise RowError(Problem("sku", _("belongs to the brand %s.") % plan.brand.slug))
    if plan.kind != row.kind:
        raise RowError(Problem("kind", _("of a plan can never change.")))


def _publish(plan: Plan, row: PlanRow, *, number: int, now: datetime) -> None:
    """Write the next version with prices and allowances, and sell it from now on."""
    version = PlanVersion.objects.create(
        plan=plan, number=number, published_at=now, content_hash=row.content_hash, **row.terms
    )
    Price.objects.bulk_create(
        Price(version=version, currency=currency, amount_minor=amount_minor)
        for currency, amount_minor in row.prices.items()
    )
    Allowance.objects.bulk_create(
        Allowance(version=version, kind=kind, amount=amount or 0, is_unlimited=amount is None)
        for kind, amount in row.allowances.items()
    )
    plan.current = version
    plan.save(update_fields=["current"])
