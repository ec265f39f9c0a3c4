"""How a queued message leaves, is kept, is tried again or is given up; rules of DESIGN section 4.

A crash between sending and marking sends once more, with the same Message-ID. Nothing else does.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from messaging.models import Message, retry_at
from messaging.rendering import Rendered, render
from messaging.services.mailer import GatewayDownError, HeldMailer, RefusedError

logger = logging.getLogger(__name__)

# Tries of one message before it is given up.
MAX_ATTEMPTS = 8
# A mail server that is away costs no try; messages wait this long, and no longer than a day.
OUTAGE_PAUSE = timedelta(minutes=1)
OUTAGE_LIMIT = timedelta(hours=24)
# Seconds after which a batch takes no further message: shorter than a task may run.
BATCH_SECONDS = 45
NOTHING = Rendered("", "", "")


def deliver_message(message_id: int, *, now: datetime) -> bool:
    """Deliver one message if it is due and free; False when there was nothing to do."""
    with HeldMailer() as mailer:
        return _deliver(message_id, now=now, mailer=mailer)


def deliver_due(*, now: datetime, limit: int = 200) -> int:
    """Work through what is due, oldest first, over one held connection.

    Returns how many messages were worked on, whatever became of them; 0 means the rest is not due
    or waits for a mail server that is away. Each is claimed only when its turn comes.
    """
    started = time.monotonic()
    waiting = Message.objects.due(now).order_by("next_try_at", "pk")
    worked = 0
    with HeldMailer() as mailer:
        for pk, channel, demo in list(waiting.values_list("pk", "channel", "demo")[:limit]):
            elapsed = time.monotonic() - started
            if elapsed > BATCH_SECONDS:
                break
            if mailer.down and _leaves(channel, demo=demo):
                continue
            # The caller's clock moves on with the batch, else late leases would be born dead.
            moment = now + timedelta(seconds=int(elapsed))
            worked += _deliver(pk, now=moment, mailer=mailer)
    return worked


def _deliver(pk: int, *, now: datetime, mailer: HeldMailer) -> bool:
    if not Message.objects.claim(pk, now=now):
        return False
    # Read after the claim: a withdrawal that came first must win.
    message = Message.objects.filter(pk=pk, state=Message.State.QUEUED).first()
    if message is None:
        return False
    if message.attempts > MAX_ATTEMPTS:
        _give_up(message, NOTHING, "every try ended without an answer")
        return True
    try:
        rendered = render(message)
    except Exception as error:
        # Whatever is wrong with one message's words, it must not hold up the others.
        logger.exception("message not rendered", extra={"message_id": pk})
        _try_again(message, NOTHING, f"{type(error).__name__}: {error}", now)
        return True
    if _leaves(message.channel, demo=message.demo):
        _send(message, rendered, now=now, mailer=mailer)
    else:
        _finish(message, Message.State.KEPT, rendered, now)
    return True


def _leaves(channel: str, *, demo: bool) -> bool:
    """Demo messages and those without a gateway stay in the outbox on purpose."""
    email = channel == Message.Channel.EMAIL
    return not demo and (settings.EMAIL_GATEWAY if email else settings.SMS_GATEWAY)


def _send(message: Message, rendered: Rendered, *, now: datetime, mailer: HeldMailer) -> None:
    if message.channel != Message.Channel.EMAIL:
        _try_again(message, rendered, "there is no way out for SMS yet", now)
        return
    try:
        provider_id = mailer.send(message, rendered)
    except GatewayDownError as error:
        _wait_for_gateway(message, rendered, str(error), now)
    except RefusedError as error:
        _give_up(message, rendered, str(error))
    except OSError as error:
        _try_again(message, rendered, f"{type(error).__name__}: {error}", now)
    else:
        _finish(message, Message.State.SENT, rendered, now, provider_id)


def _finish(
    message: Message, state: str, rendered: Rendered, now: datetime, provider_id: str = ""
) -> None:
    # A withdrawal that came while the mail was on the wire is too late: what left is `sent`.
    overruled = [Message.State.QUEUED, Message.State.WITHDRAWN]
    if state == Message.State.KEPT:
        overruled = [Message.State.QUEUED]
    Message.objects.filter(pk=message.pk, state__in=overruled).update(
        state=state,
        sent_at=now,
        provider_id=provider_id,
        error="",
        leased_until=None,
        **_record(message, rendered, left=state == Message.State.SENT),
    )


def _give_up(message: Message, rendered: Rendered, reason: str) -> None:
    logger.warning("message given up", extra={"message_id": message.pk, "reason": reason})
    _still_queued(message).update(
        state=Message.State.DEAD,
        error=reason or "no reason given",
        leased_until=None,
        **_record(message, rendered, left=True),
    )


def _try_again(message: Message, rendered: Rendered, reason: str, now: datetime) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _give_up(message, rendered, f"given up after {message.attempts} tries: {reason}")
        return
    _still_queued(message).update(
        error=reason, leased_until=None, next_try_at=retry_at(now, message.attempts)
    )


def _wait_for_gateway(message: Message, rendered: Rendered, reason: str, now: datetime) -> None:
    if message.created_at <= now - OUTAGE_LIMIT:
        _give_up(message, rendered, f"given up after a day: {reason}")
        return
    _still_queued(message).update(
        error=reason,
        leased_until=None,
        next_try_at=now + OUTAGE_PAUSE,
        attempts=F("attempts") - 1,
    )


def _still_queued(message: Message) -> Any:
    return Message.objects.filter(pk=message.pk, state=Message.State.QUEUED)


def _record(message: Message, rendered: Rendered, *, left: bool) -> dict[str, Any]:
    """What the outbox keeps to read. A code or link that is out of our hands is not kept."""
    if message.secret and left:
        return {
            "rendered_subject": "",
            "rendered_text": "",
            "rendered_html": "",
            "context": {},
        }
    return {
        "rendered_subject": rendered.subject,
        "rendered_text": rendered.text,
        "rendered_html": rendered.html,
    }
