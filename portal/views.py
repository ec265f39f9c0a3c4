"""The start page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
