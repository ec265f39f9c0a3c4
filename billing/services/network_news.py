"""The network tells that an order has moved: its renewal is asked for at once."""

from datetime import datetime

from billing.models import Renewal
from plans.models import NetworkEvent
from plans.services.network_events import NetworkNews, store_network_event
from portal.ring import ring


def receive_network_news(news: NetworkNews, *, now: datetime) -> NetworkEvent:
    """Keep a verified event and ring for its renewal; the same event again rings nobody.

    A lost bell costs one sweep: the order is due from now on.
    """
    event, is_new = store_network_event(news, now=now)
    if is_new and event.service_order_id is not None:
        open_renewals = Renewal.objects.filter(
            service_order=event.service_order_id, effective_at__isnull=True
        )
        for pk in open_renewals.values_list("pk", flat=True):
            ring("billing.push_renewal", pk)
    return event
