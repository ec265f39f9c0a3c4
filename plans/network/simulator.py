"""A network inside this process, with its own memory and the faults that real ones have.

It knows nothing of our lines and periods: orders and faults are matched by the line's public id.
Its clock is its own, as another system's would be.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from plans.models import SimulatedOrder, SimulatorFault
from plans.network.port import (
    AnswerLost,
    AnswerState,
    NetworkAnswer,
    NetworkLine,
    NetworkOrder,
    NetworkRefused,
    NetworkUnavailable,
)
from plans.services.network_events import NetworkNews, store_network_event

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
        if taken is None:
            taken = self._take(order, body_hash)
            _call_back(taken)
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

    def changed_lines(self, since: datetime) -> Iterator[NetworkLine]:
        """Lines with an order that this network completed since then."""
        changed = _completed().filter(completes_at__gte=since).order_by("line_ref")
        for line_ref in changed.values_list("line_ref", flat=True).distinct():
            line = self.line(line_ref)
            if line is not None:
                yield line

    def line(self, line_ref: str) -> NetworkLine | None:
        """What this network's completed orders come to for one line; it knows of no states."""
        bodies = [one.body for one in _completed().filter(line_ref=line_ref) if one.body]
        if not bodies:
            return None
        return NetworkLine(
            line_ref=line_ref,
            msisdn=bodies[-1]["msisdn"],
            iccid=bodies[-1]["iccid"],
            service_until=max(datetime.fromisoformat(body["end_at"]) for body in bodies),
        )

    def _take(self, order: NetworkOrder, body_hash: str) -> SimulatedOrder:
        refuse = _strikes(order.line_ref, Fault.REFUSE)
        delay = _strikes(order.line_ref, Fault.DELAY)
        seconds = settings.SIMULATOR_SECONDS + (delay.seconds if delay else 0)
        # Two senders at once: the unique id lets one in, the other reads what that one wrote.
        taken, _created = SimulatedOrder.objects.get_or_create(
            order_id=order.order_id,
            defaults={
                "body_hash": body_hash,
                "body": order.body(),
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


def _completed() -> QuerySet[SimulatedOrder]:
    done = SimulatedOrder.objects.filter(refusal="", completes_at__lte=timezone.now())
    return done.order_by("completes_at", "pk")


def _call_back(taken: SimulatedOrder) -> None:
    """Tell of an order twice by the same event, when a fault says so."""
    if _strikes(taken.line_ref, Fault.DUPLICATE_CALLBACK) is None:
        return
    answer = _answer(taken)
    said = answer.state.value
    news = NetworkNews(str(uuid4()), taken.order_id, said, {"state": said})
    for _telling in range(2):
        store_network_event(news, now=timezone.now())


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
