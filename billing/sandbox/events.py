"""Making events: complete snapshots, stored for `/v1/events`, then announced for sending."""

import copy
import json

from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import API_VERSION, World, new_id

# What the portal's endpoint would be subscribed to; every other type is only listed.
SUBSCRIBED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "payment_method.detached",
    }
)


def record(world: World, kind: str, value: Json, *, previous: Json | None = None) -> Json:
    """Store an event with the object as it is now; it is sent once the change is committed."""
    goes_out = kind in SUBSCRIBED and world.has_endpoint()
    data: Json = {"object": copy.deepcopy(value)}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": world.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": int(goes_out),
        "request": {
            "id": world.origin.request_id,
            "idempotency_key": world.origin.idempotency_key,
        },
        "type": kind,
    }
    world.save(event)
    if goes_out:
        world.announce(event)
    return event


def body_of(event: Json) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def mark_delivered(world: World, event_id: str) -> None:
    """The endpoint answered 2xx: nothing is pending any more."""
    with world.change():
        event = world.store.get("event", event_id)
        if event is not None and event["pending_webhooks"]:
            event["pending_webhooks"] = 0
            world.save(event)


def matches(event: Json, fields: Fields) -> bool:
    """True when an event passes the list's `type`, `types` and `delivery_success` filters."""
    wanted = fields.text("type")
    if wanted is not None and not _is_of_type(event["type"], wanted):
        return False
    several = fields.texts("types")
    if several and event["type"] not in several:
        return False
    delivered = fields.flag("delivery_success")
    return delivered is None or delivered == (event["pending_webhooks"] == 0)


def _is_of_type(kind: str, wanted: str) -> bool:
    if wanted.endswith(".*"):
        return kind.startswith(wanted[:-1])
    return kind == wanted
