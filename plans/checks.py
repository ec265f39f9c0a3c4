"""System checks: with NETWORK=http the operator's system can be reached, and only by us."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

# Characters of a secret; 32 random ones cannot be guessed.
SECRET_LENGTH = 32


def check_network_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Ask for an address (plans.E001), https outside DEBUG (E002) and strong secrets (E003)."""
    if settings.NETWORK != "http":
        return []
    return [*_address(), *_secrets()]


def _address() -> list[CheckMessage]:
    parts = urlsplit(settings.NETWORK_URL)
    hint = "For example NETWORK_URL=https://ocs.operator.example/portal"
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        return [Error("NETWORK=http needs NETWORK_URL.", hint=hint, id="plans.E001")]
    if parts.scheme != "https" and not settings.LOCAL_TEST:
        return [Error("NETWORK_URL must begin with https://.", hint=hint, id="plans.E002")]
    return []


def _secrets() -> list[CheckMessage]:
    hint = "NETWORK_SECRETS=name:secret, NETWORK_KEY_ID=name; the secret by `openssl rand -hex 32`."
    if settings.NETWORK_KEY_ID not in settings.NETWORK_SECRETS:
        problem = "NETWORK_KEY_ID names none of NETWORK_SECRETS."
        return [Error(problem, hint=hint, id="plans.E003")]
    if any(len(secret) < SECRET_LENGTH for secret in settings.NETWORK_SECRETS.values()):
        problem = f"A secret of NETWORK_SECRETS is shorter than {SECRET_LENGTH} characters."
        return [Error(problem, hint=hint, id="plans.E003")]
    return []
