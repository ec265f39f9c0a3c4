"""What claimants and owners are told about a line that is being added to an account."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from messaging.services.outbox import queue_message, withdraw
from plans.models import Line, LineClaim


def queue_claim_code(claim: LineClaim, code: str) -> None:
    """Send the code to the line itself: who holds the card reads it."""
    line = claim.line
    queue_message(
        channel="sms",
        address=line.msisdn,
        language=claim.claimant.language,
        template="line_claim_code",
        context=_context(line, claim.claimant.language) | {"code": code},
        dedupe_key=f"line-claim-code:{claim.pk}",
        subject=_code_subject(claim),
        demo=line.is_demo,
        secret=True,
    )


def withdraw_claim_code(claim: LineClaim) -> None:
    """Take back a code that still waits: it no longer counts."""
    withdraw(subject=_code_subject(claim))


def queue_claim_tried(line: Line, *, now: datetime) -> None:
    """Tell the owner that somebody tried to add the line to another account; once a day."""
    if line.customer is not None:
        day = now.astimezone(line.brand.zone).date().isoformat()
        _tell(
            line.customer,
            line,
            "line_claim_tried",
            key=f"line-claim-tried:{line.pk}:{line.customer_id}:{day}",
            sms_to=_own_phone(line.customer) or line.msisdn,
        )


def queue_line_claimed(claim: LineClaim) -> None:
    """Tell the new owner by mail, and the line itself by SMS: its user must know of the account."""
    line = claim.line
    _tell(
        claim.claimant,
        line,
        "line_claimed",
        key=f"line-claimed:{claim.pk}",
        sms_to=line.msisdn,
    )


def queue_line_moved(claim: LineClaim, *, old_owner: User) -> None:
    """Tell who had the line until now; never at the number that has just moved."""
    line, phone = claim.line, _own_phone(old_owner)
    _tell(
        old_owner,
        line,
        "line_moved",
        key=f"line-moved:{claim.pk}",
        # A mail is enough; a number of their own helps only who has proved no address.
        sms_to="" if _own_email(old_owner) or phone == line.msisdn else phone,
    )


def _tell(reader: User, line: Line, template: str, *, key: str, sms_to: str) -> None:
    for channel, address in {"email": _own_email(reader), "sms": sms_to}.items():
        if address:
            queue_message(
                channel=channel,
                address=address,
                language=reader.language,
                template=template,
                context=_context(line, reader.language),
                dedupe_key=f"{key}:{channel}",
                demo=line.is_demo,
            )


def _own_phone(user: User) -> str:
    """The number this customer has proved, or ""."""
    return user.phone if user.phone and user.phone_verified_at else ""


def _own_email(user: User) -> str:
    """The main address if it is proved: another might belong to somebody else."""
    proved = EmailAddress.objects.filter(user=user, email=user.email or "", verified=True)
    return user.email if user.email and proved.exists() else ""


def _context(line: Line, language: str) -> dict[str, Any]:
    brand = line.brand
    with translation.override(language):
        name = brand.name
    return {
        "brand": name,
        "msisdn": line.msisdn,
        "line_url": urljoin(settings.SITE_URL, reverse("billing:line", args=[line.public_id])),
        "brand_url": urljoin(settings.SITE_URL, reverse("plans:brand", args=[brand.slug])),
        # There is no other mode.
        "test_mode": True,
    }


def _code_subject(claim: LineClaim) -> str:
    return f"line-claim-code:{claim.line_id}:{claim.claimant_id}"
