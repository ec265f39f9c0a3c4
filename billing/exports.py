"""The customer's payments as a table for a spreadsheet, row by row."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from billing.selectors.history import HistoryRow
from messaging.formats import from_minor, msisdn

# Spreadsheets take a file for UTF-8 only when it begins with this.
BYTE_ORDER_MARK = "\ufeff"
# A cell that begins so is run as a formula by spreadsheets (DESIGN.md section 8); the last four
# are =, +, - and @ at full width, which they take for the same where people type Chinese.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class OneRow:
    """A file of one row: hands back what the writer writes."""

    def write(self, text: str) -> str:
        """Return the row instead of keeping it."""
        return text


def order_table(rows: Iterable[HistoryRow], *, language: str) -> Iterator[str]:
    """Yield the table as CSV in `language`, header first, one row per order.

    Sums are written as people write them (349.00), times in the zone of the line's brand. The
    language holds within each row only: between two of them other code may run.
    """
    writer = csv.writer(OneRow())
    with translation.override(language):
        header = BYTE_ORDER_MARK + writer.writerow(_header())
    yield header
    for row in rows:
        with translation.override(language):
            cells = [inert_cell(cell) for cell in _cells(row)]
        yield writer.writerow(cells)


def inert_cell(text: str) -> str:
    """Return the text so that no spreadsheet runs it: an apostrophe before what would be."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _header() -> list[str]:
    return [
        _("Order number"),
        _("Ordered"),
        _("Paid"),
        _("Confirmed by the network"),
        _("Line"),
        _("Brand"),
        _("Plan"),
        _("Total"),
        _("Currency"),
        _("Tax included"),
        _("Way to pay"),
        _("State"),
        _("Refunded"),
    ]


def _cells(row: HistoryRow) -> list[str]:
    order, zone = row.order, row.line.brand.zone
    return [
        order.number,
        _time(order.created_at, zone),
        _time(order.paid_at, zone),
        _time(order.effective_at, zone),
        msisdn(row.line.msisdn),
        row.line.brand.name,
        row.version.name,
        str(from_minor(order.total_minor, order.currency)),
        order.currency,
        str(from_minor(row.tax_minor, order.currency)),
        str(row.method),
        str(row.words.word),
        str(from_minor(row.refunded_minor, order.currency)),
    ]


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
