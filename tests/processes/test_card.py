"""The owner's card to the letter: Celery's worker and beat, and Redis, as processes; no sweep."""

import pytest

from billing.models import StripeEvent
from billing.sandbox.server import SandboxServer
from tests.processes.databases import ON_POSTGRESQL
from tests.processes.fixtures import Install
from tests.processes.harness import ROOT, wait_until
from tests.processes.redis_server import RedisServer
from tests.processes.shop import (
    IN_ORDER,
    NUMBERS,
    RENEWED_ONCE,
    is_done,
    order_renewal,
    outcome,
    pay,
    the_books,
)

pytestmark = [pytest.mark.processes, pytest.mark.redis]


def test_worker_and_beat_carry_a_payment_to_the_network_and_find_a_lost_webhook(
    install: Install, stripe: SandboxServer, redis_server: RedisServer
) -> None:
    """On PostgreSQL when the suite runs there, which is the card's own form; else on SQLite."""
    installation = install(
        REDIS_URL=redis_server.url,
        SWEEP_SECONDS="0",
        RECONCILE_SECONDS="2",
        SIMULATOR_SECONDS="1",
    )
    assert installation.env["DATABASE_URL"].startswith("postgresql://") == ON_POSTGRESQL
    with installation.opened():
        rung, lost = (order_renewal(number) for number in NUMBERS[:2])
    web = installation.web()
    worker = installation.worker()

    # Paid on the hosted page; the webhook, its bell and the worker do the rest.
    stripe.delivery.url = web.webhook
    with installation.opened():
        pay(stripe, rung)
        wait_until(lambda: is_done(rung), what="the renewal in force by bell and worker")
        assert outcome(rung) == RENEWED_ONCE
        assert set(StripeEvent.objects.values_list("source", flat=True)) == {"webhook"}

    # Nobody tells us of this one: the beat's comparison with Stripe finds it.
    stripe.delivery.url = None
    with installation.opened():
        pay(stripe, lost)
    installation.beat()
    with installation.opened():
        wait_until(lambda: is_done(lost), what="the renewal in force by beat and worker")
        assert outcome(lost) == RENEWED_ONCE
        found = StripeEvent.objects.filter(source=StripeEvent.Source.RECONCILIATION)
        assert found.filter(type="checkout.session.completed").count() == 1
        assert the_books() == IN_ORDER
    # Waiting for work never ran into the short socket timeout that keeps pages quick.
    assert '"level": "ERROR"' not in worker.log.read_text()
    # Neither of them leaves files where it was started.
    assert list(ROOT.glob("celerybeat*")) == []
