"""Use that costs money is taken from the balance once, never below 0, and the books still add up."""

import logging
from datetime import UTC, datetime

import pytest

from billing.models import LedgerEntry
from billing.services.books import check_invariants, check_ledger
from billing.services.grants import grant_balance
from billing.services.usage_charges import post_usage_charge
from plans.models import Line, UsageCharge
from portal.sweep import sweep
from tests.factories import LineFactory
from tests.plans.factories import UsageChargeFactory
from tests.plans.usage.rows import csv_file, row, take, wangs_line

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    made = LineFactory.create()
    grant_balance(line=made, amount_minor=2000, key="start")
    return made


def charge(line: Line, amount_minor: int) -> UsageCharge:
    return UsageChargeFactory.create(record__line=line, amount_minor=amount_minor)


def balance(line: Line) -> int:
    return Line.objects.get(pk=line.pk).balance_minor


def ledger_differences() -> list[str]:
    return [str(one) for one in [*check_ledger(), *check_invariants()] if one.rule != "I11"]


def test_a_charge_is_taken_once_however_often_it_is_posted(line: Line) -> None:
    due = charge(line, 1250)

    assert [post_usage_charge(charge_id=due.pk, now=NOW) for _ in range(3)] == [1250, 0, 0]

    due.refresh_from_db()
    assert (due.state, due.posted_minor, due.posted_at) == ("posted", 1250, NOW)
    assert balance(line) == 750
    entry = LedgerEntry.objects.get(key=f"usage:{due.pk}")
    assert (entry.debit.kind, entry.credit.kind, entry.amount_minor) == ("balance", "revenue", 1250)
    assert ledger_differences() == []


def test_a_balance_ends_at_0_and_the_rest_is_reported(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = charge(line, 1500), charge(line, 800), charge(line, 1)

    with caplog.at_level(logging.WARNING, logger="billing.services.usage_charges"):
        taken = [post_usage_charge(charge_id=one.pk, now=NOW) for one in (first, second, third)]

    assert (taken, balance(line)) == ([1500, 500, 0], 0)
    assert [(one.message, one.__dict__["rest_minor"]) for one in caplog.records] == [
        ("use not covered", 300),
        ("use not covered", 1),
    ]
    assert LedgerEntry.objects.filter(key__startswith="usage:").count() == 2
    assert ledger_differences() == []


def test_the_sweep_posts_what_an_import_leaves_and_a_second_import_takes_nothing_more() -> None:
    line = wangs_line()
    grant_balance(line=line, amount_minor=2000, key="start")
    content = csv_file([row("u-1", charged_minor=1250), row("u-2", charged_minor=50)])

    for _ in range(2):
        take(content)
        sweep(now=NOW)

    assert balance(line) == 700
    assert [str(one) for one in [*check_ledger(), *check_invariants()]] == []
