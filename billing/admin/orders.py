"""An order's page: the whole story from the click to the network, and where its money is."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, override

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from accounts.phones import normalise_phone
from billing.console.sections import (
    card_words,
    entries_section,
    events_section,
    items_section,
    messages_section,
    payments_section,
    refunds_section,
)
from billing.console.states import ORDER_TONES, reason_words
from billing.declines import decline_sentence
from billing.models import Order, OrderEvent, Renewal
from billing.selectors.dossiers import OrderDossier, order_dossier
from messaging.console import (
    Cell,
    ReadOnlyAdmin,
    Section,
    cells,
    clock,
    joined,
    label,
    link,
    state_column,
    utc_column,
    zone_note,
)
from messaging.formats import money_exact, msisdn
from plans.console import NETWORK_TONES


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """One order, and below it the story."""

    list_display = ("number", "of_line", "customer", "shown_state", "price", "created", "paid")
    list_filter = (
        ("state", ChoicesCheckboxFilter),
        ("line__brand", RelatedDropdownFilter),
        ("is_possible_duplicate", BooleanRadioFilter),
        ("created_at", RangeDateFilter),
    )
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
    search_help_text = gettext_lazy(
        "Order, number in any spelling, ICCID, e-mail, name or Stripe id"
    )
    date_hierarchy = "created_at"
    change_form_outer_after_template: Any = "admin/parts/story.html"
    fields = (
        "number",
        "state",
        "price",
        "line",
        "customer",
        "created_at",
        "expires_at",
        "paid_at",
        "applied_at",
        "effective_at",
        "promised_start_at",
        "promised_end_at",
        "is_possible_duplicate",
        "review",
        "language",
    )

    shown_state = state_column(ORDER_TONES)
    created = utc_column(Order, "created_at")
    paid = utc_column(Order, "paid_at")

    @display(description=gettext_lazy("line"), header=True, ordering="line__msisdn")
    def of_line(self, order: Order) -> list[str]:
        """Number and brand, one above the other."""
        return [msisdn(order.line.msisdn), str(order.line.brand)]

    @display(description=gettext_lazy("total"), ordering="total_minor")
    def price(self, order: Order) -> str:
        """The total as people read it."""
        return money_exact(order.total_minor, order.currency)

    @display(description=gettext_lazy("why a person must look"))
    def review(self, order: Order) -> str:
        """The reason of the review in words."""
        return reason_words(order.review_reason) or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find orders of a number in any spelling, besides what the words find."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        numbers = normalise_phone(search_term, regions=settings.PHONE_REGIONS)
        if not numbers:
            return found, has_duplicates
        ids = found.order_by().values("pk")
        return queryset.filter(Q(pk__in=ids) | Q(line__msisdn__in=numbers)), False

    @override
    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        order = kwargs.get("obj")
        if order is not None:
            context["sections"] = order_sections(order_dossier(order, now=timezone.now()))
        return super().render_change_form(request, context, *args, **kwargs)


def order_sections(story: OrderDossier) -> list[Section]:
    """The story of an order as tables, times in the brand's zone."""
    zone = story.order.line.brand.zone
    return [
        _steps(story, zone),
        _events(story, zone),
        items_section(story.items),
        payments_section(story.payments, zone),
        refunds_section(story.refunds, zone),
        _renewal(story, zone),
        events_section(story.stripe_events, zone),
        messages_section(story.messages, zone),
        entries_section(story.entries, zone),
    ]


def _steps(story: OrderDossier, zone: tzinfo) -> Section:
    marks = {
        "done": Cell(_("done"), tone="success"),
        "now": Cell(_("under way"), tone="warning"),
        "stop": Cell(_("stopped"), tone="danger"),
        "todo": Cell(_("not yet"), tone="default"),
    }
    return Section(
        _("Where it stands"),
        [_("step"), _("state"), _("at"), _("what the customer reads")],
        [
            cells(step.title, marks[step.mark], clock(step.at, zone), " ".join(step.words))
            for step in story.steps
        ],
        note=f"{story.explanation} {zone_note(zone)}",
    )


def _events(story: OrderDossier, zone: tzinfo) -> Section:
    names = _names(story)
    return Section(
        _("Timeline"),
        [_("at"), _("event"), _("by"), _("detail")],
        [
            cells(
                clock(event.at, zone),
                event.get_kind_display(),
                event.by,
                " ".join(event_words(event, zone, names)),
            )
            for event in story.events
        ],
        note=zone_note(zone),
    )


def _names(story: OrderDossier) -> dict[str, str]:
    """Payments and refunds of the order in words, by the ids that events give them."""
    payments = {
        str(one.public_id): joined((money_exact(one.amount_minor, one.currency), card_words(one)))
        for one in story.payments
    }
    refunds = {
        str(one.public_id): joined(
            (money_exact(one.amount_minor, one.currency), one.get_reason_display())
        )
        for one in story.refunds
    }
    return payments | refunds


def event_words(event: OrderEvent, zone: tzinfo, names: dict[str, str]) -> Iterator[str]:
    """The detail of an event in words; what has none is given as stored."""
    for key, value in event.detail.items():
        if key == "code":
            yield f"{decline_sentence(str(value))} ({value})"
        elif key == "reason":
            yield reason_words(str(value))
        elif key == "end_at":
            end = clock(datetime.fromisoformat(value), zone)
            yield _("Lasts until %(time)s") % {"time": end}
        elif key == "was":
            yield _("The order was: %(state)s.") % {"state": Order.State(value).label}
        else:
            yield names.get(str(value)) or f"{key}: {value}"


def _renewal(story: OrderDossier, zone: tzinfo) -> Section:
    renewal, rows = story.renewal, []
    if renewal is not None:
        network = renewal.service_order
        rows.append(
            cells(
                link(renewal.period, f"#{renewal.period.sequence}"),
                clock(renewal.period.start_at, zone),
                clock(renewal.period.end_at, zone),
                clock(renewal.applied_at, zone),
                clock(renewal.effective_at, zone),
                Cell(link(network).text, href=link(network).href),
                label(network, NETWORK_TONES),
                network.attempts,
                clock(network.next_try_at, zone),
                network.error,
            )
        )
    return Section(
        _("Renewal and network"),
        [
            _("period"),
            _("start"),
            _("end (not included)"),
            _("applied at"),
            _("effective at"),
            _("network order"),
            _("state"),
            _("attempts"),
            _("next try"),
            _("error"),
        ],
        rows,
        note=zone_note(zone),
        empty=_("No period has been booked."),
    )


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyAdmin):
    """The one outcome of a paid order on a line."""

    list_display = ("order", "line", "period", "applied", "effective")
    list_select_related = ("order", "line__brand", "period")
    list_filter = (("line__brand", RelatedDropdownFilter), ("applied_at", RangeDateFilter))
    search_fields = ("order__number", "line__msisdn")

    applied = utc_column(Renewal, "applied_at")
    effective = utc_column(Renewal, "effective_at")
