"""Tables of the ground: work rows and the outbox."""

from messaging.models.message import Message
from messaging.models.work import WorkQuerySet, WorkRow, retry_at

__all__ = ["Message", "WorkQuerySet", "WorkRow", "retry_at"]
