"""One message to one address: what is to be said, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models.work import WorkQuerySet, WorkRow


class Message(WorkRow):
    """A row of the outbox; `messaging.services.outbox` writes it, `delivery` carries it out."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("Mail")
        SMS = "sms", _("SMS")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENT = "sent", _("sent")
        # Stays in the outbox on purpose: a demo message, or no gateway is set up.
        KEPT = "kept", _("kept in the outbox")
        # What it said became pointless before it left.
        WITHDRAWN = "withdrawn", _("withdrawn")
        # Given up; `error` holds the reason.
        DEAD = "dead", _("not deliverable")

    due_states = ("queued",)

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = models.CharField(_("recipient"), max_length=254)
    language = models.CharField(_("language"), max_length=16)
    template = models.CharField(_("template"), max_length=64)
    context = models.JSONField(_("context"), default=dict, blank=True)
    dedupe_key = models.CharField(_("dedupe key"), max_length=200, unique=True)
    # What the message is about, so that whoever makes it pointless can withdraw it.
    subject = models.CharField(_("is about"), max_length=200, blank=True, db_index=True)
    # A demo line's message: it never leaves, whatever gateways there are.
    demo = models.BooleanField(_("demo"), default=False)
    # Holds a code or a link that lets somebody in.
    secret = models.BooleanField(_("secret"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    rendered_subject = models.TextField(_("subject line"), blank=True)
    rendered_text = models.TextField(_("text"), blank=True)
    rendered_html = models.TextField(_("HTML"), blank=True)
    provider_id = models.CharField(_("provider id"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # When it left or was put away for good: set for `sent` and `kept`.
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="messaging_message_channel_known", condition=Q(channel__in=("email", "sms"))
            ),
            models.CheckConstraint(
                name="messaging_message_state_known",
                condition=Q(state__in=("queued", "sent", "kept", "withdrawn", "dead")),
            ),
            models.CheckConstraint(
                name="messaging_message_sent_at_iff_done",
                condition=Q(state__in=("sent", "kept"), sent_at__isnull=False)
                | Q(state__in=("queued", "withdrawn", "dead"), sent_at__isnull=True),
            ),
            models.CheckConstraint(
                name="messaging_message_queued_has_next_try",
                condition=~Q(state="queued") | Q(next_try_at__isnull=False),
            ),
            models.CheckConstraint(
                name="messaging_message_dead_has_reason",
                condition=~Q(state="dead") | ~Q(error=""),
            ),
            models.CheckConstraint(
                name="messaging_message_address_given", condition=~Q(address="")
            ),
        ]
        indexes = [
            models.Index(
                name="messaging_message_due",
                fields=["next_try_at", "id"],
                condition=Q(state="queued"),
            ),
            # The console asks what was said to somebody.
            models.Index(name="messaging_message_to", fields=["address", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.template} {self.public_id}"
