"""The customer's lines, and the dashboard of one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.selectors.lines import dashboard, line_cards
from billing.views.requests import CustomerRequest


@require_safe
@never_cache
def lines(request: CustomerRequest) -> HttpResponse:
    """My account: every line with its state, what is left and the way to renew it."""
    cards = line_cards(request.user, now=timezone.now())
    context: dict[str, object] = {"section": "lines", "cards": cards}
    if len(cards) == 1:
        line = cards[0].view.line
        context["renew_url"] = reverse("billing:renew", args=[line.public_id])
        context["theme"] = line.brand.theme
    return render(request, "billing/lines.html", context)


@require_safe
@never_cache
def line(request: CustomerRequest, public_id: str) -> HttpResponse:
    """The dashboard of one line."""
    page = dashboard(request.user, public_id, now=timezone.now())
    if page is None:
        raise Http404
    view = page.renewing.view
    context = {
        "section": "lines",
        "theme": view.line.brand.theme,
        "renew_url": reverse("billing:renew", args=[public_id]),
        "page": page,
        "renewing": page.renewing,
        "view": view,
        "line": view.line,
        "brand": view.line.brand,
        "zone": view.line.brand.time_zone,
        "soon": view.status.code == "ending",
    }
    return render(request, "billing/line.html", context)
