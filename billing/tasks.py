"""One task is one call of a rule; it takes one id and may be repeated at will."""

from celery import shared_task
from django.utils import timezone

from billing.services import (
    reconciliation,
    refunds,
    renewals,
    settlement,
    stripe_events,
    usage_charges,
)


@shared_task(name="billing.process_stripe_event")
def process_stripe_event(event_pk: int) -> None:
    stripe_events.process_stripe_event(event_pk=event_pk, now=timezone.now())


@shared_task(name="billing.read_payment")
def read_payment(payment_id: int) -> None:
    reconciliation.read_due_payment(payment_id=payment_id, now=timezone.now())


@shared_task(name="billing.expire_order")
def expire_order(order_id: int) -> None:
    settlement.expire_due_order(order_id=order_id, now=timezone.now())


@shared_task(name="billing.push_renewal")
def push_renewal(renewal_id: int) -> None:
    renewals.push_renewal(renewal_id=renewal_id, now=timezone.now())


@shared_task(name="billing.push_refund")
def push_refund(refund_id: int) -> None:
    refunds.push_refund(refund_id=refund_id, now=timezone.now())


@shared_task(name="billing.post_usage_charge")
def post_usage_charge(charge_id: int) -> None:
    usage_charges.post_usage_charge(charge_id=charge_id, now=timezone.now())


@shared_task(name="billing.reconcile_stripe")
def reconcile_stripe() -> None:
    reconciliation.reconcile_stripe(now=timezone.now())
