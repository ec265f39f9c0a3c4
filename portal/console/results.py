"""What a search found: as tables for the page, as short entries for the palette."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from accounts.models import User
from billing.console.sections import (
    customers_section,
    events_section,
    lines_section,
    messages_section,
    orders_section,
    payments_section,
    refunds_section,
)
from billing.selectors.search import Found, find_anything
from messaging.console import Section, joined, page_of
from messaging.formats import money_exact, msisdn

# What a search shows; whoever lacks one of these rights has no search.
RIGHTS = (
    "plans.view_line",
    "accounts.view_user",
    "billing.view_order",
    "billing.view_payment",
    "messaging.view_message",
)


def may_see_customers(request: HttpRequest) -> bool:
    """Whether this member of staff may see customers with lines, orders and messages."""
    return isinstance(request.user, User) and request.user.has_perms(RIGHTS)


def found_sections(found: Found) -> list[Section]:
    """One table for each kind of which something was found."""
    tables = [
        lines_section(found.lines),
        customers_section(found.customers),
        orders_section(found.orders),
        payments_section(found.payments),
        refunds_section(found.refunds),
        events_section(found.events),
        messages_section(found.messages),
    ]
    return [table for table in tables if table.rows]


def palette(request: HttpRequest, _lowered: str) -> list[SearchResult]:
    """The same search behind the keyboard's shortcut; asks as typed, for ids know their case."""
    if not may_see_customers(request):
        return []
    return list(_entries(find_anything(request.GET.get("s", ""))))


def _entries(found: Found) -> Iterator[SearchResult]:
    for line in found.lines:
        facts = joined((str(line.brand), line.get_state_display(), str(line.customer or "")))
        yield SearchResult(msisdn(line.msisdn), facts, page_of(line), "sim_card")
    for customer in found.customers:
        facts = joined((_("Customer"), customer.email or customer.phone or ""))
        yield SearchResult(str(customer), facts, page_of(customer), "person")
    for order in found.orders:
        price = money_exact(order.total_minor, order.currency)
        facts = joined((order.get_state_display(), price))
        yield SearchResult(order.number, facts, page_of(order), "receipt_long")
    for message in found.messages:
        facts = joined((message.get_state_display(), message.address))
        yield SearchResult(message.template, facts, page_of(message), "mail")
