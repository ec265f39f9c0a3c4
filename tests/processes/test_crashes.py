"""`kill -9` at every step of the way from the event to the mail: nothing lost, nothing twice."""

import json
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client

from billing.models import Order, StripeEvent
from billing.sandbox.server import SandboxServer
from tests.processes.fixtures import Install
from tests.processes.harness import LEASE_SECONDS, ROOT, Installation
from tests.processes.shop import (
    IN_ORDER,
    RENEWED_ONCE,
    order_renewal,
    outcome,
    pay,
    post_webhook,
    session_events,
    state_of,
    sweep_once,
    the_books,
)
from tests.processes.visitor import deliver

pytestmark = pytest.mark.processes

# One sweep, as soon as the dead worker's lease has run out, must be enough.
AFTER_THE_LEASE = timedelta(seconds=LEASE_SECONDS + 1)
# Where the worker dies, and what the order's state is then.
WORKER_DIES = {
    "before it claims the event": (
        "messaging.models:WorkQuerySet.claim:before",
        "awaiting_payment",
    ),
    "holding the claim": ("messaging.models:WorkQuerySet.claim:after", "awaiting_payment"),
    "after Stripe has answered": (
        "billing.services.settlement:read_session:after",
        "awaiting_payment",
    ),
    "after the first ledger entry": (
        "billing.services.settlement:post_entry:after",
        "awaiting_payment",
    ),
    "before the commit": ("billing.services.settlement:apply_order:after", "awaiting_payment"),
    "after the commit": ("billing.services.settlement:settle_as:after", "applied"),
    "before the network is asked": (
        "billing.services.renewals:push_service_order:before",
        "applied",
    ),
    "after the network has taken it": ("plans.network.simulator:Simulator.put:after", "applied"),
    "before it is effective": ("billing.services.renewals:queue_effective:after", "applied"),
    "before the message": ("messaging.services.delivery:render:before", "effective"),
    "with the message worded": ("messaging.services.delivery:render:after", "effective"),
}
# Where the web process dies, and how many events are stored then.
WEB_DIES = {
    "before it looks at the signature": ("billing.webhooks:verify_event:before", 0),
    "before it stores the event": ("billing.webhooks:store_event:before", 0),
    "before the bell": ("billing.services.stripe_events:ring:before", 1),
    "before its answer": ("billing.webhooks:store_event:after", 1),
}


def die(installation: Installation, point: str, work: str, said: str = "") -> int:
    """Run the work until the trap snaps; the exit code, negative for a signal."""
    return subprocess.run(
        [sys.executable, "-m", "tests.processes.with_django", "tests.processes.dying", point, work],
        cwd=ROOT,
        env=installation.env,
        input=said,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    ).returncode


@pytest.mark.parametrize("moment", WORKER_DIES)
def test_a_worker_killed_anywhere_leaves_work_that_the_sweep_ends(
    install: Install, stripe: SandboxServer, client: Client, moment: str
) -> None:
    installation = install()
    point, state = WORKER_DIES[moment]
    with installation.opened():
        order = order_renewal()
        post_webhook(client, stripe, session_events(pay(stripe, order))[-1])

    assert die(installation, point, "sweep") == -signal.SIGKILL
    with installation.opened():
        assert state_of(order) == state
        assert the_books() == IN_ORDER
        sweep_once(later=AFTER_THE_LEASE)
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


@pytest.mark.parametrize("moment", WEB_DIES)
def test_a_web_process_killed_before_its_answer_gets_the_event_again(
    install: Install, stripe: SandboxServer, client: Client, moment: str
) -> None:
    installation = install()
    point, stored = WEB_DIES[moment]
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
    body, headers = stripe.signed(event)
    said = json.dumps({"body": body.decode(), "signature": headers["Stripe-Signature"]})

    assert die(installation, point, "webhook", said) == -signal.SIGKILL
    with installation.opened():
        assert StripeEvent.objects.count() == stored
        assert post_webhook(client, stripe, event) == 200
        assert StripeEvent.objects.count() == 1
        sweep_once(later=AFTER_THE_LEASE)
        assert outcome(order) == RENEWED_ONCE
        assert the_books() == IN_ORDER


def test_a_web_process_killed_right_after_its_200_has_kept_its_word(
    install: Install, stripe: SandboxServer
) -> None:
    installation = install()
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
    web = installation.web(workers=2)

    status = deliver(web.webhook, stripe.signed(event))
    web.process.kill()

    assert status == 200
    with installation.opened():
        assert Order.objects.get(pk=order.pk).state == Order.State.AWAITING_PAYMENT
    # The restart: a new process on the same database, without any broker.
    installation.manage("sweep")
    assert installation.manage("check_ledger") == "0 differences\n"
    assert installation.manage("check_invariants") == "0 differences\n"
    with installation.opened():
        assert outcome(order) == RENEWED_ONCE
