"""One message and many workers at once: it leaves once; without the claim it leaves many times."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import connections

from messaging.models import Message, WorkQuerySet
from messaging.rendering import Rendered, render
from messaging.services import delivery
from messaging.services.outbox import queue_message
from tests.messaging.samples import contexts

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 20


def a_message() -> Message:
    """One e-mail that is due."""
    return queue_message(
        channel=Message.Channel.EMAIL,
        address="wang@example.com",
        language="en",
        template="order_in_review",
        context=contexts("en")["order_in_review"],
        dedupe_key="concurrency",
    )


def deliver_at_once(message: Message) -> Counter[bool]:
    """Let all workers deliver it at the same moment; how many found something to do."""
    start = threading.Barrier(WORKERS)
    # One moment for all: later than the message, the same for each claim.
    now = datetime.now(UTC)

    def work(_number: int) -> bool:
        try:
            start.wait()
            return delivery.deliver_message(message.pk, now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as crowd:
        return Counter(crowd.map(work, range(WORKERS)))


def test_twenty_workers_send_one_message_once() -> None:
    message = a_message()

    assert deliver_at_once(message) == {True: 1, False: WORKERS - 1}
    assert len(mail.outbox) == 1
    assert Message.objects.get().state == Message.State.SENT


def test_without_the_claim_the_same_workers_send_it_twenty_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the claim is all that keeps a customer from twenty equal mails."""
    message = a_message()
    worded = threading.Barrier(WORKERS)

    def render_together(message: Message) -> Rendered:
        rendered = render(message)
        worded.wait()
        return rendered

    monkeypatch.setattr(WorkQuerySet, "claim", lambda *_args, **_kwargs: True)
    monkeypatch.setattr(delivery, "render", render_together)

    assert deliver_at_once(message) == {True: WORKERS}
    assert len(mail.outbox) == WORKERS
