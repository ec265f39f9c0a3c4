"""Buys on the seeded lines by the product's own rules, and proves what must hold afterwards.

Everything here works on the database that is open: `with installation.opened():`.
"""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from billing.models import Order, OrderEvent, Payment, Renewal
from billing.sandbox.server import SandboxServer
from billing.sandbox.store import Json
from billing.services.checkout import start_checkout
from messaging.models import Message
from plans.models import Line, Period
from portal.sweep import sweep
from tests.processes.harness import WEBHOOK

# Seeded lines that can renew now, each of another brand or customer.
NUMBERS = ("+66812345678", "+66823456789", "+447400123456", "+12015550123")


def order_renewal(number: str = NUMBERS[0]) -> Order:
    """Order what the line has, once more, up to the open hosted page."""
    line = Line.objects.select_related("brand", "customer").get(msisdn=number)
    last = line.periods.chain().select_related("version").latest("sequence")
    assert line.customer is not None
    start_checkout(
        line=line,
        version=last.version,
        currency=line.brand.currency,
        method=Payment.Method.CARD,
        customer=line.customer,
        language="zh-hans",
        return_base="http://127.0.0.1",
        now=timezone.now(),
    )
    return Order.objects.filter(line=line).latest("pk")


def pay(stripe: SandboxServer, order: Order) -> list[Json]:
    """Pay on the hosted page with the test card; returns every event that tells of it."""
    session_id = order.payments.get().stripe_session_id
    assert session_id is not None
    before = len(stripe.events())
    stripe.pay(session_id)
    return stripe.events()[before:]


def session_events(events: list[Json]) -> list[Json]:
    """Those of them that a webhook brings and that make us read the session."""
    kinds = {"checkout.session.completed", "payment_intent.succeeded"}
    return [event for event in events if event["type"] in kinds]


def post_webhook(client: Client, stripe: SandboxServer, event: Json) -> int:
    """Deliver an event, signed now, to the web's code in this process; returns the status."""
    body, headers = stripe.signed(event)
    answer = client.post(
        WEBHOOK,
        body,
        content_type="application/json",
        headers={"Stripe-Signature": headers["Stripe-Signature"]},
    )
    return answer.status_code


def state_of(order: Order) -> str:
    """The order's state as it is stored now."""
    return Order.objects.values_list("state", flat=True).get(pk=order.pk)


def is_done(order: Order) -> bool:
    """Whether it is in force and its customer has been told."""
    told = Message.objects.filter(
        dedupe_key__startswith=f"renewal_effective:{order.number}:"
    ).exclude(state=Message.State.QUEUED)
    return state_of(order) == Order.State.EFFECTIVE and told.count() == 2


def outcome(order: Order) -> dict[str, object]:
    """Everything that a paid order may leave exactly once."""
    order = Order.objects.get(pk=order.pk)
    events = OrderEvent.objects.filter(order=order).order_by("pk")
    messages = Message.objects.filter(dedupe_key__contains=order.number).order_by("channel")
    bought = Period.objects.filter(line=order.line, created_at__gte=order.created_at)
    return {
        "state": order.state,
        "payments": list(order.payments.values_list("state", flat=True)),
        "renewals": Renewal.objects.filter(order=order).count(),
        "periods": bought.count(),
        "entries": [key.split(":")[0] for key in order.entries.values_list("key", flat=True)],
        "story": [event.kind for event in events],
        "messages": [(m.channel, m.template, m.state) for m in messages],
    }


RENEWED_ONCE: dict[str, object] = {
    "state": "effective",
    "payments": ["paid"],
    "renewals": 1,
    "periods": 1,
    "entries": ["capture", "renewal"],
    "story": ["ordered", "paid", "applied", "effective"],
    "messages": [
        ("email", "renewal_effective", "kept"),
        ("sms", "renewal_effective", "kept"),
    ],
}


def sweep_once(*, later: timedelta = timedelta()) -> None:
    """What cron does: all that is due now (or `later`), here and without a broker."""
    sweep(now=timezone.now() + later)


def the_books() -> list[str]:
    """What `check_ledger` and `check_invariants` print, each difference a line; raises when any."""
    said = StringIO()
    call_command("check_ledger", stdout=said)
    call_command("check_invariants", stdout=said)
    return said.getvalue().splitlines()


IN_ORDER = ["0 differences", "0 differences"]
