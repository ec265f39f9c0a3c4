"""The ledger is append-only and adds up; what does not add up is found and named."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from billing.errors import IllegalMove
from billing.models import LedgerAccount, LedgerEntry, Order, OrderEvent, Payment, Renewal
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants, check_ledger
from billing.services.grants import grant_balance
from billing.services.ledger import cash_account, post_entry, prepaid_account, revenue_account
from billing.services.orders import MOVES, move_order
from billing.services.settlement import settle_payment
from billing.triggers import drop_triggers, install_triggers, missing_triggers, trigger_names
from plans.models import Line, Period


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def applied(sandbox: SandboxServer, payment: Payment) -> Order:
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=now())
    return Order.objects.get()


def differences() -> list[str]:
    return [difference.rule for difference in [*check_ledger(), *check_invariants()]]


@pytest.mark.parametrize("model", [LedgerEntry, OrderEvent])
def test_rows_of_ledger_and_story_are_never_changed_or_deleted(
    applied: Order, model: type[Any]
) -> None:
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert model.objects.count() >= 2


def test_every_trigger_is_there_after_migrate(db: None) -> None:
    assert missing_triggers() == set()
    assert len(trigger_names()) == 4


def test_missing_triggers_are_named_and_put_back(db: None) -> None:
    drop_triggers()
    assert missing_triggers() == trigger_names()
    assert [found.rule for found in check_ledger()] == ["append-only"] * 4
    install_triggers()
    install_triggers()
    assert missing_triggers() == set()


def test_entry_between_two_currencies_is_refused(line: Line) -> None:
    with pytest.raises(ValueError, match="different currencies"):
        post_entry(
            key="x",
            debit=cash_account("THB"),
            credit=prepaid_account(line.brand, "CNY"),
            amount_minor=1,
        )
    assert not LedgerEntry.objects.exists()


def test_grant_is_written_once_and_the_cached_balance_follows(line: Line) -> None:
    for _ in range(2):
        grant_balance(line=line, amount_minor=12_000, key="demo")
    line.refresh_from_db()
    assert line.balance_minor == 12_000
    assert differences() == []


def test_wrong_cached_balance_is_found(line: Line) -> None:
    grant_balance(line=line, amount_minor=12_000, key="demo")
    Line.objects.update(balance_minor=12_001)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_ledger", stdout=out)
    assert out.getvalue().splitlines() == [
        f"I2 {line.public_id}: balance is 12001, entries say 12000",
        "1 differences",
    ]


def test_entry_of_another_currency_than_its_accounts_is_found(line: Line) -> None:
    LedgerEntry.objects.create(
        key="wrong",
        debit=cash_account("THB"),
        credit=prepaid_account(line.brand, "CNY"),
        amount_minor=5,
        currency="THB",
    )
    assert differences() == ["I1", "I1", "I1"]


def test_paid_order_without_outcome_is_found(applied: Order) -> None:
    Renewal.objects.all().delete()
    assert differences() == ["I4"]


def test_renewal_without_payment_is_found(applied: Order) -> None:
    Payment.objects.update(state="pending", paid_at=None)
    assert differences() == ["I5"]


def test_overlapping_periods_are_found(applied: Order) -> None:
    period = Period.objects.get()
    Period.objects.create(
        line=period.line,
        version=period.version,
        sequence=2,
        start_at=period.end_at.replace(hour=16),
        end_at=period.end_at.replace(hour=18),
        anchor_at=period.anchor_at,
    )
    assert differences() == ["I6"]


def test_cash_that_no_payment_explains_is_found(applied: Order) -> None:
    post_entry(
        key="capture:again",
        debit=cash_account("THB"),
        credit=revenue_account(applied.line.brand, "THB"),
        amount_minor=35_900,
        order=applied,
    )
    assert differences() == ["I7"]


def test_commands_print_zero_differences_on_a_sound_database(applied: Order) -> None:
    for command in ("check_ledger", "check_invariants"):
        out = StringIO()
        call_command(command, stdout=out)
        assert out.getvalue() == "0 differences\n"


def test_no_state_moves_but_as_the_design_lists(order: Order) -> None:
    for start, allowed in MOVES.items():
        for end in Order.State:
            if end in allowed:
                continue
            order.state = start
            with pytest.raises(IllegalMove):
                move_order(order, end)
    assert Order.objects.get().state == Order.State.AWAITING_PAYMENT


def test_two_accounts_of_one_code_cannot_exist(line: Line) -> None:
    first, second = cash_account("THB"), cash_account("THB")
    assert first == second
    assert LedgerAccount.objects.filter(code="cash:stripe:THB").count() == 1
