"""Whether every reminder was told once, or why not: what the checks of the books ask (I8, I9)."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from messaging.models import Message
from plans.models import Reminder

# A reminder that is due must not wait longer than this without somebody working on it.
PATIENCE = timedelta(minutes=15)


def overdue_reminders(now: datetime) -> QuerySet[Reminder]:
    """Due for over 15 minutes, and nobody is at it."""
    return Reminder.objects.due(now).filter(next_try_at__lt=now - PATIENCE)


def silent_reminders() -> QuerySet[Reminder]:
    """Said to be in the outbox, and no message is there."""
    told = Q(*(_has_message(channel) for channel in Message.Channel.values), _connector=Q.OR)
    return Reminder.objects.filter(~told, state=Reminder.State.QUEUED)


def count_stray_messages() -> int:
    """How many messages there are of a reminder that has no row, or more than one per channel."""
    messages = Message.objects.filter(dedupe_key__startswith="reminder:").count()
    explained = sum(
        Reminder.objects.filter(_has_message(channel)).count() for channel in Message.Channel.values
    )
    return messages - explained


def _has_message(channel: str) -> Exists:
    """The key under which services.reminders queues the message is taken."""
    key = Concat(
        Value("reminder:"),
        Cast(OuterRef("period_id"), CharField()),
        Value(":"),
        OuterRef("stage"),
        Value(f":{channel}"),
        output_field=CharField(),
    )
    return Exists(Message.objects.filter(dedupe_key=key))
