"""How an account comes to be without the sign-up form."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from accounts.models import User


def create_known_customer(
    *,
    now: datetime,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    name: str = "",
    language: str = settings.LANGUAGE_CODE,
    is_demo: bool = False,
) -> User:
    """Create an account whose e-mail and E.164 number count as verified: staff and demo data.

    Without a password the customer sets one by a reset link. Raises ValueError without e-mail and
    phone, and IntegrityError when another account has verified one of them.
    """
    with transaction.atomic():
        user = User.objects.create_user(
            email=email,
            phone=phone,
            password=password,
            phone_verified_at=now if phone else None,
            name=name,
            language=language,
            is_demo=is_demo,
        )
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
