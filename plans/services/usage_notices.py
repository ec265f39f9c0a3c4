"""Tells the owner of a line how much of an allowance is used."""

from datetime import datetime
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from messaging.models import Message
from messaging.services.outbox import queue_message, withdraw
from plans.models import Allowance, Bucket, Line
from plans.presenters import amount_text
from plans.reminders import after_quiet_hours
from plans.terms import after_limit_text


def queue_usage_threshold(*, bucket: Bucket, percent: int, now: datetime) -> int:
    """Queue the news that `percent` of a bucket are used, once per channel; return how many.

    Goes where the owner wants to be reminded, by a proved e-mail address only, and between 08:00
    and 22:00 local. News of the same bucket that still waits is overtaken and taken back.
    """
    line = bucket.period.line
    if line.customer is None:
        return 0
    subject = f"usage:{line.public_id}:{bucket.pk}"
    withdraw(subject=subject)
    addresses = _addresses(line, line.customer)
    for channel, address in addresses.items():
        queue_message(
            channel=channel,
            address=address,
            language=line.customer.language,
            template="usage_threshold",
            context=_context(bucket, percent, line.customer.language),
            dedupe_key=f"usage:{bucket.pk}:{percent}:{channel}",
            subject=subject,
            demo=line.is_demo or line.customer.is_demo,
            not_before=after_quiet_hours(now, line.brand.zone),
        )
    return len(addresses)


def _addresses(line: Line, owner: User) -> dict[str, str]:
    addresses = {}
    proved = EmailAddress.objects.filter(user=owner, email__iexact=owner.email or "", verified=True)
    if line.remind_by_email and owner.email and proved.exists():
        addresses[Message.Channel.EMAIL.value] = owner.email
    if line.remind_by_sms:
        addresses[Message.Channel.SMS.value] = line.msisdn
    return addresses


def _context(bucket: Bucket, percent: int, language: str) -> dict[str, object]:
    period = bucket.period
    line = period.line
    line_url = urljoin(settings.SITE_URL, reverse("billing:line", args=[line.public_id]))
    is_data = bucket.kind == Allowance.Kind.DATA
    with translation.override(language):
        names = {
            "brand": line.brand.name,
            "plan": period.version.name,
            "left": amount_text(bucket.kind, bucket.left),
            # What happens then is a term of the plan's data.
            "after_limit": after_limit_text(period.version) if is_data else "",
        }
    return names | {
        "kind": bucket.kind,
        "percent": percent,
        "msisdn": line.msisdn,
        "measured_at": bucket.measured_at and bucket.measured_at.isoformat(),
        "end_at": bucket.valid_until.isoformat(),
        "time_zone": line.brand.time_zone,
        "line_url": line_url,
        "unsubscribe_url": line_url,
        # There is no other mode.
        "test_mode": True,
    }
