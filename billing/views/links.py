"""The page behind a reminder's signed link: pays one renewal of one line, without log-in (G13).

The token is the only thing that lets in. It must not leave the site: pages are never stored, and
no other host learns the address. (`no-referrer` would do that too, but browsers then send a form
with the origin "null", and every form of the page would be refused as forged.)
"""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.limits import consume_limits
from billing.errors import CheckoutRefused, ProviderUnavailable
from billing.forms import PayChoice
from billing.models import Order, Payment
from billing.selectors import timeline
from billing.selectors.links import LinkPage, RenewalLink, find_link, link_page
from billing.selectors.orders import OrderStory, link_story
from billing.selectors.outlook import what_next
from billing.services.checkout import resume_checkout, start_checkout
from billing.services.settlement import settle_payment
from billing.views.promises import polls_of, promise_text
from billing.views.requests import SEE_OTHER

KEEP_IN = "same-origin"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def renewal_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET: what the renewal costs and until when it lasts, or how the order goes. POST: order it,
    or go on paying, and on to the hosted page."""
    link = find_link(token, now=timezone.now())
    if link is None:
        return _gone(request)
    if request.method == "POST":
        return _resume(request, link) if "order" in request.POST else _order(request, link)
    return _page(request, link)


@login_not_required
@require_safe
@never_cache
def renewal_link_with_tail(request: HttpRequest, token: str, tail: str) -> HttpResponse:
    """A link with the words behind it: phones take the Chinese comma of an SMS, and what follows,
    for a part of the address. Whatever begins so leads to the link itself."""
    if tail.isascii():
        return _gone(request)
    return HttpResponseRedirect(reverse("billing:renewal-link", args=[token]))


@login_not_required
@require_safe
@never_cache
def renewal_link_state(request: HttpRequest, token: str) -> HttpResponse:
    """The moving part of the page while an order is under way."""
    link = find_link(token, now=timezone.now())
    if link is None:
        return _gone(request)
    story = link_story(link.token, link.period.line)
    if story is None:
        return _to_link(link)
    context = _story_context(link, story, polls=polls_of(request))
    return _kept_in(render(request, "billing/_link_live.html", context))


@login_not_required
@require_safe
@never_cache
def renewal_link_return(request: HttpRequest, token: str) -> HttpResponse:
    """Back from the hosted page: read what the provider says of this link's open payments."""
    now = timezone.now()
    link = find_link(token, now=now)
    if link is None:
        return _gone(request)
    payments = Payment.objects.filter(
        order__line=link.period.line,
        order__link_token=link.token,
        state__in=Payment.due_states,
        stripe_session_id__isnull=False,
    )
    for payment in payments:
        try:
            settle_payment(payment_id=payment.pk, now=now)
        except ProviderUnavailable:
            messages.info(
                request,
                _("We could not ask for the result of your payment yet. This page keeps asking."),
            )
            break
    return _to_link(link)


def _page(
    request: HttpRequest, link: RenewalLink, *, error: str = "", unticked: bool = False
) -> HttpResponse:
    now, pay = timezone.now(), request.POST.get("pay") or request.GET.get("pay", "")
    again = "again" in request.GET or bool(error) or unticked
    page = link_page(link, pay=pay, again=again, now=now)
    context = {**_frame(link), "error": error, "unticked": unticked, "page": page, "again": again}
    if page.story is not None:
        context |= _story_context(link, page.story, polls=0)
    if page.offer is not None:
        context["seen"] = promise_text(page.offer.quote)
    is_refused = page.refusal is not None and request.method == "POST"
    status = HTTPStatus.CONFLICT if error or is_refused else HTTPStatus.OK
    return _kept_in(render(request, "billing/link.html", context, status=status))


