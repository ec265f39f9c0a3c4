"""The same Stripe event many times over: one renewal, one period, one set of entries, one mail.

The test of the lock has its control: with the guard taken away the race is seen.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import Order, Payment, StripeEvent
from billing.sandbox.server import SandboxServer
from billing.services.stripe_events import process_stripe_event
from plans.models import Line
from tests.concurrency.contenders import contending
from tests.processes.fixtures import Install
from tests.processes.gate import Gate
from tests.processes.shop import (
    IN_ORDER,
    NUMBERS,
    RENEWED_ONCE,
    order_renewal,
    outcome,
    pay,
    post_webhook,
    session_events,
    sweep_once,
    the_books,
)
from tests.processes.visitor import deliver

pytestmark = pytest.mark.processes

# How often the provider repeats itself, in a row and at once.
IN_A_ROW = 100
AT_ONCE = 50


def test_an_event_delivered_100_times_in_a_row_renews_once(
    install: Install, stripe: SandboxServer, client: Client
) -> None:
    installation = install()
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
        statuses = Counter[int]()
        for _ in range(IN_A_ROW):
            statuses[post_webhook(client, stripe, event)] += 1
            row = StripeEvent.objects.get(event_id=event["id"])
            process_stripe_event(event_pk=row.pk, now=timezone.now())
            sweep_once()

        assert statuses == {200: IN_A_ROW}
        assert StripeEvent.objects.filter(object_id=event["data"]["object"]["id"]).count() == 1
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


def test_an_event_delivered_50_times_at_once_to_4_processes_renews_once(
    install: Install, stripe: SandboxServer
) -> None:
    installation = install()
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
    web = installation.web(workers=4)
    start = threading.Barrier(AT_ONCE)

    def knock(_number: int) -> int:
        signed = stripe.signed(event)
        start.wait()
        return deliver(web.webhook, signed)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        statuses = Counter(crowd.map(knock, range(AT_ONCE)))
    with contending(installation, "sweep", 0, count=4) as sweeps:
        swept = sweeps.outcomes()

    with installation.opened():
        sweep_once()
        assert statuses == {200: AT_ONCE}
        assert swept == {"ok": 4}
        assert StripeEvent.objects.filter(event_id=event["id"]).count() == 1
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


def test_50_workers_in_4_processes_process_one_event_once(
    install: Install, stripe: SandboxServer, client: Client
) -> None:
    installation = install()
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
        post_webhook(client, stripe, event)
        row = StripeEvent.objects.get(event_id=event["id"])
    stripe.requests.clear()
    with contending(installation, "process_event", row.pk, count=AT_ONCE) as workers:
        ended = workers.outcomes()

    with installation.opened():
        sweep_once()
        assert ended == {"ok": AT_ONCE}
        # One claimed the row and asked Stripe; the others had nothing to do.
        assert len(stripe.requests) == 1
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


def test_50_settlements_at_once_from_4_processes_renew_once(
    install: Install, stripe: SandboxServer, gate: Gate
) -> None:
    """Every door at once: webhook, return page and reconciliation all end in settle_payment."""
    installation = install(STRIPE_API_BASE=gate.url)
    with installation.opened():
        order = order_renewal()
        pay(stripe, order)
        payment = Payment.objects.get(order=order)
    gate.shut()
    with contending(installation, "settle_payment", payment.pk, count=AT_ONCE) as doors:
        gate.wait_for(AT_ONCE)
        gate.open()
        ended = doors.outcomes()

    with installation.opened():
        sweep_once()
        assert ended == {"ok": AT_ONCE}
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


def test_50_clicks_at_once_open_one_order_and_one_hosted_page(
    install: Install, stripe: SandboxServer
) -> None:
    installation = install()
    with installation.opened():
        line = Line.objects.get(msisdn=NUMBERS[0])
        before = Order.objects.filter(line=line).count()
    with contending(installation, "click_renew", line.pk, count=AT_ONCE) as clicks:
        ended = clicks.outcomes()

    with installation.opened():
        assert ended == {"ok": AT_ONCE}
        assert Order.objects.filter(line=line).count() == before + 1
        payment = Payment.objects.get(order=Order.objects.filter(line=line).latest("pk"))
        keys = {key for method, path, key in stripe.requests if method == "POST"}
        assert keys == {f"checkout:{payment.public_id}"}
        assert stripe.session(payment.stripe_session_id or "")["url"] == payment.checkout_url


def test_without_the_guard_the_same_crowd_collides(
    install: Install, stripe: SandboxServer, gate: Gate
) -> None:
    """The control: only unique keys are left, and some of the fifty run into them."""
    installation = install(STRIPE_API_BASE=gate.url)
    with installation.opened():
        order = order_renewal()
        pay(stripe, order)
        payment = Payment.objects.get(order=order)
    gate.shut()
    with contending(
        installation, "settle_payment", payment.pk, count=AT_ONCE, guard=False
    ) as doors:
        gate.wait_for(AT_ONCE)
        gate.open()
        ended = doors.outcomes()

    collisions = ended["IntegrityError"] + ended["OperationalError"]
    assert collisions > 0
    assert ended["ok"] == AT_ONCE - collisions
