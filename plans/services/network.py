"""How a period reaches the operator's network: one row, one id, one outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from messaging.models import retry_at
from plans.models import Allowance, Bucket, Period, ServiceOrder
from plans.network import get_network
from plans.network.port import (
    AnswerLost,
    AnswerState,
    NetworkAnswer,
    NetworkBucket,
    NetworkOrder,
    NetworkRefused,
    NetworkUnavailable,
    Unit,
)

UNITS = {
    Allowance.Kind.DATA: Unit.BYTES,
    Allowance.Kind.VOICE: Unit.SECONDS,
    Allowance.Kind.SMS: Unit.MESSAGES,
}
# How long to wait before asking again, by how long the order has existed: (younger than, pause).
POLLING = (
    (timedelta(seconds=10), timedelta(seconds=1)),
    (timedelta(minutes=1), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(hours=1), timedelta(minutes=2)),
    (timedelta(days=1), timedelta(minutes=10)),
    (timedelta(days=7), timedelta(hours=1)),
)
SLOWEST_POLLING = timedelta(hours=24)


class OutcomeState(StrEnum):
    """Where a network order stands after a push."""

    COMPLETED = "completed"
    UNDERWAY = "underway"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a push came to.

    `at` is the network's own time of completion, else the time of the push; `reason` its code or
    why nothing is known; `retry_in_seconds` is set while under way.
    """

    state: OutcomeState
    at: datetime
    reason: str = ""
    retry_in_seconds: int | None = None


def place_service_order(*, period: Period, now: datetime) -> ServiceOrder:
    """Write the order that tells the network of a period, due at once; sending is another matter.

    Belongs into the transaction that writes the period. Called again for the same period it
    returns the order that is there.
    """
    order = ServiceOrder(
        line=period.line,
        period=period,
        action=ServiceOrder.Action.APPLY_PERIOD,
        next_try_at=now,
    )
    order.body = _network_order(order, period).body()
    try:
        # As good as always the first: written without looking, and the unique key says if not.
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        return ServiceOrder.objects.get(period=period, action=order.action)
    return order


def push_service_order(*, service_order_id: int, now: datetime) -> Outcome | None:
    """Bring an order one step further with the network and store what came of it.

    The row is claimed for one lease first; None means that another worker owns it or that its
    time has not come. The first try sends the order. Every later one asks how far it is, and
    sends the same order again only when the network does not know it: whatever was lost, the
    network applies it once. An order that has ended answers from the row, without a call.

    Never call it inside a transaction: the network may take its time.
    """
    order = ServiceOrder.objects.get(pk=service_order_id)
    if order.state == ServiceOrder.State.COMPLETED and order.completed_at is not None:
        return Outcome(OutcomeState.COMPLETED, at=order.completed_at)
    if order.state == ServiceOrder.State.REFUSED:
        return Outcome(OutcomeState.REFUSED, at=now, reason=order.error)
    if not ServiceOrder.objects.claim(order.pk, now=now):
        return None
    order.refresh_from_db()
    try:
        answer = _ask(order)
    except NetworkUnavailable as error:
        return _store_failure(order, now, reason="unavailable", retry_after=error.retry_after)
    except AnswerLost:
        order.state = ServiceOrder.State.UNDERWAY
        return _store_failure(order, now, reason="answer_lost", retry_after=None)
    return _store_answer(order, answer, now)


def _network_order(order: ServiceOrder, period: Period) -> NetworkOrder:
    line, version = period.line, period.version
    return NetworkOrder(
        order_id=order.public_id,
        line_ref=line.public_id,
        msisdn=line.msisdn,
        iccid=line.iccid,
        action=order.action,
        plan_sku=version.plan.sku,
        plan_version=version.number,
        start_at=period.start_at,
        end_at=period.end_at,
        buckets=tuple(_network_bucket(bucket) for bucket in period.buckets.all()),
    )


def _network_bucket(bucket: Bucket) -> NetworkBucket:
    return NetworkBucket(
        code=bucket.kind,
        unit=UNITS[Allowance.Kind(bucket.kind)],
        amount=None if bucket.is_unlimited else bucket.granted,
        scope=tuple(bucket.scope),
        valid_from=bucket.valid_from,
        valid_until=bucket.valid_until,
    )


def _ask(order: ServiceOrder) -> NetworkAnswer:
    """Send or ask; a refusal is an answer like any other.

    A worker that died after its claim leaves the row as it was but for `attempts`: from the
    second attempt on nobody knows what the network has, so it is asked first.
    """
    network = get_network()
    try:
        known = network.get(order.public_id) if order.attempts > 1 else None
        return known or network.put(NetworkOrder.from_body(order.public_id, order.body))
    except NetworkRefused as refusal:
        return NetworkAnswer(AnswerState.REFUSED, reason=refusal.code)


def _store_answer(order: ServiceOrder, answer: NetworkAnswer, now: datetime) -> Outcome | None:
    order.error = answer.reason
    if answer.state == AnswerState.UNDERWAY:
        order.state = ServiceOrder.State.UNDERWAY
        return _store_waiting(order, now, _polling_pause(order, now))
    order.next_try_at = None
    if answer.state == AnswerState.REFUSED:
        order.state = ServiceOrder.State.REFUSED
        outcome = Outcome(OutcomeState.REFUSED, at=now, reason=answer.reason)
    else:
        order.state = ServiceOrder.State.COMPLETED
        order.completed_at = answer.completed_at or now
        outcome = Outcome(OutcomeState.COMPLETED, at=order.completed_at)
    return outcome if _store(order) else None


def _store_failure(
    order: ServiceOrder, now: datetime, *, reason: str, retry_after: int | None
) -> Outcome | None:
    """Try again later: after the network's own wish, or more slowly with each attempt."""
    order.error = reason
    pause = retry_at(now, order.attempts) - now
    return _store_waiting(order, now, max(pause, timedelta(seconds=retry_after or 0)))


def _store_waiting(order: ServiceOrder, now: datetime, pause: timedelta) -> Outcome | None:
    order.next_try_at = now + pause
    if not _store(order):
        return None
    if _has_news(order, now):
        pause = timedelta(0)
    return Outcome(
        OutcomeState.UNDERWAY,
        at=now,
        reason=order.error,
        retry_in_seconds=int(pause.total_seconds()),
    )


def _has_news(order: ServiceOrder, now: datetime) -> bool:
    """Whether the network called back while we asked; then the order is due again at once.

    Looked up after our own write: a callback writes its event first and makes the order due
    after that, so that one of the two always sees the other.
    """
    if not order.events.filter(received_at__gte=now).exists():
        return False
    ours = ServiceOrder.objects.filter(pk=order.pk, attempts=order.attempts)
    return bool(ours.update(next_try_at=now))


def _store(order: ServiceOrder) -> bool:
    """Write the result and give the row back; False when the lease ran out and another took over.

    `attempts` rises with every claim, so it tells whether the row is still ours: a worker that
    slept through its lease must not overwrite what its successor found.
    """
    ours: QuerySet[ServiceOrder] = QuerySet(ServiceOrder).filter(
        pk=order.pk, attempts=order.attempts
    )
    return bool(
        ours.update(
            state=order.state,
            error=order.error,
            next_try_at=order.next_try_at,
            completed_at=order.completed_at,
            leased_until=None,
        )
    )


def _polling_pause(order: ServiceOrder, now: datetime) -> timedelta:
    age = now - order.created_at
    return next((pause for limit, pause in POLLING if age < limit), SLOWEST_POLLING)
