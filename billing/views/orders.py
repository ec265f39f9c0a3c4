"""Orders: the list, one order with its live story, and what a customer may do with it."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.errors import CheckoutRefused, ProviderUnavailable
from billing.forms import OrderFilterForm
from billing.models import Order
from billing.selectors import timeline
from billing.selectors.history import (
    OrderFilter,
    history_row,
    lines_ordered_for,
    order_history,
    years_of_orders,
)
from billing.selectors.orders import order_story
from billing.selectors.outlook import what_next
from billing.services.checkout import cancel_order, resume_checkout
from billing.services.settlement import settle_payment
from billing.views.promises import polls_of
from billing.views.renew import unavailable
from billing.views.requests import SEE_OTHER, CustomerRequest

ORDERS_A_PAGE = 20


@require_safe
@never_cache
def orders(request: CustomerRequest) -> HttpResponse:
    """The customer's payments, newest first; `?line=`, `?state=` and `?year=` narrow them."""
    form = filter_form(request, now=timezone.now())
    wanted = form.wanted
    pages = Paginator(order_history(request.user, wanted), ORDERS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "section": "orders",
        "form": form,
        "is_narrowed": wanted != OrderFilter(),
        "rows": [history_row(item) for item in page.object_list],
        "page": page,
    }
    return render(request, "billing/orders.html", context)


def filter_form(request: CustomerRequest, *, now: datetime) -> OrderFilterForm:
    """The filters of the address, with what this customer can choose."""
    lines = lines_ordered_for(request.user)
    return OrderFilterForm(
        request.GET, lines=lines, years=years_of_orders(request.user, lines, now=now)
    )


@require_safe
@never_cache
def order(request: CustomerRequest, number: str) -> HttpResponse:
    """One order; while it is not final the page asks for its state again by itself."""
    return render(request, "billing/order.html", _story(request, number, polls=0))


@require_safe
@never_cache
def order_state(request: CustomerRequest, number: str) -> HttpResponse:
    """The moving part of the order page; `?n=` counts how often it was asked for."""
    polls = polls_of(request)
    return render(request, "billing/_order_live.html", _story(request, number, polls=polls))


@require_safe
@never_cache
def order_return(request: CustomerRequest, number: str) -> HttpResponse:
    """Back from the hosted page: read the payment from the provider, believe nothing in the URL."""
    found = _own(request, number)
    payment = found.payments.order_by("-pk").first()
    if payment is not None:
        try:
            settle_payment(payment_id=payment.pk, now=timezone.now())
        except ProviderUnavailable:
            messages.info(
                request,
                _("We could not ask for the result of your payment yet. This page keeps asking."),
            )
    return _to_order(found)


@require_POST
@never_cache
def order_pay(request: CustomerRequest, number: str) -> HttpResponse:
    """On to the hosted page of an order that is not paid yet."""
    found = _own(request, number)
    try:
        url = resume_checkout(
            order=found, return_base=request.build_absolute_uri("/"), now=timezone.now()
        )
    except CheckoutRefused as refusal:
        messages.error(request, str(refusal.message))
        return _to_order(found)
    except ProviderUnavailable as error:
        error.order = error.order or found
        return unavailable(request, error)
    return HttpResponseRedirect(url, status=SEE_OTHER)


@require_POST
@never_cache
def order_cancel(request: CustomerRequest, number: str) -> HttpResponse:
    """Close an order that is not paid yet."""
    found = _own(request, number)
    try:
        cancel_order(order=found, by="customer", now=timezone.now())
    except CheckoutRefused as refusal:
        messages.error(request, str(refusal.message))
    return _to_order(found)


def _own(request: CustomerRequest, number: str) -> Order:
    return get_object_or_404(Order.objects.owned_by(request.user), number=number)


def _to_order(found: Order) -> HttpResponse:
    url = reverse("billing:order", args=[found.number])
    return HttpResponseRedirect(url, status=SEE_OTHER)


def _story(request: CustomerRequest, number: str, *, polls: int) -> dict[str, object]:
    story = order_story(request.user, number)
    if story is None:
        raise Http404
    line, now = story.line, timezone.now()
    owns_line = line.customer_id == request.user.pk
    return {
        "section": "orders",
        "theme": line.brand.theme,
        "renew_url": reverse("billing:renew", args=[line.public_id]) if owns_line else "",
        "line_url": reverse("billing:line", args=[line.public_id]) if owns_line else "",
        "usage_url": reverse("billing:usage", args=[line.public_id]) if owns_line else "",
        "owns_line": owns_line,
        "story": story,
        "order": story.order,
        "line": line,
        "brand": line.brand,
        "zone": line.brand.time_zone,
        "steps": timeline.steps(story, now=now),
        "explanation": timeline.explanation(story),
        "coming": what_next(story, now=now),
        "method": timeline.method_text(story.payment),
        "declined": timeline.declined_words(story),
        "poll_seconds": timeline.poll_seconds(story.order, polls),
        "next_poll": polls + 1,
        # Where the stepper of the three screens stands, as long as there is something to pay.
        "step": 3 if story.order.is_payable else None,
    }
