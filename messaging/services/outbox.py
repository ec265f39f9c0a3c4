"""Who puts a message into the outbox, and who takes it back before it left."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from messaging.models import Message
from portal.ring import ring


def queue_message(  # noqa: PLR0913 (a message has this many parts)
    *,
    channel: str,
    address: str,
    language: str,
    template: str,
    context: dict[str, Any],
    dedupe_key: str,
    subject: str = "",
    demo: bool = False,
    secret: bool = False,
    not_before: datetime | None = None,
) -> Message:
    """Queue one message, once per `dedupe_key`: a repeat changes nothing and returns the first row.

    Runs inside the caller's transaction, so the message exists exactly if the reason for it does;
    the bell rings after the commit. `context` holds plain JSON (times as ISO text, money as
    `amount_minor` and `currency`); `subject` is what `withdraw` asks for. With `not_before` it
    waits until then, and no bell rings: a broker forgets or repeats what lies with it for hours, and
    the sweep finds the message when its time has come. Unknown languages fall back to the site's
    first. Raises ValueError for an empty address or an unknown channel.
    """
    _check(channel, address)
    now = timezone.now()
    message, created = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "channel": channel,
            "address": address,
            "language": _supported(language),
            "template": template,
            "context": context,
            "subject": subject,
            "demo": demo,
            "secret": secret,
            "next_try_at": max(now, not_before or now),
        },
    )
    if created and message.next_try_at == now:
        ring("messaging.deliver_message", message.pk)
    return message


def queue_batch(messages: Iterable[Message]) -> None:
    """Queue many unsaved messages at once, each once per its `dedupe_key`, in the caller's
    transaction.

    `next_try_at` says when each may leave. No bells: hundreds of them would stand in the way of a
    code that somebody is waiting for. Whoever queues a batch lets `deliver_due` work through it, and
    the sweep takes the rest. Raises ValueError as `queue_message` does; then none is queued.
    """
    batch = list(messages)
    for message in batch:
        _check(message.channel, message.address)
        message.language = _supported(message.language)
    Message.objects.bulk_create(batch, ignore_conflicts=True)


def withdraw(*, subject: str) -> int:
    """Take back what waits about `subject`, in the transaction that made it pointless.

    Returns how many; what has left or is kept stays as it is. Raises ValueError without a subject,
    which would take back everything that has none.
    """
    if not subject:
        raise ValueError("withdraw needs a subject.")
    about = Message.objects.filter(subject=subject)
    withdrawn = about.filter(state=Message.State.QUEUED).update(state=Message.State.WITHDRAWN)
    if withdrawn:
        # What was secret is of no use to anybody any more.
        about.filter(state=Message.State.WITHDRAWN, secret=True).update(context={})
    return withdrawn


def withdraw_texts(*, numbers: Collection[str]) -> int:
    """Take back every SMS that waits for one of these numbers, which go to somebody else.

    Runs in the caller's transaction; returns how many.
    """
    texts = Message.objects.filter(channel=Message.Channel.SMS, address__in=numbers)
    waiting = texts.filter(state=Message.State.QUEUED)
    waiting.filter(secret=True).update(context={})
    return waiting.update(state=Message.State.WITHDRAWN)


def _check(channel: str, address: str) -> None:
    if not address or channel not in Message.Channel.values:
        raise ValueError(f"A message needs an address and a known channel, not {channel!r}.")


def _supported(language: str) -> str:
    try:
        return translation.get_supported_language_variant(language.lower())
    except LookupError:
        return settings.LANGUAGE_CODE
