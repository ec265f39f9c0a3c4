"""What becomes of a queued message, and that it happens once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from messaging import tasks
from messaging.models import Message
from messaging.services.delivery import deliver_due, deliver_message
from messaging.services.outbox import withdraw
from tests.messaging.backends import Server
from tests.messaging.samples import NOW, contexts

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


def withdrawing(subject: str) -> Callable[[object], None]:
    def answer(_mail: object) -> None:
        withdraw(subject=subject)

    return answer


def test_a_mail_leaves_with_both_bodies_and_is_marked(queue: Queue, now: datetime) -> None:
    message = queue()
    assert deliver_message(message.pk, now=now) is True
    message.refresh_from_db()
    (sent,) = mail.outbox
    assert (message.state, message.sent_at, message.error) == ("sent", now, "")
    assert message.leased_until is None
    assert sent.to == [message.address]
    assert sent.subject == "We are checking your payment: order XK7Q2M9D4TPA"
    assert sent.from_email == "Hongka <no-reply@xuka.example>"
    assert sent.body == message.rendered_text
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert [tuple(part) for part in sent.alternatives] == [(message.rendered_html, "text/html")]
    assert message.provider_id == f"<{message.public_id}@xuka.example>"
    assert sent.message()["Message-ID"] == message.provider_id
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert sent.message()["List-Unsubscribe"] is None


def test_a_second_delivery_changes_nothing(queue: Queue, now: datetime) -> None:
    message = queue()
    deliver_message(message.pk, now=now)
    assert deliver_message(message.pk, now=now + timedelta(days=1)) is False
    assert len(mail.outbox) == 1
    assert Message.objects.get().sent_at == now


def test_the_task_delivers_its_message(queue: Queue) -> None:
    message = queue()
    tasks.deliver_message(message.pk)
    assert [sent.to for sent in mail.outbox] == [[message.address]]


def test_a_message_owned_by_another_worker_is_left_alone(queue: Queue, now: datetime) -> None:
    message = queue()
    assert Message.objects.claim(message.pk, now=now)
    assert deliver_message(message.pk, now=now) is False
    assert mail.outbox == []
    # The other worker died: its lease runs out.
    assert deliver_message(message.pk, now=now + timedelta(seconds=61)) is True
    assert len(mail.outbox) == 1


def test_an_unknown_id_is_no_work(now: datetime) -> None:
    assert deliver_message(987654, now=now) is False


def test_twenty_mails_share_one_connection(queue: Queue, server: Server, now: datetime) -> None:
    for _ in range(20):
        queue()
    assert deliver_due(now=now) == 20
    assert len(mail.outbox) == 20
    assert (server.opened, server.closed) == (1, 1)
    assert deliver_due(now=now) == 0
    assert server.opened == 1


def test_a_batch_takes_the_oldest_first_and_no_more_than_its_limit(
    queue: Queue, now: datetime
) -> None:
    messages = [queue() for _ in range(3)]
    Message.objects.filter(pk=messages[2].pk).update(next_try_at=now - timedelta(hours=1))
    assert deliver_due(now=now, limit=2) == 2
    assert [sent.to[0] for sent in mail.outbox] == [messages[2].address, messages[0].address]


def test_a_message_that_is_not_due_yet_waits(queue: Queue, now: datetime) -> None:
    message = queue()
    Message.objects.filter(pk=message.pk).update(next_try_at=now + timedelta(seconds=1))
    assert deliver_due(now=now) == 0
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction(queue: Queue, server: Server, now: datetime) -> None:
    queue()
    deliver_due(now=now)
    assert server.inside_transaction == [False]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_demo_message_never_leaves_whatever_gateways_there_are(
    queue: Queue, server: Server, now: datetime, settings: Any, channel: str
) -> None:
    settings.EMAIL_GATEWAY = settings.SMS_GATEWAY = True
    message = queue(channel=channel, demo=True)
    assert deliver_due(now=now) == 1
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.provider_id) == ("kept", now, "")
    assert "Demo" in message.rendered_text
    assert mail.outbox == []
    assert server.opened == 0


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_without_a_gateway_the_message_stays_in_the_outbox(
    queue: Queue, server: Server, now: datetime, settings: Any, channel: str
) -> None:
    settings.EMAIL_GATEWAY = settings.SMS_GATEWAY = False
    message = queue(channel=channel)
    deliver_due(now=now)
    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("kept", now)
    assert message.rendered_text
    assert server.opened == 0


def test_a_withdrawn_message_is_never_sent(queue: Queue, server: Server, now: datetime) -> None:
    message = queue(subject="order:1")
    withdraw(subject="order:1")
    assert deliver_message(message.pk, now=now) is False
    assert deliver_due(now=now) == 0
    assert Message.objects.get().state == "withdrawn"
    assert mail.outbox == []


def test_a_withdrawal_between_two_mails_of_a_batch_holds(
    queue: Queue, server: Server, now: datetime
) -> None:
    first = queue()
    second = queue(subject="order:2")
    server.on_mail = withdrawing("order:2")
    assert deliver_due(now=now) == 1
    assert [sent.to for sent in mail.outbox] == [[first.address]]
    second.refresh_from_db()
    assert second.state == "withdrawn"


def test_a_withdrawal_after_the_mail_left_is_too_late(
    queue: Queue, server: Server, now: datetime
) -> None:
    queue(subject="order:1")
    server.after_mail = withdrawing("order:1")
    deliver_due(now=now)
    assert (Message.objects.get().state, Message.objects.get().sent_at) == ("sent", now)


def test_a_secret_that_left_is_scrubbed(queue: Queue, now: datetime) -> None:
    message = queue("verification_code", secret=True)
    deliver_message(message.pk, now=now)
    message.refresh_from_db()
    assert "402917" in mail.outbox[0].body
    assert message.state == "sent"
    assert message.context == {}
    assert (message.rendered_subject, message.rendered_text, message.rendered_html) == ("", "", "")


def test_a_secret_that_stays_can_be_read_in_the_outbox(queue: Queue, now: datetime) -> None:
    message = queue("verification_code", secret=True, demo=True)
    deliver_message(message.pk, now=now)
    message.refresh_from_db()
    assert "402917" in message.rendered_text


@pytest.mark.parametrize("active", ["en", "zh-hans"])
def test_the_language_is_the_messages_own(queue: Queue, now: datetime, active: str) -> None:
    english = queue("renewal_effective", language="en")
    chinese = queue("renewal_effective", language="zh-hans", context=contexts("zh-hans")[_RENEWAL])
    with translation.override(active):
        deliver_due(now=now)
        assert translation.get_language() == active
    english.refresh_from_db()
    chinese.refresh_from_db()
    assert "19 Dec 23:59" in english.rendered_text
    assert "12月19日 23:59（" in chinese.rendered_text
    assert "红卡" in chinese.rendered_html


def test_a_killed_worker_sends_again_with_the_same_message_id(
    queue: Queue, server: Server, now: datetime
) -> None:
    message = queue()

    def die(_mail: object) -> None:
        raise KeyboardInterrupt

    server.after_mail = die
    with pytest.raises(KeyboardInterrupt):
        deliver_message(message.pk, now=now)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
    server.after_mail = lambda _mail: None
    assert deliver_due(now=now + timedelta(seconds=30)) == 0
    assert deliver_due(now=NOW + timedelta(seconds=61)) == 1
    first, second = mail.outbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"]
    assert Message.objects.get().state == "sent"


_RENEWAL = "renewal_effective"


def test_a_mail_that_can_be_switched_off_says_where(queue: Queue, now: datetime) -> None:
    page = "https://xuka.example/lines/3f6c1f0e/"
    queue("period_ending")
    queue("order_in_review")
    deliver_due(now=now)
    assert [sent.extra_headers.get("List-Unsubscribe") for sent in mail.outbox] == [
        f"<{page}>",
        None,
    ]
