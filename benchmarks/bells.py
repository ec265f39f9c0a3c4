"""Whether the bell is published, as it is with a worker in reach, or dropped, as without one."""

from collections.abc import Iterator
from contextlib import contextmanager

from portal.celery import app


@contextmanager
def bells(*, is_heard: bool) -> Iterator[None]:
    """Publish bells into this process's memory, where nobody takes them, or drop them."""
    before = app.has_worker_here
    app.has_worker_here = is_heard
    try:
        yield
    finally:
        app.has_worker_here = before
