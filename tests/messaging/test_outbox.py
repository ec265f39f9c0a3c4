"""Queueing once, taking back, and what the table itself refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from messaging import tasks
from messaging.models import Message
from messaging.services import outbox
from portal.celery import app
from tests.messaging.samples import NOW

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


def test_a_queued_message_is_due_at_once_and_rings_after_the_commit(
    queue: Queue, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, tuple[int]]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_kw: rung.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        message = queue(subject="order:1", demo=True, secret=True)
        assert rung == []
    assert rung == [(tasks.deliver_message.name, (message.pk,))]
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("queued", None, 0)
    assert (message.subject, message.demo, message.secret) == ("order:1", True, True)
    assert list(Message.objects.due(NOW)) == [message]


def test_a_message_for_later_waits_without_a_bell(
    queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    morning = NOW + timedelta(hours=10)
    with django_capture_on_commit_callbacks() as callbacks:
        message = queue(not_before=morning)
    assert callbacks == []
    assert message.next_try_at == morning
    assert not Message.objects.due(morning - timedelta(seconds=1)).exists()
    assert Message.objects.due(morning).get() == message


def test_a_time_that_has_passed_delays_nothing(
    queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        message = queue(not_before=NOW - timedelta(hours=1))
    assert len(callbacks) == 1
    assert message.next_try_at == NOW


def unsaved(number: int, **changes: Any) -> Message:
    values = {
        "channel": "sms",
        "address": "+66812345678",
        "language": "en-GB",
        "template": "verification_code",
        "context": {"code": "1"},
        "dedupe_key": f"batch:{number}",
        "next_try_at": NOW,
    }
    return Message(**values | changes)


def test_a_batch_is_queued_once_per_key_and_rings_nobody(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.queue_batch(unsaved(number) for number in (1, 2))
        outbox.queue_batch([unsaved(2, address="+66899999999"), unsaved(3)])
    assert callbacks == []
    assert Message.objects.due(NOW).count() == 3
    assert set(Message.objects.values_list("address", "language")) == {("+66812345678", "en")}


@pytest.mark.parametrize("wrong", [{"address": ""}, {"channel": "pigeon"}])
def test_a_batch_with_a_message_to_nowhere_is_refused_as_a_whole(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs an address"):
        outbox.queue_batch([unsaved(1), unsaved(2, **wrong)])
    assert Message.objects.count() == 0


def test_the_same_dedupe_key_changes_nothing_and_rings_nobody(
    queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    first = queue(dedupe_key="renewal:1:email")
    with django_capture_on_commit_callbacks() as callbacks:
        again = queue("payment_failed", dedupe_key="renewal:1:email", address="b@example.com")
    assert callbacks == []
    assert again.pk == first.pk
    assert again.template == "order_in_review"
    assert Message.objects.get().address == first.address


def test_a_repeat_leaves_the_transaction_around_it_usable(queue: Queue) -> None:
    queue(dedupe_key="once")
    with transaction.atomic():
        queue(dedupe_key="once")
        queue(dedupe_key="next")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"address": ""}, {"channel": "pigeon"}])
def test_a_message_to_nowhere_is_refused(queue: Queue, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs an address"):
        queue(**wrong)
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "stored"),
    [("en", "en"), ("en-GB", "en"), ("zh-Hans", "zh-hans"), ("th", "zh-hans"), ("", "zh-hans")],
)
def test_the_language_is_one_we_have(asked: str, stored: str) -> None:
    message = outbox.queue_message(
        channel="sms",
        address="+66812345678",
        language=asked,
        template="verification_code",
        context={"code": "1"},
        dedupe_key="language",
    )
    assert message.language == stored


def test_withdrawing_takes_back_what_waits_about_the_subject_and_nothing_else(
    queue: Queue,
) -> None:
    waiting = [queue(subject="order:1"), queue(subject="order:1")]
    other = queue(subject="order:2")
    gone = queue(subject="order:1")
    Message.objects.filter(pk=gone.pk).update(state="sent", sent_at=NOW)
    assert outbox.withdraw(subject="order:1") == 2
    assert outbox.withdraw(subject="order:1") == 0
    states = dict(Message.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in waiting] == ["withdrawn", "withdrawn"]
    assert (states[other.pk], states[gone.pk]) == ("queued", "sent")


def test_a_withdrawn_secret_is_forgotten(queue: Queue) -> None:
    code = queue("verification_code", subject="login:1", secret=True)
    plain = queue(subject="login:1")
    outbox.withdraw(subject="login:1")
    code.refresh_from_db()
    plain.refresh_from_db()
    assert code.context == {}
    assert plain.context["order_number"] == "XK7Q2M9D4TPA"


def test_withdrawing_without_a_subject_is_refused(queue: Queue) -> None:
    queue()
    with pytest.raises(ValueError, match="needs a subject"):
        outbox.withdraw(subject="")
    assert Message.objects.get().state == "queued"


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "sent", "sent_at": None},
        {"state": "kept", "sent_at": None},
        {"state": "queued", "sent_at": NOW},
        {"state": "dead", "sent_at": NOW, "error": "x"},
        {"state": "dead", "error": ""},
        {"state": "lost"},
        {"channel": "pigeon"},
        {"address": ""},
        {"next_try_at": None},
    ],
)
def test_the_table_refuses_pairs_that_make_no_sense(
    queue: Queue, wrong: dict[str, str | datetime | None]
) -> None:
    message = queue()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**wrong)
