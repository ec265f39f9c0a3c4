"""Payments, refunds and what Stripe told about them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesCheckboxFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from billing.console.sections import card_words
from billing.console.states import EVENT_TONES, PAYMENT_TONES, REFUND_TONES
from billing.models import Payment, Refund, StripeEvent
from messaging.console import ReadOnlyAdmin, state_column, utc_column
from messaging.formats import money_exact


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Attempts to pay."""

    list_display = ("created", "order", "amount", "how", "shown_state", "paid", "failure_code")
    list_display_links = ("created", "amount")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("method", ChoicesDropdownFilter),
        ("paid_at", RangeDateFilter),
    )
    list_select_related = ("order",)
    search_fields = ("order__number", "=stripe_session_id", "=stripe_payment_intent_id")
    search_help_text = _("Order number or Stripe id")
    date_hierarchy = "created_at"
    fields = (
        "order",
        "amount",
        "how",
        "state",
        "paid_at",
        "created_at",
        "failure_code",
        "failed_attempt_at",
        "stripe_payment_intent_id",
        "stripe_session_id",
        "expires_at",
        "return_base",
        "attempts",
        "next_try_at",
        "leased_until",
        "error",
        "public_id",
    )

    created = utc_column(Payment, "created_at")
    paid = utc_column(Payment, "paid_at")
    shown_state = state_column(PAYMENT_TONES)

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, payment: Payment) -> str:
        return money_exact(payment.amount_minor, payment.currency)

    @display(description=_("method"))
    def how(self, payment: Payment) -> str:
        return card_words(payment)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Money that goes back."""

    list_display = ("created", "order", "amount", "reason", "shown_state", "sent", "error")
    list_display_links = ("created", "amount")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("reason", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("payment__order",)
    search_fields = ("payment__order__number", "=stripe_refund_id")
    search_help_text = _("Order number or Stripe id")
    fields = (
        "payment",
        "amount",
        "reason",
        "state",
        "created_at",
        "succeeded_at",
        "stripe_refund_id",
        "attempts",
        "next_try_at",
        "leased_until",
        "error",
        "public_id",
    )

    created = utc_column(Refund, "created_at")
    sent = utc_column(Refund, "succeeded_at")
    shown_state = state_column(REFUND_TONES)

    @display(description=_("order"))
    def order(self, refund: Refund) -> str:
        return refund.payment.order.number

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, refund: Refund) -> str:
        return money_exact(refund.amount_minor, refund.currency)


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    """What Stripe told, once each."""

    list_display = ("event_id", "type", "shown_state", "received", "processed", "attempts", "error")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("source", ChoicesDropdownFilter),
        ("received_at", RangeDateFilter),
    )
    search_fields = ("event_id", "=object_id", "type")
    search_help_text = _("Stripe id or type of event")
    date_hierarchy = "received_at"
    fields = (
        "event_id",
        "type",
        "object_id",
        "state",
        "refusal",
        "source",
        "created_at",
        "received_at",
        "processed_at",
        "attempts",
        "next_try_at",
        "leased_until",
        "error",
        "api_version",
        "livemode",
        "body",
    )

    received = utc_column(StripeEvent, "received_at")
    processed = utc_column(StripeEvent, "processed_at")
    shown_state = state_column(EVENT_TONES)
