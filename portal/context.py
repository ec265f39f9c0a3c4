"""What every page of the portal needs to know beside its own content."""

from django.conf import settings
from django.http import HttpRequest  # noqa: TID251 (context processors belong to the views)
from django.urls import reverse


def site(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 (Django's shape)
    """Return defaults for the frame of a page; no query.

    A view overrides `theme` (a Brand.Theme, for data-brand) and `section` (the current entry of
    the navigation), and may set `renew_url` where the page knows which line is meant.
    """
    return {
        "theme": "",
        "section": "",
        "renew_url": "",
        "account_url": reverse("account_email"),
        # "stand-in": the simulated checkout on this machine; "test": Stripe's own test mode.
        "stripe_lane": "stand-in" if settings.STRIPE_API_BASE else "test",
    }
