"""A network inside this process, with its own memory and the faults that real ones have.

It knows nothing of our lines and periods: orders and faults are matched by the line's public id.
Its clock is its own, as another system's would be.
"""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from plans.models import SimulatedOrder, SimulatorFault
from plans.network.port import (
    AnswerLost,
    AnswerState,
    NetworkAnswer,
    NetworkOrder,
    NetworkRefused,
    NetworkUnavailable,
)

Fault = SimulatorFault.Kind
# What the network says when a fault makes it refuse.
REFUSAL = "unknown_line"
CONFLICT = "conflict"


class Simulator:
    """The adapter named `simulator`."""

    def put(self, order: NetworkOrder) -> NetworkAnswer:
        """Take an order once; the same id and body again gets the same answer."""
        self._fail_if_down(order.line_ref)
        body_hash = _hash(order)
        taken = SimulatedOrder.objects.filter(order_id=order.order_id).first()
        taken = taken or self._take(order, body_hash)
        if taken.body_hash != body_hash:
            raise NetworkRefused(CONFLICT)
        self._lose_answer(order.line_ref)
        if taken.refusal:
            raise NetworkRefused(taken.refusal)
        return _answer(taken)

    def get(self, order_id: UUID) -> NetworkAnswer | None:
        """Tell how far an order is; None when it never arrived."""
        taken = SimulatedOrder.objects.filter(order_id=order_id).first()
        if taken is None:
            return None
        self._fail_if_down(taken.line_ref)
        self._lose_answer(taken.line_ref)
        return _answer(taken)

    def _take(self, order: NetworkOrder, body_hash: str) -> SimulatedOrder:
        refuse = _strikes(order.line_ref, Fault.REFUSE)
        delay = _strikes(order.line_ref, Fault.DELAY)
        seconds = settings.SIMULATOR_SECONDS + (delay.seconds if delay else 0)
        # Two senders at once: the unique id lets one in, the other reads what that one wrote.
        taken, _created = SimulatedOrder.objects.get_or_create(
            order_id=order.order_id,
            defaults={
                "body_hash": body_hash,
                "line_ref": order.line_ref,
                "completes_at": timezone.now() + timedelta(seconds=seconds),
                "refusal": REFUSAL if refuse else "",
            },
        )
        return taken

    def _fail_if_down(self, line_ref: str) -> None:
        fault = _strikes(line_ref, Fault.UNAVAILABLE)
        if fault is not None:
            raise NetworkUnavailable(retry_after=fault.seconds or None)

    def _lose_answer(self, line_ref: str) -> None:
        if _strikes(line_ref, Fault.LOST_ANSWER) is not None:
            raise AnswerLost("no answer in time")


def _strikes(line_ref: str, kind: str) -> SimulatorFault | None:
    """The fault of this kind that happens now; counts it down, safe against a second sender."""
    for fault in SimulatorFault.objects.filter(line_ref=line_ref, kind=kind):
        if fault.remaining is None:
            return fault
        left = SimulatorFault.objects.filter(pk=fault.pk, remaining__gt=0)
        if left.update(remaining=F("remaining") - 1):
            return fault
    return None


def _answer(taken: SimulatedOrder) -> NetworkAnswer:
    if taken.refusal:
        return NetworkAnswer(AnswerState.REFUSED, reason=taken.refusal)
    if taken.completes_at > timezone.now():
        return NetworkAnswer(AnswerState.UNDERWAY)
    return NetworkAnswer(AnswerState.COMPLETED, completed_at=taken.completes_at)


def _hash(order: NetworkOrder) -> str:
    text = json.dumps(order.body(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
