"""Money that arrived becomes service exactly once, or goes back; never silence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from billing.models import LedgerEntry, Order, OrderEvent, Payment, Refund, Renewal
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants, check_ledger
from billing.services.checkout import resume_checkout
from billing.services.refunds import push_refund
from billing.services.renewals import push_renewal
from billing.services.settlement import settle_payment
from messaging.models import Message
from plans.models import Line, Period, SimulatorFault
from tests.billing.conftest import NOW
from tests.factories import PeriodFactory

Clock = time_machine.Traveller
DECLINED = "4000000000000002"


def now() -> datetime:
    return datetime.now(UTC)


def settle(payment: Payment) -> Payment:
    return settle_payment(payment_id=payment.pk, now=now())


def pay(sandbox: SandboxServer, payment: Payment, **how: Any) -> None:
    payment.refresh_from_db()
    sandbox.pay(payment.stripe_session_id or "", **how)


def entries() -> list[tuple[str, str, str, int]]:
    rows = LedgerEntry.objects.select_related("debit", "credit").order_by("pk")
    return [
        (row.key.partition(":")[0], row.debit.code, row.credit.code, row.amount_minor)
        for row in rows
    ]


def messages() -> list[tuple[str, str]]:
    rows = Message.objects.order_by("template", "channel")
    return [(row.template, row.channel) for row in rows]


def books() -> list[str]:
    return [str(difference) for difference in [*check_ledger(), *check_invariants()]]


def test_paid_order_becomes_one_period_as_promised(
    sandbox: SandboxServer, order: Order, payment: Payment, line: Line
) -> None:
    pay(sandbox, payment)
    settle(payment)
    order.refresh_from_db()
    period = Period.objects.get()
    assert order.state == Order.State.APPLIED
    assert (period.start_at, period.end_at) == (order.promised_start_at, order.promised_end_at)
    assert Renewal.objects.get().period == period
    line.refresh_from_db()
    assert line.valid_until == period.end_at
    slug = line.brand.slug
    assert entries() == [
        ("capture", "cash:stripe:THB", f"prepaid:{slug}:THB", 35_900),
        ("renewal", f"prepaid:{slug}:THB", f"revenue:{slug}:THB", 35_900),
    ]
    payment.refresh_from_db()
    assert (payment.state, payment.card_brand, payment.card_last4) == ("paid", "visa", "4242")
    assert messages() == []
    assert books() == []


def test_confirmed_by_the_network_it_is_effective_and_told_once(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    pay(sandbox, payment)
    settle(payment)
    renewal = Renewal.objects.get()
    for _ in range(3):
        push_renewal(renewal_id=renewal.pk, now=now())
    order.refresh_from_db()
    assert order.state == Order.State.EFFECTIVE
    assert [event.kind for event in order.events.all()] == [
        "ordered",
        "paid",
        "applied",
        "effective",
    ]
    assert messages() == [("renewal_effective", "email"), ("renewal_effective", "sms")]
    assert books() == []


def test_settling_again_changes_nothing(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    pay(sandbox, payment)
    for _ in range(5):
        settle(payment)
    assert Period.objects.count() == Renewal.objects.count() == 1
    assert len(entries()) == 2
    assert order.events.filter(kind=OrderEvent.Kind.PAID).count() == 1


def test_nothing_paid_changes_nothing(order: Order, payment: Payment) -> None:
    settle(payment)
    order.refresh_from_db()
    assert order.state == Order.State.AWAITING_PAYMENT
    assert not Renewal.objects.exists()
    assert entries() == []


def test_declined_card_leaves_the_order_payable_and_another_card_works(
    sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    pay(sandbox, payment, card=DECLINED)
    settle(payment)
    settle(payment)
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.state, payment.failure_code) == (Payment.State.PENDING, "generic_decline")
    assert order.is_payable
    assert order.events.filter(kind=OrderEvent.Kind.PAYMENT_FAILED).count() == 1
    assert messages() == [("payment_failed", "email"), ("payment_failed", "sms")]
    pay(sandbox, payment)
    settle(payment)
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert order.payments.count() == 1
    # Not yet sent, hence taken back.
    assert {message.state for message in Message.objects.all()} == {Message.State.WITHDRAWN}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_total": 100}, "wrong_amount"),
        ({"currency": "usd"}, "wrong_currency"),
        ({"client_reference_id": "XKOTHER"}, "wrong_order"),
        ({"livemode": True}, "live_mode"),
    ],
)
def test_paid_session_that_does_not_fit_goes_to_review_and_applies_nothing(
    sandbox: SandboxServer,
    order: Order,
    payment: Payment,
    changes: dict[str, Any],
    reason: str,
) -> None:
    pay(sandbox, payment)
    sandbox.tamper(payment.stripe_session_id or "", **changes)
    settle(payment)
    settle(payment)
    order.refresh_from_db()
    assert (order.state, order.review_reason) == (Order.State.IN_REVIEW, reason)
    assert not Renewal.objects.exists()
    assert not Period.objects.exists()
    assert entries() == []
    assert order.events.filter(kind=OrderEvent.Kind.IN_REVIEW).count() == 1
    assert messages() == [("order_in_review", "email"), ("order_in_review", "sms")]
    assert books() == []


def test_order_walked_away_from_expires_by_itself(
    clock: Clock, order: Order, payment: Payment
) -> None:
    clock.shift(timedelta(minutes=36))
    settle(payment)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == (Order.State.EXPIRED, Payment.State.EXPIRED)
    settle(payment)
    assert order.events.filter(kind=OrderEvent.Kind.EXPIRED).count() == 1


def test_late_money_of_an_expired_order_is_applied(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    """Paid in the last second, heard of after the order was closed here."""
    pay(sandbox, payment)
    Order.objects.update(state=Order.State.EXPIRED)
    clock.shift(timedelta(hours=2))
    settle(payment)
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert order.events.filter(kind=OrderEvent.Kind.LATE_PAYMENT).count() == 1
    assert Period.objects.get().end_at == order.promised_end_at
    assert books() == []


def test_late_money_for_a_dead_line_goes_back(
    sandbox: SandboxServer, order: Order, payment: Payment, line: Line
) -> None:
    pay(sandbox, payment)
    Line.objects.update(state=Line.State.TERMINATED)
    settle(payment)
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert order.state == Order.State.REFUNDED
    assert (refund.amount_minor, refund.reason) == (35_900, "not_applicable")
    assert not Period.objects.exists()
    for _ in range(3):
        push_refund(refund_id=refund.pk, now=now())
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.state) == (Refund.State.SUCCEEDED, Payment.State.REFUNDED)
    slug = line.brand.slug
    assert entries() == [
        ("capture", "cash:stripe:THB", f"prepaid:{slug}:THB", 35_900),
        ("refund", f"prepaid:{slug}:THB", "cash:stripe:THB", 35_900),
    ]
    creates = [seen for seen in sandbox.requests if seen[:2] == ("POST", "/v1/refunds")]
    assert creates == [("POST", "/v1/refunds", f"refund:{refund.public_id}")]
    assert messages() == [("payment_refunded", "email"), ("payment_refunded", "sms")]
    assert books() == []


def test_money_over_the_queue_limit_becomes_balance(
    sandbox: SandboxServer, order: Order, payment: Payment, line: Line
) -> None:
    pay(sandbox, payment)
    version = order.lines.get().version
    for place in range(4):
        PeriodFactory.create(
            line=line, version=version, start_at=NOW + timedelta(days=30 * place - 1)
        )
    settle(payment)
    order.refresh_from_db()
    line.refresh_from_db()
    assert order.state == Order.State.CREDITED
    assert line.balance_minor == 35_900
    assert messages() == [("payment_credited", "email"), ("payment_credited", "sms")]
    assert books() == []


def test_order_paid_twice_gives_the_second_payment_back(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    """Two pages of one order, both paid: one period, one refund, of the second payment only."""
    clock.shift(timedelta(minutes=34))
    resume_checkout(order=order, return_base="http://testserver", now=now())
    second = order.payments.exclude(pk=payment.pk).get()
    pay(sandbox, second)
    pay(sandbox, payment)
    settle(second)
    settle(payment)
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason) == (payment, "paid_twice")
    for _ in range(2):
        push_refund(refund_id=refund.pk, now=now())
    order.refresh_from_db()
    second.refresh_from_db()
    payment.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert (second.state, payment.state) == (Payment.State.PAID, Payment.State.REFUNDED)
    assert Period.objects.count() == 1
    assert books() == []


def test_two_orders_for_one_line_are_both_honoured_and_the_second_is_marked(
    sandbox: SandboxServer,
    order: Order,
    payment: Payment,
    line: Line,
    order_for: Callable[..., Order],
) -> None:
    other = order_for(line, currency="CNY")
    for one in (payment, other.payments.get()):
        pay(sandbox, one)
        settle(one)
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.state, other.state) == (Order.State.APPLIED, Order.State.APPLIED)
    assert (order.is_possible_duplicate, other.is_possible_duplicate) == (False, True)
    first, second = Period.objects.order_by("sequence")
    assert second.start_at == first.end_at
    assert books() == []


def test_paid_at_is_the_providers_time(
    clock: Clock, sandbox: SandboxServer, order: Order, payment: Payment
) -> None:
    """S08: the payment's own time decides, however late we work on it."""
    pay(sandbox, payment)
    paid = now()
    clock.shift(timedelta(minutes=12))
    settle(payment)
    order.refresh_from_db()
    assert order.paid_at is not None
    assert abs(order.paid_at - paid) <= timedelta(seconds=1)


