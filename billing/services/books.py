"""Proves the books: re-adds every balance and checks the invariants of DESIGN.md §5 in SQL."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.utils import timezone

from billing.models import LedgerAccount, LedgerEntry, Order, Payment, Refund, Renewal
from billing.triggers import missing_triggers
from plans.models import Line, Period
from plans.selectors.reminders import (
    count_stray_messages,
    overdue_reminders,
    silent_reminders,
)
from plans.selectors.usage_sums import days_unlike_their_records

logger = logging.getLogger(__name__)

PAID_STATES = (
    Order.State.PAID,
    Order.State.APPLIED,
    Order.State.EFFECTIVE,
    Order.State.CREDITED,
    Order.State.REFUNDED,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not add up: which rule, which row, what is wrong."""

    rule: str
    row: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule} {self.row}: {self.problem}"


def check_ledger() -> list[Difference]:
    """Re-add every account from its entries: I1, I2, and that the append-only triggers exist."""
    return [*_triggers(), *_entries_of_one_currency(), *_currencies_balance(), *_cached_balances()]


def check_invariants() -> list[Difference]:
    """Check I3 to I9 and I11 on the live database; I10 joins with the feature it speaks of."""
    rules: tuple[Callable[[], list[Difference]], ...] = (
        _no_negative_balance,
        _one_outcome_per_paid_order,
        _no_renewal_without_payment,
        _periods_in_line,
        _cash_equals_captures,
        _each_reminder_once,
        _no_lost_reminder,
        _days_are_sums_of_records,
    )
    return [difference for rule in rules for difference in rule()]


def check_books() -> list[Difference]:
    """Both, with an alarm in the log for each difference."""
    found = [*check_ledger(), *check_invariants()]
    for difference in found:
        logger.error("books differ", extra={"difference": str(difference)})
    return found


def _triggers() -> list[Difference]:
    return [
        Difference("append-only", name, "the trigger is missing")
        for name in sorted(missing_triggers())
    ]


def _entries_of_one_currency() -> list[Difference]:
    wrong = LedgerEntry.objects.exclude(
        debit__currency=F("currency"), credit__currency=F("currency")
    )
    return [Difference("I1", entry.key, "accounts of other currencies") for entry in wrong]


def _currencies_balance() -> list[Difference]:
    """All balances of a currency sum to zero; by construction, and re-added all the same."""
    debits = _sums("debit__currency")
    credits_ = _sums("credit__currency")
    return [
        Difference("I1", currency, "debits and credits differ")
        for currency in sorted(debits.keys() | credits_.keys())
        if debits.get(currency) != credits_.get(currency)
    ]


def _sums(field: str) -> dict[Any, int]:
    rows = LedgerEntry.objects.values_list(field).annotate(total=Sum("amount_minor")).order_by()
    return dict(rows)


def _cached_balances() -> list[Difference]:
    credited, debited = _sums("credit__line"), _sums("debit__line")
    lines = Line.objects.filter(Q(ledger_account__isnull=False) | ~Q(balance_minor=0))
    found = []
    for pk, public_id, cached in lines.values_list("pk", "public_id", "balance_minor"):
        real = credited.get(pk, 0) - debited.get(pk, 0)
        if real != cached:
            problem = f"balance is {cached}, entries say {real}"
            found.append(Difference("I2", public_id, problem))
    return found


def _no_negative_balance() -> list[Difference]:
    lines = Line.objects.filter(balance_minor__lt=0)
    return [Difference("I3", line.public_id, "balance below zero") for line in lines]


def _one_outcome_per_paid_order() -> list[Difference]:
    """A paid order is renewed, credited or refunded, and only one of these, or in review."""
    this = OuterRef("pk")
    kinds = (
        Renewal.objects.filter(order=this),
        LedgerEntry.objects.filter(order=this, key__startswith="credit:"),
        Refund.objects.filter(payment__order=this, reason=Refund.Reason.NOT_APPLICABLE),
    )
    counts = [Case(When(Exists(kind), then=1), default=0) for kind in kinds]
    wrong = (
        Order.objects.filter(state__in=PAID_STATES)
        .annotate(outcomes=counts[0] + counts[1] + counts[2])
        .exclude(outcomes=1)
        .values_list("number", "outcomes")
    )
    return [Difference("I4", number, f"{count} outcomes") for number, count in wrong]


def _no_renewal_without_payment() -> list[Difference]:
    paid = Payment.objects.filter(
        order=OuterRef("order"),
        state__in=[Payment.State.PAID, Payment.State.REFUNDING, Payment.State.REFUNDED],
    )
    renewals = Renewal.objects.filter(~Exists(paid)).select_related("order")
    return [Difference("I5", row.order.number, "renewal without payment") for row in renewals]


def _periods_in_line() -> list[Difference]:
    """No period of a chain starts before an earlier one of the same line has ended."""
    earlier = Period.objects.chain().filter(
        line=OuterRef("line"), sequence__lt=OuterRef("sequence"), end_at__gt=OuterRef("start_at")
    )
    periods = Period.objects.chain().filter(Exists(earlier))
    return [Difference("I6", str(period), "overlaps an earlier one") for period in periods]


def _cash_equals_captures() -> list[Difference]:
    """Captured − refunded per order equals what the cash account holds of it."""
    cash = LedgerAccount.Kind.CASH
    captured = _by_order(Payment.objects.filter(paid_at__isnull=False), "order")
    refunded = _by_order(Refund.objects.filter(state="succeeded"), "payment__order")
    taken = _by_order(LedgerEntry.objects.filter(debit__kind=cash), "order")
    returned = _by_order(LedgerEntry.objects.filter(credit__kind=cash), "order")
    found = []
    numbers = Order.objects.filter(payments__paid_at__isnull=False).distinct()
    for pk, number in numbers.values_list("pk", "number"):
        got, back = captured[pk], refunded.get(pk, 0)
        held = taken.get(pk, 0) - returned.get(pk, 0)
        if got - back != held:
            problem = f"captured {got}, refunded {back}, cash {held}"
            found.append(Difference("I7", number, problem))
    return found


def _each_reminder_once() -> list[Difference]:
    """No message of a reminder is without its row; unique keys do the rest."""
    stray = count_stray_messages()
    return [Difference("I8", "reminders", f"{stray} messages without a row")] if stray else []


def _no_lost_reminder() -> list[Difference]:
    """What is due is worked on, and what is said to be in the outbox is there."""
    return [
        *(Difference("I9", str(row), "still due") for row in overdue_reminders(timezone.now())),
        *(Difference("I9", str(row), "has no message") for row in silent_reminders()),
    ]


def _days_are_sums_of_records() -> list[Difference]:
    return [
        Difference("I11", f"{line} {on}", "the day is not the sum of its usage records")
        for line, on in days_unlike_their_records()
    ]


def _by_order(rows: QuerySet[Any], order: str) -> dict[int, int]:
    return dict(rows.values_list(order).annotate(total=Sum("amount_minor")).order_by())
