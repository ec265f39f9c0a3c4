"""Factory for what messaging/ stores."""

from datetime import UTC, datetime

from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from messaging.models import Message


class MessageFactory(DjangoModelFactory[Message]):
    """A mail that waits to be sent; `queue_message` writes one with a real template's words."""

    class Meta:
        model = Message

    channel = Message.Channel.EMAIL
    address = Sequence(lambda n: f"customer-{n}@example.com")
    language = "en"
    template = "verification_code"
    context = LazyAttribute(lambda _message: {"code": "402917"})
    dedupe_key = Sequence(lambda n: f"test:{n}")
    next_try_at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
