"""The API: which address does what, who may ask, and the same key twice."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from billing.sandbox import (
    charges,
    customers,
    events,
    expand,
    idempotency,
    listing,
    payment_intents,
    payment_methods,
    refunds,
    sessions,
)
from billing.sandbox.errors import ApiError
from billing.sandbox.params import Fields, decode
from billing.sandbox.store import Json
from billing.sandbox.web import Request, Response, as_json
from billing.sandbox.world import API_VERSION, DeclinedError, Origin, World, new_id

Handler = Callable[..., Json]

EVENT_LIST = listing.PAGING | {"created", "delivery_success", "type", "types"}


def list_events(world: World, fields: Fields) -> Json:
    """`/v1/events`: everything that happened, for a shop that missed a webhook."""
    fields.allow(EVENT_LIST)
    return listing.stored(
        world,
        "event",
        fields,
        url="/v1/events",
        where=lambda event: events.matches(event, fields),
    )


def get_event(world: World, fields: Fields, event_id: str) -> Json:
    """One event."""
    fields.allow(())
    return world.read("event", event_id)


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers/{id}", customers.get),
    ("GET", "/v1/customers/{id}/payment_methods", payment_methods.listed_of_customer),
    ("POST", "/v1/checkout/sessions", sessions.create),
    ("GET", "/v1/checkout/sessions", sessions.listed),
    ("GET", "/v1/checkout/sessions/{id}", sessions.get),
    ("GET", "/v1/checkout/sessions/{id}/line_items", sessions.list_line_items),
    ("POST", "/v1/checkout/sessions/{id}/expire", sessions.expire),
    ("POST", "/v1/payment_intents", payment_intents.create),
    ("GET", "/v1/payment_intents/{id}", payment_intents.get),
    ("POST", "/v1/payment_intents/{id}/confirm", payment_intents.confirm),
    ("POST", "/v1/payment_intents/{id}/cancel", payment_intents.cancel),
    ("GET", "/v1/payment_methods", payment_methods.listed),
    ("GET", "/v1/payment_methods/{id}", payment_methods.get),
    ("POST", "/v1/payment_methods/{id}/attach", payment_methods.attach),
    ("POST", "/v1/payment_methods/{id}/detach", payment_methods.detach),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.listed),
    ("GET", "/v1/refunds/{id}", refunds.get),
    ("GET", "/v1/charges/{id}", charges.get),
    ("GET", "/v1/balance_transactions/{id}", charges.get_transaction),
    ("GET", "/v1/events", list_events),
    ("GET", "/v1/events/{id}", get_event),
)
_COMPILED = [
    (method, re.compile(path.replace("{id}", "([A-Za-z0-9_]+)")), handler)
    for method, path, handler in ROUTES
]


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through the API."""

    request: Request
    request_id: str
    key: str | None

    @property
    def values(self) -> Json:
        """The parameters: in the body of a POST, else in the address."""
        posted = self.request.method == "POST"
        return decode(self.request.text() if posted else self.request.query)


class Api:
    """Answers `/v1/…` for one secret key."""

    def __init__(self, world: World, secret_key: str) -> None:
        self._world = world
        self._secret_key = secret_key
        self._guard = idempotency.Guard()

    def answer(self, request: Request) -> Response:
        """The answer to one request; refusals are answers too."""
        posted = request.method == "POST"
        key = request.headers.get("idempotency-key") if posted else None
        call = Call(request, new_id("req", 14), key or None)
        headers = {"Request-Id": call.request_id, "Stripe-Version": API_VERSION}
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        try:
            self._check_caller(request)
            handler, ids = _route(request)
            with self._guard.only_one(call.key, request.path):
                answer, replayed = self._once(call, handler, ids)
        except ApiError as error:
            return as_json(error.body(), status=error.status, headers=headers)
        if replayed:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": answer["request_id"]}
        return as_json(answer["body"], status=answer["status"], headers=headers)

    def _once(self, call: Call, handler: Handler, ids: tuple[str, ...]) -> tuple[Json, bool]:
        """Do it, or repeat the answer that this key got before."""
        world, key, path = self._world, call.key, call.request.path
        values = call.values
        with world.change(Origin(call.request_id, key)):
            if key and (stored := idempotency.recall(world, key, path, values)):
                return stored, True
            answer: Json = {"status": 200, "request_id": call.request_id}
            fields = Fields(dict(values))
            paths = fields.take("expand")
            try:
                answer["body"] = expand.expanded(world, handler(world, fields, *ids), paths)
            except DeclinedError as declined:
                # A declined card is a result, not a mistake: its answer is kept as well.
                answer |= {"status": declined.status, "body": declined.body()}
                if key:
                    idempotency.remember(world, key, path, values, answer)
                raise
            if key:
                idempotency.remember(world, key, path, values, answer)
        return answer, False

    def _check_caller(self, request: Request) -> None:
        given = _key_of(request.headers.get("authorization", ""))
        if not given:
            message = "You did not provide an API key."
            raise ApiError(message, status=401)
        if not hmac.compare_digest(given.encode(), self._secret_key.encode()):
            # Only the kind of key is repeated: a real one may have been sent by mistake.
            message = f"Invalid API Key provided: {given[:8]}***. This is a stand-in, not Stripe."
            raise ApiError(message, status=401)
        version = request.headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            message = f"This stand-in speaks API version {API_VERSION} only, not {version[:40]}."
            raise ApiError(message)


def _route(request: Request) -> tuple[Handler, tuple[str, ...]]:
    for method, pattern, handler in _COMPILED:
        match = pattern.fullmatch(request.path)
        if match is not None and method == request.method:
            return handler, match.groups()
    message = (
        f"Unrecognized request URL ({request.method}: {request.path[:200]}). "
        "This stand-in offers only what the portal uses."
    )
    raise ApiError(message, status=404)


def _key_of(authorization: str) -> str:
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
