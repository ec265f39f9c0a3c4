"""Whose number or address is it? Anyone may claim one; only proof makes it theirs."""

import uuid
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import PhoneTakenError
from accounts.models import User
from accounts.phones import hidden_phone
from messaging.services.outbox import queue_message, withdraw


def claim_phone(*, user: User, phone: str) -> None:
    """Note an E.164 number the customer has not proved yet; it blocks nobody else."""
    user.phone = phone
    user.phone_verified_at = None
    user.save(update_fields=["phone", "phone_verified_at"])


def verify_phone(*, user: User, phone: str, now: datetime) -> str | None:
    """Give the number to the account that proved it, and return the verified one it replaces.

    Claims of other accounts to it are cleared, and the replaced number is told by SMS, all in one
    transaction. Repeating it changes nothing. Raises PhoneTakenError when another account proved
    the number first.
    """
    try:
        with transaction.atomic():
            stored = User.objects.select_for_update().get(pk=user.pk)
            old = stored.phone if stored.phone_verified_at else None
            if old == phone:
                return None
            # Clears what a squatter wrote down; a proved number stays and trips the constraint.
            User.objects.filter(phone=phone, phone_verified_at__isnull=True).exclude(
                pk=user.pk
            ).update(phone=None)
            user.phone, user.phone_verified_at = phone, now
            user.save(update_fields=["phone", "phone_verified_at"])
            withdraw(subject=_code_subject(user))
            if old:
                _tell_old_number(user=user, old=old)
    except IntegrityError as error:
        user.refresh_from_db(fields=["phone", "phone_verified_at"])
        raise PhoneTakenError from error
    return old


def release_phones(*, numbers: Collection[str]) -> int:
    """Take numbers that will be somebody else's from every account that proved or noted them.

    Nobody logs in by such a number any more; codes on their way to it are void. Who had proved it
    is told at a proved e-mail address, never at the number. Repeating it changes nothing; returns
    how many accounts were changed. Part of the caller's transaction.
    """
    holders = list(User.objects.select_for_update().filter(phone__in=numbers).order_by("pk"))
    proved = {
        address.user_id: address.email
        for address in EmailAddress.objects.filter(
            user__in=[one for one in holders if one.phone_verified_at], verified=True
        ).order_by("primary")
    }
    for user in holders:
        withdraw(subject=_code_subject(user))
        if user.pk in proved:
            _tell_released(user=user, email=proved[user.pk])
    return User.objects.filter(pk__in=[user.pk for user in holders]).update(
        phone=None, phone_verified_at=None
    )


def release_email_claims(*, email: str, owner: User) -> None:
    """Take an address from accounts that only wrote it down, before `owner` proves it.

    Without this a stranger's unproved claim would block the owner: the column is unique.
    """
    with transaction.atomic():
        proved = EmailAddress.objects.filter(email=email, verified=True).exclude(user=owner)
        if proved.exists():
            return
        EmailAddress.objects.filter(email=email).exclude(user=owner).delete()
        User.objects.filter(email=email).exclude(pk=owner.pk).update(email=None)


def send_phone_code(*, user: User, phone: str, code: str) -> None:
    """Queue the SMS with a code; an older one that still waits is withdrawn."""
    with transaction.atomic():
        withdraw(subject=_code_subject(user))
        queue_message(
            channel="sms",
            address=phone,
            language=user.language,
            template="verification_code",
            context={"code": code},
            dedupe_key=f"account:phone-code:{uuid.uuid4()}",
            subject=_code_subject(user),
            demo=user.is_demo,
            secret=True,
        )


def send_account_exists_sms(*, phone: str, language: str, demo: bool) -> None:
    """Tell the owner of a number that somebody tried to open a second account with it."""
    with translation.override(language):
        text = _(
            "Somebody tried to open an account with your details, but you already have one."
            " If it was you: just log in, or choose “Forgot password”."
        )
    _queue_text(phone=phone, language=language, text=text, demo=demo)


def _tell_old_number(*, user: User, old: str) -> None:
    with translation.override(user.language):
        text = _(
            "The phone number of your account was changed to %(phone)s."
            " If it was not you, change your password now and contact us."
        ) % {"phone": hidden_phone(user.phone or "")}
    _queue_text(phone=old, language=user.language, text=text, demo=user.is_demo)


def _tell_released(*, user: User, email: str) -> None:
    phone, since = user.phone or "", user.phone_verified_at
    assert since is not None  # noqa: S101 (only who had proved it is told)
    queue_message(
        channel="email",
        address=email,
        language=user.language,
        template="phone_released",
        context={
            "phone": hidden_phone(phone),
            "login_url": urljoin(settings.SITE_URL, reverse("account_login")),
            # There is no other mode.
            "test_mode": True,
        },
        # A number can be proved again, and be lost again.
        dedupe_key=f"account:phone-released:{user.pk}:{since.isoformat()}",
        demo=user.is_demo,
    )


def _queue_text(*, phone: str, language: str, text: str, demo: bool) -> None:
    queue_message(
        channel="sms",
        address=phone,
        language=language,
        template="rendered",
        context={"subject": "", "text": text, "html": ""},
        dedupe_key=f"account:notice:{uuid.uuid4()}",
        demo=demo,
    )


def _code_subject(user: User) -> str:
    return f"account:phone-code:{user.pk}"
