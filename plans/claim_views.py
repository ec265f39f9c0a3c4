"""Adding an existing line to the account: by a code to its number, or by its card and a code."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.limits import consume_limits
from accounts.models import User
from messaging.formats import msisdn
from plans.claim_forms import CardForm, ClaimCodeForm, NumberForm
from plans.errors import ClaimRefused
from plans.models import Brand, Line, Plan
from plans.selectors.claims import numbers_meant
from plans.services.claim_asks import read_ask
from plans.services.claim_cards import claim_by_card
from plans.services.claims import confirm_line_code, request_line_code

# What the session keeps: the number as it was typed, and the plan to go on with.
NUMBER, PLAN = "line_claim_number", "line_claim_plan"
SEE_OTHER = 303


class ClaimRequest(HttpRequest):
    """A request of somebody who is logged in, as LoginRequiredMiddleware lets through."""

    user: User


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def line_add(request: ClaimRequest) -> HttpResponse:
    """The two ways to add a line; `?plan=` is what to renew it with afterwards."""
    if request.method != "POST":
        sku = request.GET.get("plan", "")[:40]
        # PostgreSQL cannot even look for one with a NUL.
        if sku and sku.isprintable():
            request.session[PLAN] = sku
        return _ways(request)
    if not request.user.has_verified_channel:
        return _ways(request)
    return _by_card(request) if request.POST.get("way") == "card" else _by_number(request)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def line_add_code(request: ClaimRequest) -> HttpResponse:
    """The second step of the way by SMS; the same page whether a line has the number or not."""
    typed = request.session.get(NUMBER, "")
    if not typed:
        return _see("plans:line-add")
    numbers = numbers_meant(typed)
    if request.method != "POST":
        return _code_page(request, typed, numbers, ClaimCodeForm())
    if request.POST.get("action") == "resend":
        return _send_code(request, typed, numbers)
    form = ClaimCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, typed, numbers, form)
    return _enter_code(request, typed, numbers, form)


def _by_number(request: ClaimRequest) -> HttpResponse:
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _ways(request, number_form=form)
    return _send_code(request, form.cleaned_data["number"], form.numbers)


def _send_code(request: ClaimRequest, typed: str, numbers: set[str]) -> HttpResponse:
    """Ask for a code and go to its page, whatever the number is."""
    each_number = [("line_claim_number", number) for number in sorted(numbers)]
    consume_limits(request, *each_number, ("line_claim_code", ""))
    try:
        request_line_code(claimant=request.user, numbers=numbers, now=timezone.now())
    except ClaimRefused as refused:
        return _refused_at_once(request, refused)
    request.session[NUMBER] = typed
    return _see("plans:line-add-code")


def _enter_code(
    request: ClaimRequest, typed: str, numbers: set[str], form: ClaimCodeForm
) -> HttpResponse:
    consume_limits(request, ("line_claim_try", ""))
    try:
        line = confirm_line_code(
            claimant=request.user,
            numbers=numbers,
            code=form.cleaned_data["code"],
            now=timezone.now(),
        )
    except ClaimRefused as refused:
        if refused.reason == "overtaken":
            return _overtaken(request, refused.line)
        if refused.reason == "wrong_code":
            form.add_error("code", _("This code is not right."))
        return _code_page(request, typed, numbers, form)
    return _added(request, line)


def _by_card(request: ClaimRequest) -> HttpResponse:
    form = CardForm(request.POST)
    if not form.is_valid():
        return _ways(request, card_form=form)
    iccid = form.cleaned_data["iccid"]
    # Per customer: strangers must not use up the tries of whoever has the card.
    own_card = f"{request.user.pk}:{iccid}"
    consume_limits(request, ("line_claim_iccid", own_card), ("line_claim_card", ""))
    try:
        line = claim_by_card(
            claimant=request.user, iccid=iccid, code=form.cleaned_data["code"], now=timezone.now()
        )
    except ClaimRefused as refused:
        if refused.reason != "mismatch":
            return _refused_at_once(request, refused)
        form.add_error(
            None,
            _("Card number and code do not belong together, or the code is used or too old."),
        )
        return _ways(request, card_form=form)
    return _added(request, line)


def _ways(
    request: ClaimRequest,
    *,
    number_form: NumberForm | None = None,
    card_form: CardForm | None = None,
) -> HttpResponse:
    context = {
        "section": "lines",
        "may_claim": request.user.has_verified_channel,
        "number_form": number_form or NumberForm(),
        "card_form": card_form or CardForm(),
        "brands": Brand.objects.all(),
    }
    return render(request, "plans/claim/ways.html", context)


def _code_page(
    request: ClaimRequest, typed: str, numbers: set[str], form: ClaimCodeForm
) -> HttpResponse:
    ask = read_ask(claimant=request.user, numbers=numbers)
    is_over = ask is None or ask.is_over(timezone.now())
    context = {
        "section": "lines",
        # As it was understood, so that a wrong country is seen; else as it was written.
        "number": msisdn(min(numbers)) if len(numbers) == 1 else typed,
        "form": form,
        "is_over": is_over,
        "tries_left": 0 if ask is None else ask.tries_left,
        "brands": Brand.objects.all(),
    }
    return render(request, "plans/claim/code.html", context)


def _refused_at_once(request: ClaimRequest, refused: ClaimRefused) -> HttpResponse:
    """The line is the customer's own, or the customer may not add any."""
    if refused.line is None:
        return _see("plans:line-add")
    number = msisdn(refused.line.msisdn)
    messages.info(request, _("%(number)s is in your account already.") % {"number": number})
    return _to_line(refused.line)


def _overtaken(request: ClaimRequest, line: Line | None) -> HttpResponse:
    request.session.pop(NUMBER, None)
    context = {"section": "lines", "brand": line.brand if line else None}
    return render(request, "plans/claim/overtaken.html", context, status=409)


def _added(request: ClaimRequest, line: Line) -> HttpResponse:
    """On to the line, or to renewing it with the plan that began it all."""
    request.session.pop(NUMBER, None)
    sku = request.session.pop(PLAN, "")
    number = msisdn(line.msisdn)
    messages.success(request, _("%(number)s has been added to your account.") % {"number": number})
    if request.user.phone_verified_at is None:
        bind = format_html(
            '<a href="{}">{}</a>', reverse("account_change_phone"), _("Bind a phone number")
        )
        messages.info(
            request,
            format_html(
                "{} {}", _("Your account has no phone number yet, which some plans need."), bind
            ),
        )
    if sku and Plan.objects.filter(sku=sku, brand=line.brand).exists():
        renew = reverse("billing:renew", args=[line.public_id])
        return HttpResponseRedirect(f"{renew}?{urlencode({'plan': sku})}", status=SEE_OTHER)
    return _to_line(line)


def _to_line(line: Line) -> HttpResponse:
    url = reverse("billing:line", args=[line.public_id])
    return HttpResponseRedirect(url, status=SEE_OTHER)


def _see(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=SEE_OTHER)