def test_network_that_loses_its_answer_gets_the_same_order_again(
    sandbox: SandboxServer, order: Order, payment: Payment, line: Line
) -> None:
    """S31: three lost answers, the fourth says already applied; one application."""
    SimulatorFault.objects.create(line_ref=line.public_id, kind="lost_answer", remaining=3)
    pay(sandbox, payment)
    settle(payment)
    renewal = Renewal.objects.get()
    for minute in range(6):
        push_renewal(renewal_id=renewal.pk, now=now() + timedelta(minutes=20 * minute))
    order.refresh_from_db()
    assert order.state == Order.State.EFFECTIVE
    assert Period.objects.count() == 1
    assert messages() == [("renewal_effective", "email"), ("renewal_effective", "sms")]


def test_network_that_refuses_for_good_leaves_a_visible_hanging_order(
    sandbox: SandboxServer, order: Order, payment: Payment, line: Line
) -> None:
    SimulatorFault.objects.create(line_ref=line.public_id, kind="refuse")
    pay(sandbox, payment)
    settle(payment)
    for minute in range(3):
        push_renewal(
            renewal_id=Renewal.objects.get().pk, now=now() + timedelta(minutes=20 * minute)
        )
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert order.events.filter(kind=OrderEvent.Kind.NETWORK_REFUSED).count() == 1
