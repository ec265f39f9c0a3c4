"""The doors of Stripe and of the network: verify before any write, store once, ring, answer."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.errors import ForgedEvent
from billing.models import StripeEvent
from billing.services.network_news import receive_network_news
from billing.services.stripe_events import store_event
from billing.stripe_client import verify_event
from plans.network.callbacks import BadCallback, read_callback
from plans.network.http import keyring

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the event is safely stored, 400 and no row when it cannot be trusted."""
    now = timezone.now()
    try:
        event = verify_event(request.body, request.headers.get("Stripe-Signature", ""), now=now)
    except ForgedEvent as error:
        logger.warning("webhook refused", extra={"reason": str(error)})
        return HttpResponse("refused", status=400, content_type="text/plain")
    store_event(event, source=StripeEvent.Source.WEBHOOK, now=now)
    return HttpResponse("ok", content_type="text/plain")


@csrf_exempt
@login_not_required
@require_POST
def network_webhook(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the network's news is safely stored, 400 and no row when it is not to be
    believed. News of an order that is none of ours is stored too: sending it again helps nobody.
    """
    now = timezone.now()
    try:
        news = read_callback(request.body, request.headers, keys=keyring(), now=now)
    except BadCallback as error:
        logger.warning("network callback refused", extra={"reason": str(error)})
        return HttpResponse("refused", status=400, content_type="text/plain")
    receive_network_news(news, now=now)
    return HttpResponse("ok", content_type="text/plain")
