"""The demo's form: broker in memory, worker and beat in threads of the one web process."""

import json
import subprocess
import sys

import pytest

from billing.sandbox.server import SandboxServer
from tests.processes.fixtures import Install
from tests.processes.harness import PATIENCE, ROOT, wait_until
from tests.processes.shop import (
    IN_ORDER,
    RENEWED_ONCE,
    is_done,
    order_renewal,
    outcome,
    pay,
    session_events,
    the_books,
)

pytestmark = pytest.mark.processes


def test_bells_in_memory_carry_a_payment_to_the_network_without_any_sweep(
    install: Install, stripe: SandboxServer
) -> None:
    installation = install(SWEEP_SECONDS="0", SIMULATOR_SECONDS="1")
    with installation.opened():
        order = order_renewal()
        event = session_events(pay(stripe, order))[-1]
    body, headers = stripe.signed(event)
    said = json.dumps({"body": body.decode(), "signature": headers["Stripe-Signature"]})
    with subprocess.Popen(
        [sys.executable, "-m", "tests.processes.with_django", "tests.processes.embedding"],
        cwd=ROOT,
        env=installation.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(said + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "200\n"
            with installation.opened():
                wait_until(lambda: is_done(order), what="the renewal in force")
                assert outcome(order) == RENEWED_ONCE
                assert the_books() == IN_ORDER
            assert process.communicate(timeout=PATIENCE)[0] == "stopped\n"
        finally:
            process.kill()
