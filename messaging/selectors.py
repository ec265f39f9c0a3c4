"""What the outbox pages of a test installation show."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from messaging.models import Message

# Rows on the outbox page; older ones are found in the admin.
PAGE_SIZE = 100
# Signs of the text shown when a message has no subject line.
PREVIEW_SIGNS = 80


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One line of the list, newest first."""

    public_id: uuid.UUID
    channel: str
    channel_label: str
    address: str
    template: str
    state: str
    state_label: str
    preview: str
    created_at: datetime


def outbox_rows() -> list[OutboxRow]:
    """Return the newest messages without their bodies."""
    messages = Message.objects.order_by("-pk").defer("context", "rendered_html")
    return [_row(message) for message in messages[:PAGE_SIZE]]


def _row(message: Message) -> OutboxRow:
    words = message.rendered_subject or message.rendered_text
    preview = words if len(words) <= PREVIEW_SIGNS else words[: PREVIEW_SIGNS - 1] + "…"
    return OutboxRow(
        public_id=message.public_id,
        channel=message.channel,
        channel_label=message.get_channel_display(),
        address=message.address,
        template=message.template,
        state=message.state,
        state_label=message.get_state_display(),
        preview=preview,
        created_at=message.created_at,
    )
