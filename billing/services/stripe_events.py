"""A verified event: stored once, then acted on by reading the truth from Stripe again."""

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from billing.errors import ProviderUnavailable
from billing.models import Payment, Refund, StripeEvent
from billing.services.refunds import check_sent_refund, push_refund
from billing.services.settlement import settle_payment
from billing.stripe_client import API_VERSION, EventSnapshot
from messaging.models import retry_at
from portal.ring import ring

logger = logging.getLogger(__name__)

# Kinds of event that can concern us; everything else is kept and left alone.
PAYMENT_EVENTS = ("checkout.session.", "payment_intent.")
REFUND_EVENTS = ("refund.", "charge.refund")
# Why an event of another API version is not processed.
OTHER_VERSION = "api_version"


def store_event(event: EventSnapshot, *, source: StripeEvent.Source, now: datetime) -> StripeEvent:
    """Keep a verified event and ring for it; the same event again changes nothing.

    Live mode and other API versions are kept as refused, with an alarm, and never processed. An
    event that came in another version first is good once it comes in ours: the list of events
    speaks the account's version, and while that is raised two endpoints tell of each event.
    """
    refusal = _refusal(event)
    columns = _columns(event, refusal, now=now)
    row, is_new = _insert_or_read(event.event_id, {**columns, "source": source})
    if is_new and refusal:
        logger.error("event refused", extra={"event": event.event_id, "reason": refusal})
    if row.refusal == OTHER_VERSION and not refusal:
        StripeEvent.objects.filter(pk=row.pk, refusal=OTHER_VERSION).update(**columns)
        row.refresh_from_db()
    if row.state == StripeEvent.State.DUE:
        ring("billing.process_stripe_event", row.pk)
    return row


def _insert_or_read(event_id: str, columns: dict[str, Any]) -> tuple[StripeEvent, bool]:
    """The event's row and whether it is new; as good as always it is, so it is written without
    looking first, and the unique key says if not."""
    try:
        with transaction.atomic():
            return StripeEvent.objects.create(event_id=event_id, **columns), True
    except IntegrityError:
        return StripeEvent.objects.get(event_id=event_id), False


def _columns(event: EventSnapshot, refusal: str, *, now: datetime) -> dict[str, Any]:
    return {
        "type": event.type,
        "api_version": event.api_version[:40],
        "livemode": event.is_live,
        "object_id": event.object_id[:120],
        "body": dict(event.body),
        "created_at": event.created_at,
        "state": StripeEvent.State.REFUSED if refusal else StripeEvent.State.DUE,
        "refusal": refusal,
        "next_try_at": None if refusal else now,
    }


def _refusal(event: EventSnapshot) -> str:
    if event.is_live:
        return "live_mode"
    if event.api_version != API_VERSION:
        return OTHER_VERSION
    return ""


def process_stripe_event(*, event_pk: int, now: datetime) -> None:
    """Act on one stored event, once at a time; what fails stays due and is tried again."""
    if not StripeEvent.objects.claim(event_pk, now=now):
        return
    event = StripeEvent.objects.get(pk=event_pk)
    try:
        is_ours = _act(event, now=now)
    except ProviderUnavailable as error:
        StripeEvent.objects.filter(pk=event_pk).update(
            error=str(error), next_try_at=retry_at(now, event.attempts), leased_until=None
        )
        return
    except Exception as error:
        # A fault of ours: kept on the row for whoever mends it, tried again ever more rarely.
        StripeEvent.objects.filter(pk=event_pk).update(
            error=repr(error)[:500], next_try_at=retry_at(now, event.attempts), leased_until=None
        )
        raise
    StripeEvent.objects.filter(pk=event_pk).update(
        state=StripeEvent.State.DONE if is_ours else StripeEvent.State.IGNORED,
        processed_at=now,
        error="",
        leased_until=None,
        next_try_at=None,
    )


def _act(event: StripeEvent, *, now: datetime) -> bool:
    if event.type.startswith(PAYMENT_EVENTS):
        return _settle(event, now=now)
    if event.type.startswith(REFUND_EVENTS):
        return _follow_refund(event, now=now)
    return False


def _settle(event: StripeEvent, *, now: datetime) -> bool:
    payment = _payment_of(event)
    if payment is None:
        return False
    is_session = event.type.startswith("checkout.session.")
    settle_payment(payment_id=payment.pk, now=now, session_id=event.object_id if is_session else "")
    return True


def _payment_of(event: StripeEvent) -> Payment | None:
    """By Stripe's own id; else by our id in the metadata, for an event that overtook the answer
    to our call."""
    known = Payment.objects.filter(
        Q(stripe_session_id=event.object_id) | Q(stripe_payment_intent_id=event.object_id)
    ).first()
    return known or _by_public_id(Payment.objects.all(), event, "payment")


def _follow_refund(event: StripeEvent, *, now: datetime) -> bool:
    known = Refund.objects.filter(stripe_refund_id=event.object_id).first()
    refund = known or _by_public_id(Refund.objects.all(), event, "refund")
    if refund is None:
        return False
    if refund.state == Refund.State.SUCCEEDED:
        check_sent_refund(refund_id=refund.pk, now=now)
        return True
    Refund.objects.filter(pk=refund.pk, state__in=Refund.due_states).update(next_try_at=now)
    push_refund(refund_id=refund.pk, now=now)
    return True


def _by_public_id[Row: (Payment, Refund)](
    rows: QuerySet[Row], event: StripeEvent, name: str
) -> Row | None:
    metadata = event.body["data"]["object"].get("metadata") or {}
    try:
        public_id = uuid.UUID(str(metadata.get(name)))
    except ValueError:
        return None
    return rows.filter(public_id=public_id).first()
