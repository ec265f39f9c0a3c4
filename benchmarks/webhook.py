"""An event of Stripe from the door to the 200: ours against checking the HMAC and one INSERT."""

import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory

from benchmarks import bare
from benchmarks.bells import bells
from benchmarks.clock import WALL, Effort, Side, Timing, alternate
from benchmarks.table import RatioRow, Row
from benchmarks.visits import handler
from billing.models import StripeEvent
from billing.stripe_client import API_VERSION

LARGEST_RATIO = 2.0
# A call is over so soon that a round needs more of them.
PER_CALL = 5


def measure_webhook(effort: Effort) -> list[Row]:
    """Two rows, with and without a bell; every call brings an event that nobody has seen."""
    effort = Effort(rounds=effort.rounds, calls=effort.calls * PER_CALL)
    rows: list[Row] = []
    for is_heard, name in (
        (True, "webhook until 200: wall time"),
        (False, "the same where only a sweep works, no bell"),
    ):
        with bells(is_heard=is_heard):
            rows.append(RatioRow(name, _time(effort, tag=f"{is_heard:d}"), goal=LARGEST_RATIO))
    return rows


def _time(effort: Effort, *, tag: str) -> Timing:
    before = StripeEvent.objects.count()
    ours = _requests("/billing/stripe/webhook/", f"ours{tag}", effort)
    baseline = _requests("/bare/webhook/", f"bare{tag}", effort, bare.__name__)
    timing = alternate(
        Side(handler(settings.MIDDLEWARE), ours),
        Side(handler(bare.MIDDLEWARE), baseline),
        clock=WALL,
        effort=effort,
    )
    stored = StripeEvent.objects.count() - before
    if stored != 2 * effort.inputs:
        raise RuntimeError(f"{stored} events stored, {2 * effort.inputs} sent")
    return timing


def _requests(path: str, who: str, effort: Effort, urlconf: str | None = None) -> list[HttpRequest]:
    found: list[HttpRequest] = []
    for number in range(effort.inputs):
        body = json.dumps(_event(f"{who}{number:06}")).encode()
        request = RequestFactory().post(
            path,
            body,
            content_type="application/json",
            headers={bare.SIGNATURE: _signature(body)},
            secure=True,
        )
        if urlconf:
            request.urlconf = urlconf
        found.append(request)
    return found


def _signature(body: bytes) -> str:
    stamp = str(int(time.time()))
    secret = settings.STRIPE_WEBHOOK_SECRETS[0].encode()
    code = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={code}"


def _event(ref: str) -> dict[str, Any]:
    """A paid checkout of nobody's order, of about the shape and size of Stripe's own."""
    created = int(time.time())
    return {
        "id": f"evt_{ref}",
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "checkout.session.completed",
        "data": {"object": _session(f"cs_test_{ref}", created)},
    }


def _session(session_id: str, created: int) -> dict[str, Any]:
    empty = (
        "after_expiration cancel_url consent consent_collection currency_conversion "
        "customer customer_account discounts invoice origin_context payment_link "
        "permissions recovered_from setup_intent shipping_cost subscription ui_mode url "
        "wallet_options"
    )
    return {
        **dict.fromkeys(empty.split()),
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": False,
        "amount_subtotal": 35900,
        "amount_total": 35900,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": "auto",
        "client_reference_id": "XKBENCHMARK1",
        "collected_information": {"business_name": None, "individual_name": None},
        "created": created,
        "currency": "thb",
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer_creation": "if_required",
        "customer_details": {
            "address": {"city": None, "country": "TH", "line1": None, "postal_code": None},
            "email": "customer@example.com",
            "name": "WANG FANG",
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "expires_at": created + 2100,
        "invoice_creation": {"enabled": False, "invoice_data": {"metadata": {}}},
        "livemode": False,
        "locale": "zh",
        "metadata": {"order": "XKBENCHMARK1", "payment": "00000000-0000-4000-8000-000000000000"},
        "mode": "payment",
        "payment_intent": session_id.replace("cs_test_", "pi_"),
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "paid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "complete",
        "submit_type": "pay",
        "success_url": "https://portal.example.com/orders/XKBENCHMARK1/return/",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 2349},
    }
