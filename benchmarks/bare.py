"""What ours is measured against: Django as `startproject` leaves it, and two views by hand."""

import hmac
import json
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.models import OrderLine, StripeEvent
from plans.models import Line, PlanVersion

# As in a project that has just been started.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = DjangoTemplates(
    {
        "NAME": "bare",
        "DIRS": [Path(__file__).parent],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
)
BRAND = "hongka"
SIGNATURE = "Stripe-Signature"
# Orders that the page lists, as many as on ours.
ORDERS = 4


@login_required
def page(request: HttpRequest, rows: int) -> HttpResponse:
    """Five queries (session, user, three lists) and a table with as many rows as are asked for.

    bare.html prints about as many values per byte as ours, rather fewer: no flattering baseline.
    """
    lines = Line.objects.filter(customer_id=request.user.pk).select_related("brand")
    orders = OrderLine.objects.filter(order__customer_id=request.user.pk).select_related("order")
    versions = list(PlanVersion.objects.filter(plan__brand__slug=BRAND).select_related("plan"))
    context = {
        "lines": lines,
        "orders": orders[:ORDERS],
        "versions": islice(cycle(versions), rows),
    }
    return HttpResponse(TEMPLATES.get_template("bare.html").render(context, request))


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Compare the signature, insert one row, answer."""
    stamp, given = (part[part.index("=") + 1 :] for part in request.headers[SIGNATURE].split(","))
    signed = stamp.encode() + b"." + request.body
    expected = hmac.digest(settings.STRIPE_WEBHOOK_SECRETS[0].encode(), signed, "sha256").hex()
    if not hmac.compare_digest(expected, given):
        return HttpResponse("refused", status=400)
    body = json.loads(request.body)
    StripeEvent.objects.create(
        event_id=body["id"],
        type=body["type"],
        api_version=body["api_version"],
        livemode=body["livemode"],
        object_id=body["data"]["object"]["id"],
        body=body,
        created_at=datetime.fromtimestamp(body["created"], UTC),
        next_try_at=timezone.now(),
    )
    return HttpResponse("ok")


urlpatterns = [path("bare/page/<int:rows>/", page), path("bare/webhook/", webhook)]
