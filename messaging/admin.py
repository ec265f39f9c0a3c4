"""The outbox for staff: to read and to search, never to change."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AllValuesCheckboxFilter,
    ChoicesCheckboxFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from messaging.console import MESSAGE_TONES, ReadOnlyAdmin, state_column, utc_column
from messaging.models import Message

STORY = (
    "channel",
    "address",
    "language",
    "template",
    "state",
    "about",
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
class MessageAdmin(ReadOnlyAdmin):
    """What was said to whom, when, and what became of it."""

    list_display = ("created", "channel", "address", "template", "shown_state", "sent", "attempts")
    list_display_links = ("created", "address")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("channel", ChoicesDropdownFilter),
        ("template", AllValuesCheckboxFilter),
        ("created_at", RangeDateFilter),
    )
    search_fields = ("address", "dedupe_key", "subject", "template")
    search_help_text = _("Address, template or what it is about")
    date_hierarchy = "created_at"
    # Counting the whole outbox for a heading is not worth its price.
    show_full_result_count = False

    created = utc_column(Message, "created_at")
    sent = utc_column(Message, "sent_at")
    shown_state = state_column(MESSAGE_TONES)

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:  # noqa: ARG002 (Django's shape)
        """Codes and links that let somebody in are not for staff either."""
        return STORY if obj is None or obj.secret else STORY + CONTENT

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: Message | None = None,  # noqa: ARG002
    ) -> tuple[str, ...]:
        return ("about",)

    @display(description=_("about the order"))
    def about(self, message: Message) -> str:
        """A search for the order that the message names: orders are not known down here."""
        number = "" if message.secret else str(message.context.get("order_number", ""))
        if not number:
            return "–"
        url = reverse("admin:search", query={"q": number})
        return format_html('<a class="console-link" href="{}">{}</a>', url, number)
