"""Limits answer with our page, the language follows its owner, the main address is a proved one."""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import RateLimited
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.i18n import set_language

from accounts.limits import APP
from accounts.phones import normalise_phone
from accounts.services.preferences import remember_language

# URL name → the limits its view may run into; allauth's answer does not say which one it was.
ACTIONS = {
    "account_login": ("login", "verify_phone"),
    "account_signup": ("signup", "verify_phone"),
    "account_email": ("manage_email",),
    "account_change_password": ("change_password",),
    "account_set_password": ("change_password",),
    "account_change_phone": ("change_phone", "verify_phone"),
    "account_verify_phone": ("verify_phone",),
    "account_reauthenticate": ("reauthenticate",),
    "account_reset_password": ("reset_password",),
    "account_reset_password_from_key": ("reset_password_from_key",),
}
# Up to this many seconds or minutes are said in that unit, above it in the next one.
SMALL_NUMBER = 90

# The language switch is for visitors too; Django leaves it behind the log-in.
login_not_required(set_language)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RateLimitMiddleware:
    """Turns a limit that fired in the middle of a flow into the 429 page, and says how long.

    allauth raises RateLimited in some flows (an SMS code at log-in or sign-up) and catches it only
    in others; without this it would be a 500. Templates find `request.time_to_wait`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.time_to_wait = partial(time_to_wait, request)  # type: ignore[attr-defined] # for the 429
        response = self.get_response(request)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = seconds_to_wait(request)
            if seconds:
                response.headers.setdefault("Retry-After", str(seconds))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer RateLimited with the 429 page; leave every other exception alone."""
        if isinstance(exception, RateLimited):
            response: HttpResponse = ratelimit.respond_429(request)
            return response
        return None


class LanguageMiddleware:
    """Stores the language on the account when its owner uses the switch."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.url_name == "set_language":
            cookie = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
            if cookie is not None and request.user.is_authenticated:
                remember_language(user=request.user, language=cookie.value)
        return response


class MainAddressMiddleware:
    """Lets only a proved address become the main one, which log-in and receipts rely on.

    allauth allows an unproved one to accounts without a proved one; that address may belong to
    somebody else, whose account already holds it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, *_view: Callable[..., Any] | tuple[Any, ...] | dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse `action_primary` of the address page for an address that is not verified."""
        match = request.resolver_match
        if match is None or match.url_name != "account_email":
            return None
        if "action_primary" not in request.POST or not request.user.is_authenticated:
            return None
        email = request.POST.get("email", "").lower()
        if EmailAddress.objects.filter(user=request.user, email=email, verified=True).exists():
            return None
        messages.error(request, _("Please confirm this address first: we sent you a link."))
        return HttpResponseRedirect(reverse("account_email"))


def time_to_wait(request: HttpRequest) -> str:
    """Return the time to wait in words of the current language; "" when it is not known."""
    seconds = seconds_to_wait(request)
    if seconds is None:
        return ""
    if seconds <= SMALL_NUMBER:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= SMALL_NUMBER:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def seconds_to_wait(request: HttpRequest) -> int | None:
    """Return the seconds until the fullest limit of this page lets the visitor in again."""
    waits = [
        history[-1] + rate.duration - time.time()
        for action, keys in _limits(request)
        for rate, history in _histories(request, action, keys)
        # allauth keeps the times of the uses, newest first.
        if len(history) >= rate.amount
    ]
    return max(1, math.ceil(max(waits))) if waits else None


def _limits(request: HttpRequest) -> Iterator[tuple[str, set[str]]]:
    """The limits this request may have run into: its page's, and those it named itself."""
    match = request.resolver_match
    for action in ACTIONS.get((match.url_name if match else None) or "", ()):
        yield action, _keys(request)
    for action, key in getattr(request, "limit_uses", ()):
        yield action, {key}


def _histories(
    request: HttpRequest, action: str, keys: set[str]
) -> Iterator[tuple[ratelimit.Rate, list[float]]]:
    for rate in ratelimit.get_rates(app=APP, action=action):
        for key in keys if rate.per == "key" else [None]:
            name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
            yield rate, cache.get(name, [])


def _keys(request: HttpRequest) -> set[str]:
    """Return the addresses and numbers this request may be limited by."""
    keys = {request.POST.get("email", "").strip().lower()}
    for name in ("phone", "login"):
        keys |= normalise_phone(request.POST.get(name, ""), regions=settings.PHONE_REGIONS)
    if request.user.is_authenticated and request.user.phone:
        keys.add(request.user.phone)
    return keys - {""}
