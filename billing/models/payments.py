"""One attempt to pay an order, and money going back."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.orders import Order
from messaging.models import WorkQuerySet, WorkRow


class Payment(WorkRow):
    """One attempt by one method; our row exists and is committed before Stripe is asked.

    As a work row it is due when its state at Stripe should be read again.
    """

    class Method(models.TextChoices):
        CARD = "card", _("Bank card")

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        PENDING = "pending", _("Pending")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        REFUNDING = "refunding", _("Being refunded")
        REFUNDED = "refunded", _("Refunded")

    due_states = (State.CREATED, State.PENDING)

    # Key of the Stripe call that makes the session: `checkout:<public_id>`.
    public_id = models.UUIDField(_("public id"), unique=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="payments"
    )
    method = models.CharField(_("payment method"), max_length=16, choices=Method)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.CREATED)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))
    # Where the browser comes back to: scheme and host it started from.
    return_base = models.CharField(_("comes back to"), max_length=120)
    # End of the hosted page, frozen before the call so that a repeated call has the same body.
    expires_at = models.DateTimeField(_("expires at"))
    stripe_session_id = models.CharField(
        _("session at Stripe"), max_length=120, unique=True, null=True, blank=True
    )
    stripe_payment_intent_id = models.CharField(
        _("payment at Stripe"), max_length=120, unique=True, null=True, blank=True
    )
    checkout_url = models.TextField(_("payment page"), blank=True)
    card_brand = models.CharField(_("card brand"), max_length=20, blank=True)
    card_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    # Stripe's code of the last refusal; words for it in billing/declines.py.
    failure_code = models.CharField(_("code of the last refusal"), max_length=60, blank=True)
    failed_attempt_at = models.DateTimeField(_("last refused at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="billing_payment_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "refunding", "refunded"], paid_at__isnull=False)
                | (~Q(state__in=["paid", "refunding", "refunded"]) & Q(paid_at__isnull=True)),
                name="billing_payment_paid_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["created", "pending"]),
                name="billing_payment_to_read",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.method} {self.public_id}"


class Refund(WorkRow):
    """Money going back for one payment; the row and its key exist before Stripe is asked."""

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        PENDING = "pending", _("Pending")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        NOT_APPLICABLE = "not_applicable", _("The line could not take it any more")
        PAID_TWICE = "paid_twice", _("The order was paid twice")

    due_states = (State.CREATED, State.PENDING)

    # Key of the Stripe call: `refund:<public_id>`.
    public_id = models.UUIDField(_("public id"), unique=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.CREATED)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))
    currency = models.CharField(_("currency"), max_length=3)
    stripe_refund_id = models.CharField(
        _("refund at Stripe"), max_length=120, unique=True, null=True, blank=True
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    succeeded_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_refund_positive"),
            # One automatic refund per payment and reason; partial ones come with their own rule.
            models.UniqueConstraint(fields=["payment", "reason"], name="billing_refund_once"),
            models.CheckConstraint(
                condition=Q(state="succeeded", succeeded_at__isnull=False)
                | (~Q(state="succeeded") & Q(succeeded_at__isnull=True)),
                name="billing_refund_succeeded_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["created", "pending"]),
                name="billing_refund_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.reason}"
