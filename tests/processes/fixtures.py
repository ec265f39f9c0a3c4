"""Fixtures that both tests/processes and tests/concurrency use."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import DjangoDbBlocker, Settings

from billing.sandbox.server import SandboxServer
from tests.processes.databases import Database
from tests.processes.gate import Gate, gate_before
from tests.processes.harness import Installation
from tests.processes.redis_server import RedisServer, running_redis

type Install = Callable[..., Installation]

TEMPLATE = pytest.StashKey[Database]()

__all__ = ["Install", "gate", "install", "redis_server", "stripe", "template"]


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
    pytestconfig: pytest.Config,
) -> Database:
    """A migrated and seeded database, made once by the real commands; copies are cheap.

    Kept in pytest's configuration, because each folder that takes the fixture over would
    otherwise make its own.
    """
    if TEMPLATE not in pytestconfig.stash:
        folder = tmp_path_factory.mktemp("template")
        installation = Installation(folder, Database(folder), django_db_blocker)
        pytestconfig.add_cleanup(installation.end)
        installation.manage("migrate", "--verbosity", "0")
        installation.manage("seed_demo")
        pytestconfig.stash[TEMPLATE] = installation.database
    return pytestconfig.stash[TEMPLATE]


@pytest.fixture
def stripe(settings: Settings) -> Iterator[SandboxServer]:
    """The stand-in, also for services called in this process; webhooks go nowhere until told."""
    with SandboxServer(retry_after=(0.2, 0.5, 1.0)) as server:
        settings.STRIPE_API_BASE = server.base_url
        yield server


@pytest.fixture
def gate(stripe: SandboxServer) -> Iterator[Gate]:
    """A gate before the stand-in, for processes whose readings a test wants to hold back."""
    with gate_before(stripe.base_url) as made:
        yield made


@pytest.fixture
def install(
    tmp_path: Path, template: Database, django_db_blocker: DjangoDbBlocker, stripe: SandboxServer
) -> Iterator[Install]:
    """Makes installations on copies of the template; all their processes end with the test."""
    with ExitStack() as stack:

        def make(**changed: str) -> Installation:
            folder = tmp_path / uuid4().hex[:8]
            folder.mkdir()
            database = Database(folder, template=template)
            made = Installation(
                folder,
                database,
                django_db_blocker,
                **{"STRIPE_API_BASE": stripe.base_url, **changed},
            )
            stack.callback(made.end)
            return made

        yield make


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    with running_redis() as server:
        yield server
