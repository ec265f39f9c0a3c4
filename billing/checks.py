"""System checks: no live key, and each key only with its own counterpart."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from billing.stripe_client import TEST_KEY


def check_stripe_keys(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse live keys (billing.E001), mixed lanes (E002) and the stand-in outside DEBUG (E003)."""
    key = settings.STRIPE_SECRET_KEY
    found: list[CheckMessage] = []
    if not TEST_KEY.match(key):
        kind = "a live key" if "_live_" in key else "not a test key"
        found.append(
            Error(
                f"STRIPE_SECRET_KEY is {kind} ({key[:8]}…): this product runs in test mode only.",
                hint="Use a key that begins with sk_test_ or rk_test_.",
                id="billing.E001",
            )
        )
    is_sandbox = key.startswith("sk_test_sandbox")
    if is_sandbox != bool(settings.STRIPE_API_BASE):
        found.append(
            Error(
                "STRIPE_SECRET_KEY and STRIPE_API_BASE belong to different lanes.",
                hint="The stand-in's key needs STRIPE_API_BASE; a key of Stripe's needs it empty.",
                id="billing.E002",
            )
        )
    if is_sandbox and not settings.STRIPE_SANDBOX_ALLOWED:
        found.append(
            Error(
                "The Stripe stand-in runs only in a local test installation.",
                hint="Set STRIPE_SECRET_KEY=sk_test_… of your own Stripe account, or DEBUG=yes.",
                id="billing.E003",
            )
        )
    if not all(secret.startswith("whsec_") for secret in settings.STRIPE_WEBHOOK_SECRETS):
        found.append(
            Error(
                "STRIPE_WEBHOOK_SECRET must be one or two secrets that begin with whsec_.",
                hint="`stripe listen` prints it; two secrets are parted by a comma.",
                id="billing.E004",
            )
        )
    return found
