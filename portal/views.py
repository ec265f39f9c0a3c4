"""The start page, the switch between light and dark, and what browsers and robots ask for."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from plans.presenters import Span
from plans.selectors import catalogue as shop
from portal.start_page import own_part
from portal.themes import COOKIE, COOKIE_AGE, SYSTEM, THEMES

# The drawing beside the headline: a month with six days left.
EXAMPLE = Span(total=30, left=6)


@login_not_required
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What this is, how it works, and the brands."""
    brands = list(shop.brands())
    own = own_part(request.user, brands, now=timezone.now())
    context = {"section": "home", "brands": brands, "example": EXAMPLE, **own}
    return render(request, "home.html", context)


@login_not_required
@require_POST
@never_cache
def theme(request: HttpRequest) -> HttpResponse:
    """Keep `theme` (one of THEMES) in a cookie and go back to `next` on this site.

    Any other value changes nothing; any other site becomes the start page.
    """
    answer = HttpResponseRedirect(_safe_next(request), status=HTTPStatus.SEE_OTHER)
    wanted = request.POST.get("theme", "")
    if wanted == SYSTEM:
        answer.delete_cookie(COOKIE, samesite="Lax")
    elif wanted in THEMES:
        answer.set_cookie(
            COOKIE,
            wanted,
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer


@login_not_required
@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Ask robots to stay away: a portal in test mode is nothing to be found."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """Name, colours and icon for a phone's home screen."""
    return JsonResponse(
        {
            "name": _("Xuka"),
            "short_name": _("Xuka"),
            "id": "/",
            "start_url": reverse("billing:lines"),
            "display": "standalone",
            "background_color": "#f7f6f1",
            "theme_color": "#f7f6f1",
            "icons": [{"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("portal:home")
