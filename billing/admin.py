"""Money for the operator's staff: found by any spelling of a number, read, never edited."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.phones import normalise_phone
from billing.models import (
    LedgerAccount,
    LedgerEntry,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Renewal,
    StripeEvent,
)
from messaging.formats import money_exact


class ReadOnly:
    """Rules write money, the console only shows it."""

    def has_add_permission(self, *_args: object) -> bool:
        return False

    def has_change_permission(self, *_args: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        return False


class ReadOnlyInline[Child: Model, Parent: Model](ReadOnly, admin.TabularInline[Child, Parent]):
    """A table of rows below their order."""

    extra = 0
    show_change_link = True

    def get_readonly_fields(self, _request: HttpRequest, _obj: Parent | None = None) -> Any:
        """Every column; those that are set by themselves can be shown in no other way."""
        return self.fields or ()


class OrderLineInline(ReadOnlyInline[OrderLine, Order]):
    model = OrderLine
    fields = ("kind", "version", "amount_minor", "tax_minor")


class OrderEventInline(ReadOnlyInline[OrderEvent, Order]):
    """The story, step by step, each with its time."""

    model = OrderEvent
    verbose_name_plural = _("timeline")
    fields = ("at", "kind", "by", "detail")
    ordering = ("at", "pk")


class PaymentInline(ReadOnlyInline[Payment, Order]):
    model = Payment
    fields = (
        "method",
        "state",
        "amount_minor",
        "currency",
        "paid_at",
        "card_brand",
        "card_last4",
        "failure_code",
        "stripe_session_id",
        "stripe_payment_intent_id",
    )


class LedgerEntryInline(ReadOnlyInline[LedgerEntry, Order]):
    model = LedgerEntry
    fields = ("created_at", "key", "debit", "credit", "amount_minor", "currency")


class RenewalInline(ReadOnlyInline[Renewal, Order]):
    model = Renewal
    fields = ("period", "service_order", "applied_at", "effective_at")


def lines_by_number(term: str) -> set[str]:
    """The E.164 numbers that a search term can mean, in any spelling and region."""
    return normalise_phone(term, regions=settings.PHONE_REGIONS)


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin[Order]):
    """One order with its whole story."""

    list_display = (
        "number",
        "line",
        "customer",
        "state",
        "price",
        "created_at",
        "paid_at",
        "applied_at",
        "effective_at",
    )
    list_filter = ("state", "line__brand", "currency", "is_possible_duplicate")
    list_select_related = ("line__brand", "customer")
    search_fields = (
        "number",
        "line__msisdn",
        "line__iccid",
        "customer__email",
        "customer__name",
        "payments__stripe_session_id",
        "payments__stripe_payment_intent_id",
    )
    search_help_text = _("Order, number in any spelling, ICCID, e-mail, name or Stripe id")
    date_hierarchy = "created_at"
    inlines: ClassVar[tuple[type[InlineModelAdmin[Any, Any]], ...]] = (
        OrderEventInline,
        OrderLineInline,
        PaymentInline,
        RenewalInline,
        LedgerEntryInline,
    )

    @admin.display(description=_("Price"))
    def price(self, order: Order) -> str:
        """The total as people read it."""
        return money_exact(order.total_minor, order.currency)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find orders of a number in any spelling, besides what the words find."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        numbers = lines_by_number(search_term)
        if not numbers:
            return found, has_duplicates
        ids = found.order_by().values("pk")
        return queryset.filter(Q(pk__in=ids) | Q(line__msisdn__in=numbers)), False


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin[Payment]):
    list_display = ("public_id", "order", "method", "state", "amount_minor", "currency", "paid_at")
    list_filter = ("state", "method", "currency")
    list_select_related = ("order",)
    search_fields = ("order__number", "stripe_session_id", "stripe_payment_intent_id")


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin[Refund]):
    list_display = ("public_id", "payment", "state", "reason", "amount_minor", "currency", "error")
    list_filter = ("state", "reason")
    list_select_related = ("payment",)
    search_fields = ("payment__order__number", "stripe_refund_id")


@admin.register(Renewal)
class RenewalAdmin(ReadOnly, admin.ModelAdmin[Renewal]):
    list_display = ("order", "line", "period", "applied_at", "effective_at")
    list_select_related = ("order", "line__brand", "period")
    search_fields = ("order__number", "line__msisdn")


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly, admin.ModelAdmin[StripeEvent]):
    list_display = (
        "event_id",
        "type",
        "state",
        "refusal",
        "source",
        "created_at",
        "received_at",
        "processed_at",
        "attempts",
        "error",
    )
    list_filter = ("state", "type", "source")
    search_fields = ("event_id", "object_id")


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnly, admin.ModelAdmin[LedgerAccount]):
    list_display = ("code", "kind", "currency")
    list_filter = ("kind", "currency")
    search_fields = ("code",)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin[LedgerEntry]):
    list_display = ("created_at", "key", "debit", "credit", "amount_minor", "currency", "order")
    list_filter = ("currency", "debit__kind")
    list_select_related = ("debit", "credit", "order")
    search_fields = ("key", "order__number")
