"""Who puts a message into the outbox, and who takes it back before it left."""

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
) -> Message:
    """Queue one message, once per `dedupe_key`: a repeat changes nothing and returns the first row.

    Runs inside the caller's transaction, so the message exists exactly if the reason for it does;
    the bell rings after the commit. `context` holds plain JSON (times as ISO text, money as
    `amount_minor` and `currency`); `subject` is what `withdraw` asks for. Unknown languages fall
    back to the site's first. Raises ValueError for an empty address or an unknown channel.
    """
    if not address or channel not in Message.Channel.values:
        raise ValueError(f"A message needs an address and a known channel, not {channel!r}.")
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
            "next_try_at": timezone.now(),
        },
    )
    if created:
        ring("messaging.deliver_message", message.pk)
    return message


def withdraw(*, subject: str) -> int:
    """Take back what waits about `subject`, in the transaction that made it pointless.

    Returns how many; what has left or is kept stays as it is. Raises ValueError without a subject,
    which would take back everything that has none.
    """
    if not subject:
        raise ValueError("withdraw needs a subject.")
    about = Message.objects.filter(subject=subject)
    withdrawn = about.filter(state=Message.State.QUEUED).update(state=Message.State.WITHDRAWN)
    # What was secret is of no use to anybody any more.
    about.filter(state=Message.State.WITHDRAWN, secret=True).update(context={})
    return withdrawn


def _supported(language: str) -> str:
    try:
        return translation.get_supported_language_variant(language.lower())
    except LookupError:
        return settings.LANGUAGE_CODE
