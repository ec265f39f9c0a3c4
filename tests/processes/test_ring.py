"""The bell: never raises, never delays, waits for the commit, and leaves a dead broker alone."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress

import pytest
from django.db import transaction
from kombu.transport import memory

from portal import ring as bell
from portal.celery import Application
from portal.ring import ring
from tests.processes.fixtures import Install
from tests.processes.harness import ROOT, Installation

RINGS = 50
TASK = "billing.push_refund"


@pytest.fixture
def hung_server() -> Iterator[socket.socket]:
    """A port that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0)
        yield server


@pytest.fixture
def dead_address() -> str:
    """A port on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def silence() -> Iterator[None]:
    """No bell in memory, before and after."""
    memory.Channel.queues.clear()
    yield
    memory.Channel.queues.clear()


def knocks(server: socket.socket) -> int:
    """How many connections were opened so far."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def ring_in(installation: Installation) -> subprocess.CompletedProcess[str]:
    """Ring many times in a process with the product's own settings."""
    return subprocess.run(
        [sys.executable, "-m", "tests.processes.with_django", "tests.processes.ringer", str(RINGS)],
        cwd=ROOT,
        env=installation.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.processes
def test_a_hung_broker_costs_one_short_wait_and_is_then_left_alone(
    install: Install, hung_server: socket.socket
) -> None:
    port = hung_server.getsockname()[1]
    done = ring_in(install(REDIS_URL=f"redis://127.0.0.1:{port}/0"))

    assert (done.returncode, done.stdout) == (0, "rung\n")
    assert done.stderr.count("bell lost") == 1
    assert knocks(hung_server) == 1


@pytest.mark.processes
def test_a_dead_broker_costs_nothing_and_raises_nothing(
    install: Install, dead_address: str
) -> None:
    done = ring_in(install(REDIS_URL=dead_address))

    assert (done.returncode, done.stdout) == (0, "rung\n")
    assert done.stderr.count("bell lost") == 1


@pytest.mark.django_db
def test_a_failed_broker_is_tried_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    dead_address: str,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    now = 1000.0
    monkeypatch.setattr("portal.ring.time.monotonic", lambda: now)
    monkeypatch.setattr(bell, "current_app", app_on(dead_address))
    lost = []
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            ring(TASK, 1)
            ring(TASK, 2)
        lost.append(caplog.messages.count("bell lost"))
        now += bell.BREAKER_SECONDS / 2

    assert lost == [1, 1, 2]


@pytest.mark.usefixtures("silence")
@pytest.mark.django_db(transaction=True)
def test_a_bell_rings_after_the_commit_and_never_after_a_rollback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = app_on("memory://")
    app.has_worker_here = True
    monkeypatch.setattr(bell, "current_app", app)
    with transaction.atomic():
        ring(TASK, 1)
        before_the_commit = bells()
    after_the_commit = bells()
    with suppress(ValueError), transaction.atomic():
        ring(TASK, 2)
        raise ValueError

    assert (before_the_commit, after_the_commit, bells()) == (0, 1, 1)


@pytest.mark.usefixtures("silence")
@pytest.mark.django_db(transaction=True)
def test_bells_in_memory_do_not_pile_up_where_nobody_hears_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Web servers without Redis: cron's sweep does the work, so a bell is for nobody."""
    monkeypatch.setattr(bell, "current_app", app_on("memory://"))

    for number in range(RINGS):
        ring(TASK, number)

    assert bells() == 0


def app_on(broker: str) -> Application:
    """An application of the test's own on another broker."""
    app = Application("ring", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 0}
    return app


def bells() -> int:
    """How many bells wait in memory; all memory brokers of one process share their queues."""
    queue = memory.Channel.queues.get("celery")
    return queue.qsize() if queue is not None else 0
