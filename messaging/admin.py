"""The outbox for staff: to read and to search, never to change."""

from django.contrib import admin
from django.http import HttpRequest

from messaging.models import Message

STORY = (
    "channel",
    "address",
    "language",
    "template",
    "state",
    "demo",
    "secret",
    "created_at",
    "sent_at",
    "attempts",
    "next_try_at",
    "error",
    "provider_id",
    "public_id",
    "dedupe_key",
    "subject",
)
CONTENT = ("rendered_subject", "rendered_text", "context")


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    """What was said to whom, when, and what became of it."""

    list_display = ("created_at", "channel", "address", "template", "state", "sent_at", "attempts")
    list_filter = ("state", "channel", "template", "demo", "language")
    search_fields = ("address", "dedupe_key", "subject")
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:  # noqa: ARG002 (Django's shape)
        """Codes and links that let somebody in are not for staff either."""
        return STORY if obj is None or obj.secret else STORY + CONTENT

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:  # noqa: ARG002
        return False
