"""Fixtures of the outbox tests."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine

from messaging.models import Message
from messaging.services.outbox import queue_message
from tests.messaging import backends
from tests.messaging.samples import NOW, contexts


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def queue() -> Callable[..., Message]:
    """Queue a sample message at NOW; the keys count up unless one is given."""
    count = 0

    def queue(template: str = "order_in_review", **changes: Any) -> Message:
        nonlocal count
        count += 1
        language = changes.get("language", "en")
        values: dict[str, Any] = {
            "channel": "email",
            "address": f"customer-{count}@example.com",
            "language": language,
            "template": template,
            "context": contexts("en")[template],
            "dedupe_key": f"test:{count}",
        }
        with time_machine.travel(NOW, tick=False):
            return queue_message(**values | changes)

    return queue


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Any) -> backends.Server:
    """A mail server of this test's own."""
    fresh = backends.Server()
    monkeypatch.setattr(backends, "server", fresh)
    settings.MAILERS = {"default": {"BACKEND": "tests.messaging.backends.CountingBackend"}}
    return fresh
