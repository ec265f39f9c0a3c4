"""What every page of the portal needs to know beside its own content."""

from django.conf import settings
from django.http import HttpRequest  # noqa: TID251 (context processors belong to the views)
from django.urls import reverse

from portal.themes import chosen_theme

# Pages of the account all have addresses of this beginning.
ACCOUNT = "account_"


def site(request: HttpRequest) -> dict[str, object]:
    """Return defaults for the frame of a page; no query.

    A view overrides `theme` (a Brand.Theme, for data-brand) and `section` (the current entry of
    the navigation), and may set `line_url`, `usage_url` and `renew_url` where the page knows which
    line is meant; without them the frame leads to the list of lines and to the plans.
    """
    match = request.resolver_match
    is_account = match is not None and (match.url_name or "").startswith(ACCOUNT)
    return {
        "theme": "",
        "color_theme": chosen_theme(request.COOKIES),
        "section": "account" if is_account else "",
        "line_url": "",
        "usage_url": "",
        "renew_url": "",
        "account_url": reverse("account_email"),
        # "stand-in": the simulated checkout on this machine; "test": Stripe's own test mode.
        "stripe_lane": "stand-in" if settings.STRIPE_API_BASE else "test",
    }
