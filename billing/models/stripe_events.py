"""What Stripe told us, stored once before anything is done about it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import WorkQuerySet, WorkRow


class StripeEvent(WorkRow):
    """One verified event; its unique id makes a second delivery nothing."""

    class State(models.TextChoices):
        DUE = "due", _("To be processed")
        DONE = "done", _("Processed")
        # Of a type, or about a session, that we do not know: left to reconciliation.
        IGNORED = "ignored", _("Not ours")
        # Live mode or another API version: never processed.
        REFUSED = "refused", _("Refused")

    class Source(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        RECONCILIATION = "reconciliation", _("Reconciliation")

    due_states = (State.DUE,)

    event_id = models.CharField(_("id at Stripe"), max_length=120, unique=True)
    type = models.CharField(_("type"), max_length=80)
    api_version = models.CharField(_("API version"), max_length=40)
    livemode = models.BooleanField(_("live mode"))
    # Id of the object the event is about.
    object_id = models.CharField(_("about the object"), max_length=120, blank=True)
    body = models.JSONField(_("content"))
    source = models.CharField(_("came by"), max_length=14, choices=Source, default=Source.WEBHOOK)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.DUE)
    refusal = models.CharField(_("reason of refusal"), max_length=40, blank=True)
    # Stripe's own time.
    created_at = models.DateTimeField(_("at Stripe"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(livemode=False) | Q(state="refused"),
                name="billing_stripe_event_never_live",
            ),
            models.CheckConstraint(
                condition=Q(state="refused") ^ Q(refusal=""),
                name="billing_stripe_event_refusal",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "ignored"], processed_at__isnull=False)
                | (~Q(state__in=["done", "ignored"]) & Q(processed_at__isnull=True)),
                name="billing_stripe_event_processed_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state="due"),
                name="billing_stripe_event_due",
            ),
            # The console asks what was told about a payment.
            models.Index(fields=["object_id"], name="billing_stripe_event_about"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
