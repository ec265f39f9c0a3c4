"""What may not go out of the house: settings that work on a desk and do harm on the internet."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 (Django's own names)
from django.http.request import validate_host

# Django's own measure of a strong key (security.W009), which we make an error.
SECRET_KEY_LENGTH = 50
SECRET_KEY_CHARACTERS = 5


def check_secret_key(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """portal.E001: outside DEBUG the key is neither the one from the source nor a short one."""
    key = settings.SECRET_KEY
    weak = (
        key.startswith("django-insecure-")
        or len(key) < SECRET_KEY_LENGTH
        or len(set(key)) < SECRET_KEY_CHARACTERS
    )
    if settings.LOCAL_TEST or not weak:
        return []
    return [
        Error(
            f"SECRET_KEY is the one from the source or shorter than {SECRET_KEY_LENGTH}"
            " characters: anyone could forge log-ins and renewal links.",
            hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'",
            id="portal.E001",
        )
    ]


def check_site_url(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """portal.E002, portal.W002: links in messages are https and lead to a host we answer for."""
    parts = urlsplit(settings.SITE_URL)
    if settings.LOCAL_TEST:
        return []
    if parts.scheme != "https" or not parts.hostname:
        return [
            Error(
                "SITE_URL must begin with https://: links in e-mail and SMS are built from it.",
                hint="For example SITE_URL=https://portal.example.com",
                id="portal.E002",
            )
        ]
    if not validate_host(parts.hostname, settings.ALLOWED_HOSTS):
        return [
            Warning(
                f"SITE_URL leads to {parts.hostname}, which ALLOWED_HOSTS does not name.",
                hint="Add the host to ALLOWED_HOSTS, or links in messages end in an error.",
                id="portal.W002",
            )
        ]
    return []


def check_mail(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """portal.W001: outside DEBUG there is a mail server; else messages stay in the outbox."""
    if settings.LOCAL_TEST or settings.EMAIL_URL:
        return []
    return [
        Warning(
            "EMAIL_URL is not set: e-mails are written to the outbox and never sent.",
            hint="For example EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
            id="portal.W001",
        )
    ]