def _order(request: HttpRequest, link: RenewalLink) -> HttpResponse:
    """Order what the page has promised, in the name of the line's owner."""
    form = PayChoice(request.POST)
    if not form.is_valid():
        return _page(request, link, error=_("Please choose a way to pay."))
    now = timezone.now()
    page = link_page(link, pay=form.cleaned_data["pay"], again=True, now=now)
    refused = _why_not(request, link, page, form)
    if refused is not None:
        return refused
    try:
        url = start_checkout(
            line=link.period.line,
            version=link.version,
            currency=form.currency,
            method=form.method,
            customer=link.owner,
            language=get_language() or "zh-hans",
            return_base=request.build_absolute_uri("/"),
            now=now,
            link_token=link.token,
            may_replace=form.cleaned_data["agree"],
        )
    except CheckoutRefused as refusal:
        return _page(request, link, error=str(refusal.message))
    except ProviderUnavailable:
        return _unavailable(request, link)
    return HttpResponseRedirect(url, status=SEE_OTHER)


def _why_not(
    request: HttpRequest, link: RenewalLink, page: LinkPage, form: PayChoice
) -> HttpResponse | None:
    """The page again, where it has changed since it was read, or a consent is missing."""
    if page.offer is None:
        return _page(request, link) if page.story is None else _to_link(link)
    quote, seen = page.offer.quote, form.cleaned_data["seen"]
    if page.offer.method.code != form.cleaned_data["pay"]:
        return _page(request, link, error=_("This way to pay is not available in this currency."))
    if seen not in {"", promise_text(quote)}:
        return _page(
            request,
            link,
            error=_("Price or date has changed since you opened this page. Please look again."),
        )
    if quote.loses and not form.cleaned_data["agree"]:
        return _page(request, link, unticked=True)
    return None


def _resume(request: HttpRequest, link: RenewalLink) -> HttpResponse:
    """On to the hosted page of the order that this link has opened."""
    number = request.POST["order"]
    orders = Order.objects.filter(line=link.period.line, link_token=link.token)
    # PostgreSQL cannot even look for a number with a NUL.
    order = orders.filter(number=number).first() if number.isalnum() else None
    if order is None:
        return _to_link(link)
    try:
        url = resume_checkout(
            order=order, return_base=request.build_absolute_uri("/"), now=timezone.now()
        )
    except CheckoutRefused as refusal:
        return _page(request, link, error=str(refusal.message))
    except ProviderUnavailable:
        return _unavailable(request, link)
    return HttpResponseRedirect(url, status=SEE_OTHER)


def _unavailable(request: HttpRequest, link: RenewalLink) -> HttpResponse:
    messages.warning(
        request,
        _(
            "The payment page cannot be reached right now. Nothing was charged and your order is"
            " kept; please try again in a moment."
        ),
    )
    return _to_link(link)


def _gone(request: HttpRequest) -> HttpResponse:
    """A link that is none: our page, and a limit on who tries many.

    Raises RateLimited, which becomes the 429 page.
    """
    consume_limits(request, ("renewal_link", ""), count_get=True)
    return render(request, "billing/link_gone.html", status=HTTPStatus.NOT_FOUND)


def _frame(link: RenewalLink) -> dict[str, object]:
    line = link.period.line
    return {
        "theme": line.brand.theme,
        "link": link,
        "line": line,
        "brand": line.brand,
        "zone": line.brand.time_zone,
        "address": _address(link),
        "is_running": link.period.end_at > timezone.now(),
    }


def _story_context(link: RenewalLink, story: OrderStory, *, polls: int) -> dict[str, object]:
    now = timezone.now()
    return {
        **_frame(link),
        "story": story,
        "order": story.order,
        "steps": timeline.steps(story, now=now),
        "explanation": timeline.explanation(story),
        "coming": what_next(story, now=now),
        "declined": timeline.declined_words(story),
        "poll_seconds": timeline.poll_seconds(story.order, polls),
        "next_poll": polls + 1,
    }


def _address(link: RenewalLink) -> str:
    return reverse("billing:renewal-link", args=[link.token])


def _to_link(link: RenewalLink) -> HttpResponse:
    return HttpResponseRedirect(_address(link), status=SEE_OTHER)


def _kept_in(answer: HttpResponse) -> HttpResponse:
    answer.headers["Referrer-Policy"] = KEEP_IN
    return answer
