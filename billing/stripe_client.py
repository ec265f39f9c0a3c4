"""The only module that talks to Stripe: typed calls in, frozen snapshots out, test mode only."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, cast

import stripe
from django.conf import settings

from billing.errors import ForgedEvent, LiveModeRefused, ProviderRefused, ProviderUnavailable
from billing.storable import why_not_storable

logger = logging.getLogger(__name__)

# The version the installed SDK pins; events of another version are not processed.
API_VERSION = stripe.api_version
TEST_KEY = re.compile(r"^(sk|rk)_test_")
# Seconds an event's signature stays good, and how far its clock may be ahead of ours.
EVENT_TOLERANCE = 300
# Stripe's own events stay far below; anything larger is not from Stripe.
MAX_EVENT_BYTES = 256 * 1024
# Stripe's ids and type names are far shorter.
MAX_ID_LENGTH = 80
# Only these settle a matter. All else leaves the outcome open: no connection, a proxy's page in
# Stripe's place, too many calls, and a key that is no longer good, which says nothing of orders.
REFUSALS = (stripe.CardError, stripe.IdempotencyError, stripe.InvalidRequestError)
# Seconds to connect and to wait for an answer; the SDK's own default is 80.
TIMEOUT = (3, 15)

# On by default in the SDK: a header with timings and an id file in the home directory.
stripe.enable_telemetry = False


@dataclass(frozen=True, slots=True)
class SessionItem:
    """One line of the hosted page: name in the customer's language, minor units."""

    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """All that a checkout session is made from; equal requests make equal calls."""

    idempotency_key: str
    order_number: str
    payment_id: str
    currency: str
    items: tuple[SessionItem, ...]
    method: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    display_name: str
    customer_email: str | None = None


@dataclass(frozen=True, slots=True)
class IntentSnapshot:
    """What Stripe says about the money of a session."""

    intent_id: str
    status: str
    currency: str
    amount_received: int
    failure_code: str = ""
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None
    card_brand: str = ""
    card_last4: str = ""


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """What Stripe says about a checkout session, read at one moment."""

    session_id: str
    url: str
    status: str
    payment_status: str
    mode: str
    currency: str
    amount_total: int
    is_live: bool
    order_number: str
    payment_id: str
    is_presented_in_other_currency: bool
    intent: IntentSnapshot | None


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """What Stripe says about money going back."""

    refund_id: str
    status: str
    amount_minor: int
    currency: str
    failure_reason: str


@dataclass(frozen=True, slots=True)
class EventSnapshot:
    """A verified event, or one read from the list of events."""

    event_id: str
    type: str
    api_version: str
    created_at: datetime
    is_live: bool
    object_id: str
    metadata: Mapping[str, str]
    body: Mapping[str, Any] = field(repr=False)


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    """The client for one key; refuses live keys before any call.

    Every default that bites is set: retries (none without the argument), timeout (80 s), and
    with a local address all four bases, else the unset ones stay on the internet.
    """
    if not TEST_KEY.match(key):
        raise LiveModeRefused(f"only test keys are accepted, not {key[:8]}…")
    http = stripe.RequestsClient(timeout=TIMEOUT)
    if not base:
        return stripe.StripeClient(key, max_network_retries=2, http_client=http)
    return stripe.StripeClient(
        key,
        max_network_retries=2,
        http_client=http,
        base_addresses={"api": base, "files": base, "connect": base, "meter_events": base},
    )


def _api() -> Any:
    """The v1 services; untyped on purpose: each answer is narrowed into a snapshot at once."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1


class _Translated:
    """Turns the SDK's errors into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, stripe.StripeError):
            return
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            logger.error("Stripe refuses our key", extra={"reason": type(error).__name__})
        # 409 = the same call is under way on another connection.
        if isinstance(error, REFUSALS) and error.http_status != HTTPStatus.CONFLICT:
            raise ProviderRefused(error.code or type(error).__name__, str(error)) from error
        raise ProviderUnavailable(type(error).__name__) from error


def create_session(request: SessionRequest) -> SessionSnapshot:
    """Make the hosted page; the same request again returns the same page.

    Raises ProviderUnavailable (outcome unknown, call again) or ProviderRefused.
    """
    metadata = {"order": request.order_number, "payment": request.payment_id}
    params: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": request.order_number,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": item.amount_minor,
                    "product_data": {"name": item.name},
                },
            }
            for item in request.items
        ],
        # Named `payment_method_types` until API version 2026-09-30.
        "allowed_payment_method_types": [request.method],
        "metadata": metadata,
        # The session's metadata is not copied to the payment intent.
        "payment_intent_data": {"metadata": metadata},
        "locale": request.locale,
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        # Else the account's settings decide, and the customer sees another sum than ours.
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": False,
        "branding_settings": {"display_name": request.display_name},
        "submit_type": "pay",
    }
    if request.customer_email:
        params["customer_email"] = request.customer_email
    with _Translated():
        session = _api().checkout.sessions.create(
            params, {"idempotency_key": request.idempotency_key}
        )
    return _session(session)


def read_session(session_id: str) -> SessionSnapshot:
    """Read a session with its money; raises ProviderUnavailable or ProviderRefused."""
    with _Translated():
        session = _api().checkout.sessions.retrieve(
            session_id, {"expand": ["payment_intent.latest_charge"]}
        )
    return _session(session)


def expire_session(session_id: str) -> None:
    """Close a hosted page; raises ProviderRefused when it is closed or paid already."""
    with _Translated():
        _api().checkout.sessions.expire(session_id)


