"""/dev/outbox/: what the portal would have sent. Only on a test machine, seen from itself."""

import ipaddress
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from messaging.models import Message
from messaging.selectors import outbox_rows

# The page that holds the mail's frame.
DETAIL_CSP: dict[str, list[str]] = {
    **cast("dict[str, list[str]]", settings.SECURE_CSP),
    "frame-src": [CSP.SELF],
}
# The mail itself: its inline styles and nothing else; links open outside the sandbox.
MAIL_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:"],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def local_only[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer 404 unless this is a test installation and the browser runs on the same machine.

    The outbox shows codes and links that let people in. Without a log-in it may be read only by
    who could read the database as well; a request through a proxy is from somewhere else.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (settings.LOCAL_TEST and _is_local(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
@require_safe
@never_cache
@local_only
def outbox(request: HttpRequest) -> HttpResponse:
    """List the newest messages."""
    return render(request, "messaging/outbox.html", {"rows": outbox_rows()})


@login_not_required
@require_safe
@never_cache
@csp_override(DETAIL_CSP)
@local_only
def outbox_message(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show one message: its story, its text, and the mail in a frame."""
    message = get_object_or_404(Message, public_id=public_id)
    return render(request, "messaging/outbox_message.html", {"message": message})


@login_not_required
@require_safe
@never_cache
@xframe_options_sameorigin
@csp_override(MAIL_CSP)
@local_only
def outbox_html(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:  # noqa: ARG001 (Django's shape)
    """The HTML of one mail, as a mail program would show it."""
    message = get_object_or_404(Message.objects.exclude(rendered_html=""), public_id=public_id)
    return HttpResponse(message.rendered_html)


def _is_local(request: HttpRequest) -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
