"""The customer's lines, the dashboard of one, what it used, and its switches."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.selectors.lines import dashboard, line_cards
from billing.selectors.usage import SPANS, usage_page
from billing.views.requests import SEE_OTHER, CustomerRequest
from plans.models import Line
from plans.services.line_settings import set_reminders

# What a switch of the page posts.
CHANNELS = ("email", "sms")
POSITIONS = {"on": True, "off": False}


@require_safe
@never_cache
def lines(request: CustomerRequest) -> HttpResponse:
    """My account: every line with its state, what is left and the way to renew it."""
    cards = line_cards(request.user, now=timezone.now())
    context: dict[str, object] = {"section": "lines", "cards": cards}
    if len(cards) == 1:
        context |= _frame(cards[0].view.line)
        # Here the list itself is the overview.
        context["line_url"] = ""
    return render(request, "billing/lines.html", context)


@require_safe
@never_cache
def line(request: CustomerRequest, public_id: str) -> HttpResponse:
    """The dashboard of one line."""
    page = dashboard(request.user, public_id, now=timezone.now())
    if page is None:
        raise Http404
    view = page.view
    context = {
        "section": "lines",
        **_frame(view.line),
        "page": page,
        "renewing": page.renewing,
        "view": view,
        "line": view.line,
        "brand": view.line.brand,
        "zone": view.line.brand.time_zone,
    }
    return render(request, "billing/line.html", context)


@require_safe
@never_cache
def usage(request: CustomerRequest, public_id: str) -> HttpResponse:
    """What one line used, day by day: `?days=30` or `?days=90`, anything else is 30."""
    spans = {str(days): days for days in SPANS}
    days = spans.get(request.GET.get("days", ""), SPANS[0])
    page = usage_page(request.user, public_id, days=days, now=timezone.now())
    if page is None:
        raise Http404
    context = {
        "section": "usage",
        **_frame(page.line),
        "page": page,
        "days": days,
        "spans": SPANS,
        "line": page.line,
        "brand": page.line.brand,
        "zone": page.line.brand.time_zone,
    }
    return render(request, "billing/usage.html", context)


@require_POST
@never_cache
def line_reminders(request: CustomerRequest, public_id: str) -> HttpResponse:
    """A switch of the dashboard: reminders of this line by one channel, on or off."""
    found = get_object_or_404(Line.objects.owned_by(request.user), public_id=public_id)
    channel = request.POST.get("channel", "")
    position = POSITIONS.get(request.POST.get("position", ""))
    if channel not in CHANNELS or position is None:
        raise BadRequest("A switch posts channel=email|sms and position=on|off.")
    if channel == "email":
        set_reminders(line=found, by=request.user, by_email=position)
    else:
        set_reminders(line=found, by=request.user, by_sms=position)
    messages.success(request, _said(channel, is_on=position))
    return HttpResponseRedirect(reverse("billing:line", args=[public_id]), status=SEE_OTHER)


def _said(channel: str, *, is_on: bool) -> str:
    if channel == "email":
        return (
            _("You will be reminded by e-mail.")
            if is_on
            else _("No more reminders by e-mail for this line.")
        )
    return (
        _("You will be reminded by SMS.") if is_on else _("No more reminders by SMS for this line.")
    )


def _frame(found: Line) -> dict[str, object]:
    """What the frame of a page about one line needs."""
    return {
        "theme": found.brand.theme,
        "line_url": reverse("billing:line", args=[found.public_id]),
        "usage_url": reverse("billing:usage", args=[found.public_id]),
        "renew_url": reverse("billing:renew", args=[found.public_id]),
    }
