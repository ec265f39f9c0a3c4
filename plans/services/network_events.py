"""What the network tells by itself: kept once, and reason enough to ask."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from plans.models import NetworkEvent, ServiceOrder


@dataclass(frozen=True, slots=True)
class NetworkNews:
    """A callback that is believed: its own id, the order it tells of, and what it says."""

    event_id: str
    order_id: UUID
    said: str
    body: dict[str, Any]


def store_network_event(news: NetworkNews, *, now: datetime) -> tuple[NetworkEvent, bool]:
    """Keep an event and make its order due; return the row and whether it is new.

    The same event again changes nothing, and neither does one about an order that has ended.
    What an event says is never taken for the state: events come late, twice and out of order, so
    the order is only asked for sooner (docs/network.md). One about an unknown order is kept.
    """
    with transaction.atomic():
        order = ServiceOrder.objects.filter(public_id=news.order_id).only("pk").first()
        try:
            with transaction.atomic():
                event = NetworkEvent.objects.create(
                    event_id=news.event_id,
                    order_id=news.order_id,
                    service_order=order,
                    said=news.said,
                    body=news.body,
                    received_at=now,
                )
        except IntegrityError:
            return NetworkEvent.objects.get(event_id=news.event_id), False
        if order is not None:
            ServiceOrder.objects.filter(
                pk=order.pk, state__in=ServiceOrder.due_states, next_try_at__gt=now
            ).update(next_try_at=now)
    return event, True
