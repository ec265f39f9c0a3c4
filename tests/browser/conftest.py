"""The portal as the demo runs it: live server, worker and beat in threads, stand-in, demo data."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from billing.sandbox.server import SandboxServer
from portal.embedded import EmbeddedCelery
from portal.seed import PASSWORD, seed_demo

# Milliseconds that a page may take on a loaded machine before a test calls it missing.
PATIENCE = 20_000


class LogBook(logging.Handler):
    """Keeps every line that was logged, to be searched afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass(slots=True)
class Portal:
    """A running portal: its address, its stand-in and its log."""

    url: str
    sandbox: SandboxServer
    log: LogBook


@pytest.fixture
def sandbox(live_server: LiveServer) -> Iterator[SandboxServer]:
    """A stand-in that delivers its events to the live server."""
    with SandboxServer(webhook_url=f"{live_server.url}/billing/stripe/webhook/") as server:
        yield server


@pytest.fixture
def portal(
    live_server: LiveServer, sandbox: SandboxServer, settings: LazySettings
) -> Iterator[Portal]:
    """Everything that `manage.py demo` starts, on the test's own database."""
    expect.set_options(timeout=PATIENCE)
    settings.EMAIL_GATEWAY = False
    settings.SITE_URL = live_server.url
    settings.STRIPE_API_BASE = sandbox.base_url
    settings.STRIPE_PUBLIC_BASE = sandbox.base_url
    settings.SECURE_CSP = {
        **settings.SECURE_CSP,
        "form-action": ["'self'", sandbox.base_url],
    }
    settings.SIMULATOR_SECONDS = 1
    seed_demo(now=timezone.now())
    log = LogBook()
    logging.getLogger().addHandler(log)
    celery = EmbeddedCelery()
    celery.start()
    try:
        yield Portal(url=live_server.url, sandbox=sandbox, log=log)
    finally:
        celery.stop()
        logging.getLogger().removeHandler(log)


def is_our_error(said: ConsoleMessage) -> bool:
    """Whether the console complains about a page of the portal.

    The stand-in answers a declined card with 422, which browsers call an error.
    """
    return said.type == "error" and "/c/pay/" not in said.location["url"]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose console must stay free of errors."""
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if is_our_error(said) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


def log_in(page: Page, url: str, login: str) -> None:
    """Log in as a person does."""
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/lines/")
