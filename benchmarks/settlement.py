"""A paid event fully applied: the settlement's transaction against one that writes the same rows.

Both begin when Stripe has been read and end when the rows are committed; ours rings the bell too.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from benchmarks.bells import bells
from benchmarks.clock import WALL, Effort, Side, alternate
from benchmarks.shop import payments_about_to_arrive
from benchmarks.table import RatioRow, Row
from billing.models import LedgerAccount, LedgerEntry, Order, OrderEvent, Payment, Renewal
from billing.services.ledger import cash_account, prepaid_account, revenue_account
from billing.services.settlement import settle_as
from billing.stripe_client import SessionSnapshot
from plans.models import Allowance, Bucket, Line, Period, PlanVersion, ServiceOrder

LARGEST_RATIO = 2.0


@dataclass(frozen=True, slots=True)
class Known:
    """All that the bare transaction needs, read before it begins."""

    payment: Payment
    version: PlanVersion
    allowances: list[Allowance]
    accounts: tuple[LedgerAccount, LedgerAccount, LedgerAccount]
    network_body: dict[str, object]
    at: datetime


def measure_settlement(version: PlanVersion, effort: Effort) -> list[Row]:
    """One row; every call settles a renewal of its own, on a running line of its own."""
    ours, baseline = paid_payments(effort.inputs, version), known_payments(effort.inputs, version)
    wanted = Renewal.objects.count() + 2 * effort.inputs
    with bells(is_heard=True):
        timing = alternate(
            Side(settle, ours), Side(write_rows, baseline), clock=WALL, effort=effort
        )
    if Renewal.objects.count() != wanted:
        raise RuntimeError("not every payment became a renewal")
    return [RatioRow("paid event applied: wall time", timing, goal=LARGEST_RATIO)]


def paid_payments(number: int, version: PlanVersion) -> list[tuple[Payment, SessionSnapshot]]:
    """Payments that wait, each with what Stripe says of its session."""
    return payments_about_to_arrive(number, version=version, now=timezone.now())


def settle(paid: tuple[Payment, SessionSnapshot]) -> None:
    """Ours: everything that follows from a reading of the session, by the product's rules."""
    payment, session = paid
    settle_as(payment_id=payment.pk, session=session, now=timezone.now())


def known_payments(number: int, version: PlanVersion) -> list[Known]:
    """The same for the bare transaction, which reads nothing itself."""
    brand, currency = version.plan.brand, version.plan.brand.currency
    accounts = (
        cash_account(currency),
        prepaid_account(brand, currency),
        revenue_account(brand, currency),
    )
    return [
        Known(
            payment=payment,
            version=version,
            allowances=list(version.allowances.all()),
            accounts=accounts,
            network_body=payment.order.line.service_orders.latest("pk").body,
            at=timezone.now(),
        )
        for payment, _ in paid_payments(number, version)
    ]


def write_rows(known: Known) -> None:
    """The baseline: each row that a settlement inserts or updates, once, and not one query more."""
    payment, order = known.payment, known.payment.order
    with transaction.atomic():
        _save_payment(payment, known.at)
        period = _insert_period(known, order.line)
        service_order = ServiceOrder.objects.create(
            line=order.line,
            period=period,
            action=ServiceOrder.Action.APPLY_PERIOD,
            body=known.network_body,
            next_try_at=known.at,
        )
        Renewal.objects.create(
            order=order,
            line=order.line,
            period=period,
            service_order=service_order,
            applied_at=known.at,
        )
        _insert_entries(known)
        order.state = Order.State.APPLIED
        order.paid_at = order.applied_at = known.at
        order.save(update_fields=["state", "paid_at", "applied_at", "is_possible_duplicate"])
        for kind in (OrderEvent.Kind.PAID, OrderEvent.Kind.APPLIED):
            detail = {"payment": str(payment.public_id)}
            OrderEvent.objects.create(order=order, kind=kind, at=known.at, detail=detail)


def _save_payment(payment: Payment, at: datetime) -> None:
    payment.state = Payment.State.PAID
    payment.paid_at = at
    payment.stripe_payment_intent_id = f"pi_{payment.order.number}"
    payment.card_brand, payment.card_last4 = "visa", "4242"
    payment.save()


def _insert_period(known: Known, line: Line) -> Period:
    order = known.payment.order
    period = Period.objects.create(
        line=line,
        version=known.version,
        sequence=2,
        start_at=order.promised_start_at,
        end_at=order.promised_end_at,
        anchor_at=order.promised_start_at,
        chain_index=2,
        state=Period.State.QUEUED,
    )
    Bucket.objects.bulk_create(
        Bucket(
            period=period,
            kind=allowance.kind,
            scope=known.version.zones,
            granted=allowance.amount,
            is_unlimited=allowance.is_unlimited,
            valid_from=period.start_at,
            valid_until=period.end_at,
        )
        for allowance in known.allowances
    )
    line.valid_until = period.end_at
    line.save(update_fields=["valid_until", "state"])
    return period


def _insert_entries(known: Known) -> None:
    payment, order = known.payment, known.payment.order
    cash, prepaid, revenue = known.accounts
    LedgerEntry.objects.create(
        key=f"capture:{payment.public_id}",
        debit=cash,
        credit=prepaid,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        order=order,
        payment=payment,
    )
    LedgerEntry.objects.create(
        key=f"renewal:{order.number}",
        debit=prepaid,
        credit=revenue,
        amount_minor=order.total_minor,
        currency=order.currency,
        order=order,
    )
