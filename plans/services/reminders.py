"""What becomes of a reminder that is due: messages to the line's owner, or a reason why not."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from messaging.models import Message
from messaging.services.outbox import queue_batch, withdraw
from plans.models import Line, Period, Reminder
from plans.reminders import after_quiet_hours, latest_telling
from plans.renewal_links import renewal_token
from plans.services.reminder_scan import (
    MISSED,
    REMINDED_STATES,
    is_renewed,
    scan_reminders,
)

# Reminders of one transaction: its lines are locked, and on SQLite the whole database.
PAGE = 200
State = Reminder.State


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many stages were found, and how many of all that were due were queued or skipped."""

    found: int
    queued: int
    skipped: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides about a page of reminders beside their own rows, read at once for all."""

    now: datetime
    # Periods that have been renewed meanwhile.
    renewed: frozenset[int]
    # Pairs of customer and proved e-mail address.
    proved: frozenset[tuple[int, str]]


def send_reminders(*, now: datetime) -> Reminded:
    """Note every stage that is due and put its messages into the outbox; repeating changes nothing.

    What was missed is noted and not told; messages found between 22:00 and 08:00 local leave at
    08:00. Two processes at once tell each stage once per channel.
    """
    found = scan_reminders(now=now)
    outcomes = queue_due_reminders(now=now)
    return Reminded(found, outcomes[State.QUEUED], outcomes[State.SKIPPED])


def queue_due_reminders(*, now: datetime) -> Counter[str]:
    """Turn every due Reminder row into its messages, page by page; return how many by new state."""
    outcomes = Counter[str]()
    due = Reminder.objects.due(now).order_by("next_try_at", "pk")
    while pks := list(due.values_list("pk", flat=True)[:PAGE]):
        done = _queue_page(pks, now)
        if not done:
            # The rest belongs to lines that somebody else is working on.
            break
        outcomes += done
    return outcomes


def queue_reminder(*, reminder_id: int, now: datetime) -> bool:
    """Turn one due Reminder row into its messages; False when there was nothing to do."""
    return bool(_queue_page([reminder_id], now))


def withdraw_reminders(*, line: Line, period: Period) -> None:
    """Take back what waits about the end that the new `period` has moved away.

    Called in the transaction that grants the period, under the line's lock: the chain's reminders
    for a period of the chain, those of the same pack for a pack. What was told stays as it is.
    """
    waiting = Reminder.objects.filter(
        line=line, state__in=[State.DUE, State.QUEUED], period__is_parallel=period.is_parallel
    )
    if period.is_parallel:
        waiting = waiting.filter(period__version__plan=period.version.plan_id)
    rows = list(waiting.values_list("pk", "period_id", "stage", "state"))
    if not rows:
        return
    gone = [pk for pk, _, _, state in rows if state == State.DUE]
    if withdraw(subject=_subject(line, period)):
        keys = {
            pk: {_key(period_id, stage, channel) for channel in Message.Channel.values}
            for pk, period_id, stage, _ in rows
        }
        messages = Message.objects.filter(dedupe_key__in=set().union(*keys.values()))
        told = set(
            messages.exclude(state=Message.State.WITHDRAWN).values_list("dedupe_key", flat=True)
        )
        gone = [pk for pk, own in keys.items() if not own & told]
    if gone:
        Reminder.objects.filter(pk__in=gone).update(state=State.WITHDRAWN)


def _queue_page(pks: list[int], now: datetime) -> Counter[str]:
    """Decide about these rows as far as they are still due; return how many by new state.

    The lines stay locked, so that a renewal either is seen here or withdraws what is written here.
    """
    with transaction.atomic():
        free = Reminder.objects.due(now).filter(pk__in=pks).select_related("line")
        locked = free.select_for_update(of=("self", "line"), skip_locked=True)
        # Read again after the lock: what was committed while it was waited for must be seen.
        reminders = Reminder.objects.filter(
            pk__in=[reminder.pk for reminder in locked]
        ).select_related("line__brand", "line__customer", "period__version__plan")
        messages, outcomes = _decide(list(reminders), now)
        queue_batch(messages)
        done = Counter[str]()
        for reason, decided in outcomes.items():
            state = State.SKIPPED if reason else State.QUEUED
            due = Reminder.objects.filter(pk__in=decided, state=State.DUE)
            done[state] += due.update(state=state, error=reason)
    return done


def _decide(reminders: list[Reminder], now: datetime) -> tuple[list[Message], dict[str, list[int]]]:
    """The messages of these reminders, and the reminders by the reason for which they have none."""
    known = _read_known(reminders, now)
    messages: list[Message] = []
    outcomes: dict[str, list[int]] = defaultdict(list)
    for reminder in reminders:
        reminder.period.line = reminder.line
        addresses = _addresses(reminder.line, known)
        reason = _why_not(reminder, known) or ("" if addresses else "no address")
        outcomes[reason].append(reminder.pk)
        if not reason:
            messages += _messages(reminder, addresses, now)
    return messages, outcomes


def _read_known(reminders: list[Reminder], now: datetime) -> _Known:
    periods = Period.objects.filter(pk__in=[reminder.period_id for reminder in reminders])
    renewed = periods.filter(is_renewed())
    proved = EmailAddress.objects.filter(
        user__in=[reminder.line.customer_id for reminder in reminders], verified=True
    )
    return _Known(
        now=now,
        renewed=frozenset(renewed.values_list("pk", flat=True)),
        proved=frozenset(
            (user, email.lower()) for user, email in proved.values_list("user_id", "email")
        ),
    )


def _why_not(reminder: Reminder, known: _Known) -> str:
    """Why nobody is told, as a word for the record; "" when nothing speaks against it."""
    line, period, now = reminder.line, reminder.period, known.now
    zone = line.brand.zone
    latest = latest_telling(reminder.stage, end_at=period.end_at, zone=zone)
    reasons = {
        "line without an owner": line.customer_id is None,
        "line blocked": line.is_blocked,
        f"line {line.state}": line.state not in REMINDED_STATES,
        "period cancelled": period.state == Period.State.CANCELLED,
        "renewed": period.pk in known.renewed,
        "switched off": not (line.remind_by_email or line.remind_by_sms),
        "over": after_quiet_hours(now, zone) >= period.end_at,
        MISSED: latest is None or now > latest,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _addresses(line: Line, known: _Known) -> dict[str, str]:
    """Where the owner wants to be reminded, by channel; an e-mail address must be proved."""
    addresses = {}
    customer = line.customer
    email = (customer and customer.email) or ""
    if line.remind_by_email and customer and (customer.pk, email) in known.proved:
        addresses[Message.Channel.EMAIL.value] = email
    if line.remind_by_sms:
        addresses[Message.Channel.SMS.value] = line.msisdn
    return addresses


def _messages(reminder: Reminder, addresses: dict[str, str], now: datetime) -> Iterable[Message]:
    line = reminder.line
    assert line.customer is not None  # noqa: S101 (a line without an owner has been skipped)
    context = _context(reminder.period, line.customer.language)
    for channel, address in addresses.items():
        yield Message(
            channel=channel,
            address=address,
            language=line.customer.language,
            template="period_ending",
            context=context,
            dedupe_key=_key(reminder.period_id, reminder.stage, channel),
            subject=_subject(line, reminder.period),
            demo=line.is_demo or line.customer.is_demo,
            next_try_at=after_quiet_hours(now, line.brand.zone),
        )


def _context(period: Period, language: str) -> dict[str, Any]:
    line = period.line
    line_url = urljoin(settings.SITE_URL, reverse("billing:line", args=[line.public_id]))
    link = reverse("billing:renewal-link", args=[renewal_token(period)])
    with translation.override(language):
        brand, plan = line.brand.name, period.version.name
    return {
        "brand": brand,
        "plan": plan,
        "is_pack": period.is_parallel,
        "msisdn": line.msisdn,
        "end_at": period.end_at.isoformat(),
        "time_zone": line.brand.time_zone,
        "renew_url": urljoin(settings.SITE_URL, link),
        "line_url": line_url,
        # Where the reader may switch reminders off; mail programs show it as a button.
        "unsubscribe_url": line_url,
        # There is no other mode.
        "test_mode": True,
    }


def _subject(line: Line, period: Period) -> str:
    """What the messages are about: the line's plan, or one pack beside it."""
    pack = f":{period.version.plan_id}" if period.is_parallel else ""
    return f"reminder:{line.public_id}{pack}"


def _key(period_id: int, stage: str, channel: str) -> str:
    return f"reminder:{period_id}:{stage}:{channel}"
