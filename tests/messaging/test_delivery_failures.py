"""A message that cannot leave is tried again, given up with a reason, and never in the way."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.core import mail

from messaging.models import Message
from messaging.services import delivery
from messaging.services.delivery import deliver_due, deliver_message
from tests.messaging.backends import Server

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


def raising(error: BaseException) -> Callable[[object], None]:
    def answer(_mail: object) -> None:
        raise error

    return answer


def run(message: Message, now: datetime) -> tuple[str, int, str]:
    deliver_message(message.pk, now=now)
    message.refresh_from_db()
    return message.state, message.attempts, message.error


def test_a_passing_refusal_is_tried_again_later(
    queue: Queue, server: Server, now: datetime
) -> None:
    message = queue()
    server.on_mail = raising(smtplib.SMTPRecipientsRefused({"a": (450, b"later")}))
    state, attempts, error = run(message, now)
    assert (state, attempts) == ("queued", 1)
    assert "450" in error
    assert message.next_try_at == now + timedelta(seconds=5)
    assert message.leased_until is None
    server.on_mail = lambda _mail: None
    assert deliver_due(now=now + timedelta(seconds=4)) == 0
    assert deliver_due(now=now + timedelta(seconds=5)) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == ("sent", 2, "")


def test_after_eight_tries_a_message_is_dead_with_the_reason(
    queue: Queue, server: Server, now: datetime
) -> None:
    message = queue()
    server.on_mail = raising(smtplib.SMTPServerDisconnected("hung up"))
    moments = [now]
    while run(message, moments[-1])[0] == "queued":
        assert message.next_try_at is not None
        moments.append(message.next_try_at)
    gaps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    assert gaps == [5, 10, 20, 40, 80, 160, 320]
    assert (message.state, message.attempts, message.sent_at) == ("dead", 8, None)
    assert message.error == "given up after 8 tries: SMTPServerDisconnected: hung up"
    assert "checking your payment" in message.rendered_subject
    assert deliver_due(now=now + timedelta(days=1)) == 0
    assert mail.outbox == []


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a": (550, b"no such mailbox")}),
        smtplib.SMTPDataError(552, b"too large"),
        ValueError("Invalid address"),
    ],
)
def test_a_final_refusal_ends_at_once(
    queue: Queue, server: Server, now: datetime, error: Exception
) -> None:
    refused = queue()
    other = queue()
    server.on_mail = lambda sent: (
        raising(error)(sent) if refused.address in getattr(sent, "to", []) else None
    )
    assert deliver_due(now=now) == 2
    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.error) == ("dead", 1, str(error))
    assert [sent.to for sent in mail.outbox] == [[other.address]]
    # A refusal says nothing about the connection: it is still the same one.
    assert server.opened == 1


def test_an_address_that_is_none_is_dead_at_once(queue: Queue, now: datetime) -> None:
    message = queue(address="wang@example.com\nBcc: all@example.com")
    assert run(message, now)[:2] == ("dead", 1)
    assert mail.outbox == []


def test_a_connection_that_broke_is_not_used_again(
    queue: Queue, server: Server, now: datetime
) -> None:
    broken = queue()
    queue()
    server.on_mail = lambda sent: (
        raising(TimeoutError("timed out"))(sent)
        if broken.address in getattr(sent, "to", [])
        else None
    )
    assert deliver_due(now=now) == 2
    assert (server.opened, len(mail.outbox)) == (2, 1)


def test_a_server_that_is_away_costs_no_try_and_stops_the_mails_of_the_batch(
    queue: Queue, server: Server, now: datetime
) -> None:
    first, second = queue(), queue()
    kept = queue(demo=True)
    text = queue(channel="sms", template="verification_code")
    server.away = ConnectionRefusedError("refused")
    assert deliver_due(now=now) == 3
    for message in (first, second, kept, text):
        message.refresh_from_db()
    assert (first.state, first.attempts) == ("queued", 0)
    assert first.error == "mail server not reached: refused"
    assert first.next_try_at == now + delivery.OUTAGE_PAUSE
    assert (second.state, second.attempts, second.error) == ("queued", 0, "")
    assert (kept.state, text.state) == ("kept", "kept")


def test_an_hour_without_a_mail_server_loses_nothing(
    queue: Queue, server: Server, now: datetime
) -> None:
    for _ in range(5):
        queue()
    server.away = ConnectionRefusedError("refused")
    for half_minutes in range(120):
        deliver_due(now=now + timedelta(seconds=30 * half_minutes))
    server.away = None
    assert deliver_due(now=now + timedelta(hours=1, minutes=1)) == 5
    assert len(mail.outbox) == 5


def test_a_day_without_a_mail_server_ends_with_a_reason(
    queue: Queue, server: Server, now: datetime
) -> None:
    message = queue()
    server.away = ConnectionRefusedError("refused")
    assert run(message, now + timedelta(hours=23))[0] == "queued"
    assert run(message, now + timedelta(hours=25))[::2] == (
        "dead",
        "given up after a day: mail server not reached: refused",
    )


def test_a_message_with_a_hole_in_its_context_holds_up_nobody(
    queue: Queue, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    broken = queue("renewal_effective", context={"brand": "Hongka"})
    unknown = queue("verification_code")
    Message.objects.filter(pk=unknown.pk).update(template="no_such_kind")
    fine = queue()
    with caplog.at_level(logging.CRITICAL):
        assert deliver_due(now=now) == 3
    broken.refresh_from_db()
    unknown.refresh_from_db()
    assert broken.state == unknown.state == "queued"
    assert broken.error.startswith("RenderError: renewal_effective lacks amount_minor, currency")
    assert unknown.error.startswith("TemplateDoesNotExist: messaging/no_such_kind/")
    assert [sent.to for sent in mail.outbox] == [[fine.address]]


def test_a_message_that_kills_its_worker_each_time_is_given_up(
    queue: Queue, server: Server, now: datetime
) -> None:
    message = queue()
    Message.objects.filter(pk=message.pk).update(attempts=8)
    assert run(message, now) == ("dead", 9, "every try ended without an answer")
    assert mail.outbox == []


def test_a_dead_secret_is_forgotten(queue: Queue, server: Server, now: datetime) -> None:
    message = queue("verification_code", secret=True)
    server.on_mail = raising(smtplib.SMTPRecipientsRefused({"a": (550, b"no")}))
    assert run(message, now)[0] == "dead"
    assert (message.context, message.rendered_text, message.rendered_html) == ({}, "", "")


def test_an_sms_waits_when_a_gateway_is_promised_but_missing(
    queue: Queue, now: datetime, settings: object
) -> None:
    settings.SMS_GATEWAY = True  # type: ignore[attr-defined] # pytest-django's fixture is untyped
    message = queue("verification_code", channel="sms", address="+66812345678")
    assert run(message, now) == ("queued", 1, "there is no way out for SMS yet")


def test_a_long_batch_stops_before_its_task_would_be_killed(
    queue: Queue, server: Server, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("messaging.services.delivery.time.monotonic", lambda: clock[0])
    for _ in range(5):
        queue()

    def slow(_mail: object) -> None:
        clock[0] += 20

    server.on_mail = slow
    assert deliver_due(now=now) == 3
    last = Message.objects.filter(state="sent").order_by("pk").last()
    assert last is not None
    # The third began 40 seconds after the batch did, and says so.
    assert last.sent_at == now + timedelta(seconds=40)
