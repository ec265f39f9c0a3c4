"""Renewing in three screens: choose, look at the summary, pay on the hosted page."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.errors import CheckoutRefused, ProviderUnavailable
from billing.forms import RenewalChoice
from billing.methods import MethodOffer, offered_methods
from billing.selectors.lines import Renewing, RenewOffer, renewing
from billing.services.checkout import start_checkout
from billing.services.quotes import quote_renewal
from billing.views.promises import promise_text
from billing.views.requests import SEE_OTHER, CustomerRequest
from plans.families import FAMILIES, FamilyName
from plans.models import PlanVersion
from plans.presenters import data_text

# An offer with the ways to pay it.
Choice = tuple[RenewOffer, list[MethodOffer]]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def renew(request: CustomerRequest, public_id: str) -> HttpResponse:
    """GET: choose, or with `plan` and `pay` the summary. POST: order, and on to the hosted page."""
    data = request.POST if request.method == "POST" else request.GET
    page = renewing(request.user, public_id, sku=data.get("plan", ""), now=timezone.now())
    if page is None:
        raise Http404
    if request.method == "POST":
        return _order(request, page)
    own = f"pay-{data.get('plan', '')}"
    if own in data:
        # The choose step names the method per plan, so that it works without JavaScript.
        query = {"plan": data.get("plan", ""), "pay": data.get(own, "")}
        return HttpResponseRedirect(f"{request.path}?{urlencode(query)}")
    return _summary(request, page) if "pay" in data else _choose(request, page)


def _choose(
    request: CustomerRequest, page: Renewing, *, error: str = "", next_step: str = ""
) -> HttpResponse:
    """Step 1: the plans with price and new end, and the ways to pay for each."""
    context = {
        **_frame(page),
        "step": 1,
        "families": _families(page),
        "pay": request.GET.get("pay") or f"card:{page.view.line.brand.currency}",
        "error": error,
        "error_next": next_step,
    }
    status = 409 if error and request.method == "POST" else 200
    return render(request, "billing/renew.html", context, status=status)


def _families(page: Renewing) -> list[tuple[FamilyName, list[Choice]]]:
    """The offers under the headings of the catalogue, each with its ways to pay."""
    found: dict[str, list[Choice]] = {key: [] for key in FAMILIES}
    for offer in page.offers:
        card = offer.card
        methods = [] if offer.refusal else offered_methods(card.version, line=page.view.line)
        found[card.family].append((offer, methods))
    return [(FAMILIES[key], choices) for key, choices in found.items() if choices]


def _summary(
    request: CustomerRequest, page: Renewing, *, warning: str = "", unticked: bool = False
) -> HttpResponse:
    """Step 2: everything that was chosen, and the button that orders it."""
    form = RenewalChoice(request.POST if request.method == "POST" else request.GET)
    version = _version(form, page)
    if version is None:
        return _choose(request, page, error=_("Please choose a plan and a way to pay."))
    try:
        quote = quote_renewal(
            line=page.view.line, version=version, currency=form.currency, now=timezone.now()
        )
    except CheckoutRefused as refusal:
        return _refused(request, page, refusal)
    methods = offered_methods(version, line=page.view.line)
    method = next((m for m in methods if m.code == form.cleaned_data["pay"]), None)
    if method is None:
        return _choose(request, page, error=_("This way to pay is not available in this currency."))
    context = {
        **_frame(page),
        "step": 2,
        "quote": quote,
        "method": method,
        "plan": version.plan,
        "seen": promise_text(quote),
        "warning": warning,
        "unticked": unticked,
        "data_lost": data_text(quote.loses.data_left_bytes) if quote.loses else "",
    }
    return render(request, "billing/summary.html", context)


def _order(request: CustomerRequest, page: Renewing) -> HttpResponse:
    """Step 3: write the order and send the browser to the hosted page."""
    now = timezone.now()
    form = RenewalChoice(request.POST)
    version = _version(form, page)
    if version is None:
        return _choose(request, page, error=_("Please choose a plan and a way to pay."))
    line = page.view.line
    try:
        quote = quote_renewal(line=line, version=version, currency=form.currency, now=now)
        if form.cleaned_data["seen"] not in {"", promise_text(quote)}:
            return _summary(
                request,
                page,
                warning=_(
                    "Price or date has changed since you opened this page. Please look again."
                ),
            )
        if quote.loses and not form.cleaned_data["agree"]:
            return _summary(request, page, unticked=True)
        url = start_checkout(
            line=line,
            version=version,
            currency=form.currency,
            method=form.method,
            customer=request.user,
            language=get_language() or "zh-hans",
            return_base=request.build_absolute_uri("/"),
            now=now,
            may_replace=form.cleaned_data["agree"],
        )
    except CheckoutRefused as refusal:
        return _refused(request, page, refusal)
    except ProviderUnavailable as error:
        return unavailable(request, error)
    return HttpResponseRedirect(url, status=SEE_OTHER)


def unavailable(request: CustomerRequest, error: ProviderUnavailable) -> HttpResponse:
    """The hosted page cannot be opened now: say that nothing is lost, and show the order."""
    messages.warning(
        request,
        _(
            "The payment page cannot be reached right now. Nothing was charged and your order is"
            " kept; please try again in a moment."
        ),
    )
    target = (
        reverse("billing:order", args=[error.order.number])
        if error.order
        else reverse("billing:orders")
    )
    return HttpResponseRedirect(target, status=SEE_OTHER)


def _refused(request: CustomerRequest, page: Renewing, refusal: CheckoutRefused) -> HttpResponse:
    return _choose(request, page, error=str(refusal.message), next_step=str(refusal.next_step))


def _frame(page: Renewing) -> dict[str, object]:
    line = page.view.line
    return {
        "section": "renew",
        "theme": line.brand.theme,
        "line_url": reverse("billing:line", args=[line.public_id]),
        "usage_url": reverse("billing:usage", args=[line.public_id]),
        "renew_url": reverse("billing:renew", args=[line.public_id]),
        "renewing": page,
        "view": page.view,
        "line": line,
        "brand": line.brand,
        "zone": line.brand.time_zone,
    }


def _version(form: RenewalChoice, page: Renewing) -> PlanVersion | None:
    """The current version of the chosen plan, if it is among those this line is offered."""
    if not form.is_valid():
        return None
    sku = form.cleaned_data["plan"]
    cards = (offer.card for offer in page.offers)
    return next((card.version for card in cards if card.plan.sku == sku), None)
