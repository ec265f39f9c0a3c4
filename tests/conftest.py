"""Fixtures for every test, and what a marked test needs before it may run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.utils import translation

from billing.triggers import drop_triggers
from portal import cache as portal_cache
from portal import ring

# Marker → the variable that says where to find what the test needs.
NEEDS = {"browser": "PORTAL_CHROMIUM", "redis": "REDIS_TEST_URL"}
# Fixtures that make pytest-django empty the tables after the test instead of rolling back.
EMPTYING = {"transactional_db", "live_server", "django_db_reset_sequences"}
# Redis offers 16 numbered databases; each xdist worker takes one.
REDIS_DATABASES = 16


def pytest_configure() -> None:
    """Make the folder for this run, and let the ORM run beside a browser's event loop."""
    # WhiteNoise warns about a missing folder, and a warning is an error.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    # Playwright's loop stays alive in its worker after the last browser test.
    if os.environ.get("PORTAL_CHROMIUM"):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run, and say why; with CI_REQUIRE_ALL=1 fail instead."""
    for marker, variable in NEEDS.items():
        if item.get_closest_marker(marker) and not os.environ.get(variable):
            reason = f"{marker} test: {variable} is not set"
            if os.environ.get("CI_REQUIRE_ALL") == "1":
                pytest.fail(f"{reason}, and CI_REQUIRE_ALL=1 forbids to skip", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(autouse=True)
def fresh_process_state() -> Iterator[None]:
    """Start each test with empty caches, closed breakers and the default language."""
    for alias in settings.CACHES:
        caches[alias].clear()
    portal_cache.forget_failures()
    ring.breaker.close()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def tables_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drop the append-only triggers before tables are emptied; post_migrate puts them back.

    Set up after the database and hence torn down before it. Rolled-back tests never need it.
    """
    marker = request.node.get_closest_marker("django_db")
    marked = bool(marker and marker.kwargs.get("transaction"))
    if not marked and not EMPTYING.intersection(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    drop_triggers()


def _speak(language: str) -> Iterator[dict[str, str]]:
    with translation.override(language):
        yield {"Accept-Language": language}


@pytest.fixture
def zh() -> Iterator[dict[str, str]]:
    """Speak Chinese in the test; the value is the header that makes a client ask for it."""
    yield from _speak("zh-hans")


@pytest.fixture
def en() -> Iterator[dict[str, str]]:
    """Speak English in the test; the value is the header that makes a client ask for it."""
    yield from _speak("en")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Start the browser of this machine; nothing is downloaded."""
    return {**browser_type_launch_args, "executable_path": os.environ["PORTAL_CHROMIUM"]}


@pytest.fixture
def redis_url(worker_id: str) -> str:
    """Address of a Redis database of this worker alone; for tests marked `redis`."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) % REDIS_DATABASES
    return f"{os.environ['REDIS_TEST_URL'].rstrip('/')}/{number}"
