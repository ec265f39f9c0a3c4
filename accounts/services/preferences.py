"""What a customer prefers; mails and SMS follow it."""

from django.conf import settings

from accounts.models import User


def remember_language(*, user: User, language: str) -> None:
    """Store the language the customer chose; an unknown code or a repeat changes nothing."""
    if language in dict(settings.LANGUAGES) and language != user.language:
        user.language = language
        user.save(update_fields=["language"])
