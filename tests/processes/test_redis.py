"""Redis away, hung or emptied: pages and webhooks go on, work is late by a sweep, never lost."""

import pytest

from billing.models import Order
from billing.sandbox.server import SandboxServer
from portal.seed import PASSWORD
from tests.processes.fixtures import Install
from tests.processes.gate import Gate
from tests.processes.harness import Installation, wait_until
from tests.processes.redis_server import RedisServer
from tests.processes.shop import (
    IN_ORDER,
    NUMBERS,
    RENEWED_ONCE,
    is_done,
    order_renewal,
    outcome,
    pay,
    session_events,
    state_of,
    the_books,
)
from tests.processes.visitor import Visitor, deliver

pytestmark = [pytest.mark.processes, pytest.mark.redis]

# Seconds a webhook may take while Redis is away: one socket timeout of the bell, and its own work.
WEBHOOK_TIMEOUT = 1.5


def wait_until_done(installation: Installation, *orders: Order) -> None:
    """Wait until all are in force and told, and prove that each was renewed once."""
    with installation.opened():
        wait_until(lambda: all(map(is_done, orders)), what="orders in force")
        assert [outcome(order) for order in orders] == [RENEWED_ONCE for _ in orders]
        assert the_books() == IN_ORDER


def log_in_with_a_wrong_password(visitor: Visitor) -> str:
    """What the page says to the sixth wrong password in a row."""
    pages = [
        visitor.post("/accounts/login/", login="li@example.com", password="wrong") for _ in range(6)
    ]
    return pages[-1].text


@pytest.mark.parametrize("trouble", ["stopped", "hung"])
def test_pages_and_webhooks_go_on_without_redis_and_work_is_done_when_it_is_back(
    install: Install, stripe: SandboxServer, redis_server: RedisServer, trouble: str
) -> None:
    installation = install(REDIS_URL=redis_server.url, SWEEP_SECONDS="1")
    with installation.opened():
        orders = [order_renewal(number) for number in NUMBERS[:2]]
        before, during = (session_events(pay(stripe, order))[-1] for order in orders)
        dashboard = f"/lines/{orders[0].line.public_id}/"
    web = installation.web()
    installation.worker()
    installation.beat()
    assert deliver(web.webhook, stripe.signed(before)) == 200
    wait_until_done(installation, orders[0])

    (redis_server.kill if trouble == "stopped" else redis_server.hang)()
    assert deliver(web.webhook, stripe.signed(during), timeout=WEBHOOK_TIMEOUT) == 200
    assert "Too many failed attempts" in log_in_with_a_wrong_password(Visitor(web.url))
    visitor = Visitor(web.url)
    home = visitor.post("/accounts/login/", login="wang@example.com", password=PASSWORD)
    assert (home.status, home.url) == (200, f"{web.url}/lines/")
    assert visitor.get(dashboard).status == 200
    with installation.opened():
        assert state_of(orders[1]) == Order.State.AWAITING_PAYMENT

    (redis_server.start if trouble == "stopped" else redis_server.go_on)()
    wait_until_done(installation, *orders)


def test_a_broker_emptied_with_bells_in_it_loses_no_work(
    install: Install, stripe: SandboxServer, redis_server: RedisServer
) -> None:
    installation = install(REDIS_URL=redis_server.url, SWEEP_SECONDS="1")
    with installation.opened():
        orders = [order_renewal(number) for number in NUMBERS]
        events = [session_events(pay(stripe, order))[-1] for order in orders]
    web = installation.web()
    assert [deliver(web.webhook, stripe.signed(event)) for event in events] == [200] * len(events)

    assert redis_server.bells() == len(events)
    redis_server.flush()
    assert redis_server.bells() == 0
    installation.worker()
    installation.beat()
    wait_until_done(installation, *orders)


def test_a_celery_worker_killed_inside_the_task_leaves_work_that_the_sweep_ends(
    install: Install, stripe: SandboxServer, gate: Gate, redis_server: RedisServer
) -> None:
    installation = install(REDIS_URL=redis_server.url, STRIPE_API_BASE=gate.url, SWEEP_SECONDS="1")
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
    web = installation.web()
    worker = installation.worker()
    gate.shut()
    assert deliver(web.webhook, stripe.signed(event)) == 200
    gate.wait_for(1)

    worker.kill()
    gate.open()
    with installation.opened():
        assert state_of(order) == Order.State.AWAITING_PAYMENT
        assert the_books() == IN_ORDER
    installation.worker()
    installation.beat()
    wait_until_done(installation, order)