def create_refund(
    *, idempotency_key: str, intent_id: str, amount_minor: int, refund_id: str
) -> RefundSnapshot:
    """Send money back; the same key again returns the same refund."""
    with _Translated():
        refund = _api().refunds.create(
            {
                "payment_intent": intent_id,
                "amount": amount_minor,
                "metadata": {"refund": refund_id},
            },
            {"idempotency_key": idempotency_key},
        )
    return _refund(refund)


def read_refund(refund_id: str) -> RefundSnapshot:
    """Read a refund's state; raises ProviderUnavailable or ProviderRefused."""
    with _Translated():
        return _refund(_api().refunds.retrieve(refund_id))


def list_events(*, since: datetime) -> Iterator[EventSnapshot]:
    """Every event created at or after `since`, newest first, over all pages.

    What cannot be kept is left out with an alarm: one strange event must not hide the others.
    """
    with _Translated():
        page = _api().events.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
        for listed in page.auto_paging_iter():
            # The SDK makes Decimals of prices, which JSON does not know.
            body = json.loads(json.dumps(listed.to_dict(), default=str))
            try:
                event = _event(body)
            except ForgedEvent as error:
                logger.error(  # noqa: TRY400 (the reason says it all)
                    "event not kept", extra={"event": str(body.get("id")), "reason": str(error)}
                )
                continue
            yield event


def verify_event(payload: bytes, signature: str, *, now: datetime) -> EventSnapshot:
    """Return the event when the body is Stripe's own, fresh and whole.

    Raises ForgedEvent for a wrong, stale (> 300 s) or hasty (> 300 s ahead) signature, a body
    that is too large, not JSON, not to be stored as JSON, or has no id, type or time (DESIGN.md
    §4.2). The SDK alone accepts a time in the future and a signed body without an id.
    """
    if len(payload) > MAX_EVENT_BYTES:
        raise ForgedEvent("too large")
    # The SDK signs the first time of several: a second one could vouch for the age of an old body.
    stamps = [item[2:] for item in signature.split(",") if item.partition("=")[0] == "t"]
    stamp = re.fullmatch("[0-9]{1,12}", stamps[0]) if len(stamps) == 1 else None
    # The SDK compares signatures as text and fails on anything but ASCII.
    if not signature.isascii():
        raise ForgedEvent("signature is not ASCII")
    if not stamp or int(stamp[0]) > now.timestamp() + EVENT_TOLERANCE:
        raise ForgedEvent("no time, or a time in the future")
    if int(stamp[0]) < now.timestamp() - EVENT_TOLERANCE:
        raise ForgedEvent("stale")
    if not any(
        _signed_with(secret, payload, signature) for secret in settings.STRIPE_WEBHOOK_SECRETS
    ):
        raise ForgedEvent("signature does not fit")
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ForgedEvent("not JSON") from error
    return _event(body)


def _signed_with(secret: str, payload: bytes, signature: str) -> bool:
    try:
        # The age is checked above, against our clock and in both directions.
        stripe.WebhookSignature.verify_header(payload, signature, secret, None)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _event(body: Any) -> EventSnapshot:
    try:
        thing = body["data"]["object"]
        event = EventSnapshot(
            event_id=_words(body["id"], "evt_"),
            type=_words(body["type"]),
            api_version=str(body.get("api_version") or ""),
            created_at=datetime.fromtimestamp(int(body["created"]), UTC),
            is_live=body["livemode"] is not False,
            object_id=str(thing.get("id") or ""),
            metadata={str(k): str(v) for k, v in (thing.get("metadata") or {}).items()},
            body=body,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise ForgedEvent("not an event") from error
    problem = why_not_storable(body)
    if problem:
        raise ForgedEvent(problem)
    return event


def _words(value: object, prefix: str = "") -> str:
    if (
        not isinstance(value, str)
        or not value.startswith(prefix)
        or not 1 <= len(value) <= MAX_ID_LENGTH
    ):
        raise ValueError("not an identifier")
    return value


def _session(session: Any) -> SessionSnapshot:
    metadata = cast("dict[str, str]", session.metadata.to_dict() if session.metadata else {})
    intent = session.payment_intent
    return SessionSnapshot(
        session_id=session.id,
        url=session.url or "",
        status=session.status or "",
        payment_status=session.payment_status,
        mode=session.mode,
        currency=(session.currency or "").upper(),
        amount_total=session.amount_total or 0,
        is_live=session.livemode is not False,
        order_number=session.client_reference_id or "",
        payment_id=metadata.get("payment", ""),
        is_presented_in_other_currency=bool(getattr(session, "presentment_details", None)),
        intent=None if intent is None or isinstance(intent, str) else _intent(intent),
    )


def _intent(intent: Any) -> IntentSnapshot:
    charge = None if isinstance(intent.latest_charge, str) else intent.latest_charge
    failure = intent.last_payment_error
    details = getattr(charge, "payment_method_details", None)
    card = getattr(details, "card", None)
    at = datetime.fromtimestamp(charge.created, UTC) if charge else None
    return IntentSnapshot(
        intent_id=intent.id,
        status=intent.status,
        currency=intent.currency.upper(),
        amount_received=intent.amount_received or 0,
        failure_code=_failure_code(failure),
        failed_at=at if failure else None,
        succeeded_at=at if intent.status == "succeeded" else None,
        card_brand=getattr(card, "brand", "") or "",
        card_last4=getattr(card, "last4", "") or "",
    )


def _failure_code(failure: Any) -> str:
    if failure is None:
        return ""
    return str(
        getattr(failure, "decline_code", None) or getattr(failure, "code", None) or "declined"
    )


def _refund(refund: Any) -> RefundSnapshot:
    return RefundSnapshot(
        refund_id=refund.id,
        status=refund.status or "",
        amount_minor=refund.amount,
        currency=refund.currency.upper(),
        failure_reason=getattr(refund, "failure_reason", None) or "",
    )
