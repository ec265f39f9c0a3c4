"""The start page, and the language switch."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from accounts.services.preferences import remember_language
from plans.presenters import Span
from plans.selectors import catalogue as shop

# The drawing beside the headline: a month with six days left.
EXAMPLE = Span(total=30, left=6)


@login_not_required
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What this is, how it works, and the brands."""
    context = {"section": "home", "brands": shop.brands(), "example": EXAMPLE}
    return render(request, "home.html", context)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of the pages and, for a customer, of the messages too."""
    if request.user.is_authenticated:
        remember_language(user=request.user, language=request.POST.get("language", ""))
    return django_set_language(request)
