"""What the owner of a lapsed line is told: one message per stage and channel, or a reason why not."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from messaging.models import Message
from messaging.services.outbox import queue_batch, withdraw
from plans.lifecycle import StageDates, ladder_of, stage_dates
from plans.models import Line, LineNotice
from plans.reminders import after_quiet_hours
from plans.renewability import reactivation_fee_minor

# Notices of one transaction: their lines are locked, and on SQLite the whole database.
PAGE = 200
# What was found later than this would be no news.
LATEST = timedelta(days=7)
State, Stage = LineNotice.State, LineNotice.Stage
# States of the line in which each stage is still true.
TRUE_IN = {
    Stage.GRACE.value: (Line.State.GRACE,),
    Stage.SUSPENDED.value: (Line.State.SUSPENDED,),
    Stage.NUMBER_LOSS.value: (Line.State.GRACE, Line.State.SUSPENDED),
}

type Outcomes = dict[str, list[int]]
type Proved = frozenset[tuple[int, str]]


def queue_line_notices(*, now: datetime) -> Counter[str]:
    """Turn every due notice into its messages, page by page; return how many by new state."""
    outcomes = Counter[str]()
    due = LineNotice.objects.due(now).order_by("next_try_at", "pk")
    while pks := list(due.values_list("pk", flat=True)[:PAGE]):
        done = _tell_page(pks, now)
        if not done:
            # The rest belongs to lines that somebody else is working on.
            break
        outcomes += done
    return outcomes


def queue_line_notice(*, notice_id: int, now: datetime) -> bool:
    """Turn one due notice into its messages; False when there was nothing to do."""
    return bool(_tell_page([notice_id], now))


def withdraw_line_notices(*, line: Line) -> None:
    """Take back what waits about the lapse of a line that has been woken, under its lock."""
    waiting = LineNotice.objects.filter(line=line, state__in=[State.DUE, State.QUEUED])
    if withdraw(subject=_subject(line)) or waiting.filter(state=State.DUE).exists():
        told = Message.objects.filter(subject=_subject(line)).exclude(state=Message.State.WITHDRAWN)
        keys = set(told.values_list("dedupe_key", flat=True))
        gone = [one.pk for one in waiting if not keys & set(_keys(one).values())]
        LineNotice.objects.filter(pk__in=gone).update(state=State.WITHDRAWN)


def _tell_page(pks: list[int], now: datetime) -> Counter[str]:
    """Decide about these rows as far as they are still due; return how many by new state.

    The lines stay locked, so that a renewal is seen here or withdraws what is written here.
    """
    with transaction.atomic():
        free = LineNotice.objects.due(now).filter(pk__in=pks).select_related("line")
        locked = [one.pk for one in free.select_for_update(of=("self", "line"), skip_locked=True)]
        # Read again after the lock: what was committed while it was waited for must be seen.
        notices = list(
            LineNotice.objects.filter(pk__in=locked).select_related("line__brand", "line__customer")
        )
        messages, outcomes = _decide(notices, now)
        queue_batch(messages)
        done = Counter[str]()
        for reason, decided in outcomes.items():
            state = State.SKIPPED if reason else State.QUEUED
            due = LineNotice.objects.filter(pk__in=decided, state=State.DUE)
            done[state] += due.update(state=state, error=reason)
    return done


def _decide(notices: list[LineNotice], now: datetime) -> tuple[list[Message], Outcomes]:
    """The messages of these notices, and the notices by the reason for which they have none."""
    proved = _proved(notices)
    messages: list[Message] = []
    outcomes: Outcomes = defaultdict(list)
    for notice in notices:
        addresses = _addresses(notice, proved)
        reason = _why_not(notice, now) or ("" if addresses else "no address")
        outcomes[reason].append(notice.pk)
        if not reason:
            messages += _messages(notice, addresses, now)
    return messages, outcomes


def _proved(notices: list[LineNotice]) -> Proved:
    owners = [notice.line.customer_id for notice in notices]
    addresses = EmailAddress.objects.filter(user__in=owners, verified=True)
    return frozenset(
        (user, email.lower()) for user, email in addresses.values_list("user_id", "email")
    )


def _why_not(notice: LineNotice, now: datetime) -> str:
    """Why nobody is told, as a word for the record; "" when nothing speaks against it."""
    line = notice.line
    moment = after_quiet_hours(now, line.brand.zone)
    reasons = {
        "line without an owner": line.customer_id is None,
        "line blocked": line.is_blocked,
        "renewed": line.valid_until != notice.lapsed_at,
        f"line {line.state}": line.state not in TRUE_IN[notice.stage],
        "switched off": not (line.remind_by_email or line.remind_by_sms),
        "over": _dates(notice).quarantine_at <= moment,
        "missed": now - notice.due_at > LATEST,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _addresses(notice: LineNotice, proved: Proved) -> dict[str, str]:
    """Where the owner is reached, by channel: a line that is cut off gets no texts itself."""
    line, customer = notice.line, notice.line.customer
    addresses: dict[str, str] = {}
    if customer is None:
        return addresses
    email = customer.email or ""
    if line.remind_by_email and (customer.pk, email) in proved:
        addresses[Message.Channel.EMAIL.value] = email
    phone = line.msisdn if line.state == Line.State.GRACE else _other_phone(line, customer)
    if line.remind_by_sms and phone:
        addresses[Message.Channel.SMS.value] = phone
    return addresses


def _other_phone(line: Line, customer: User) -> str:
    is_other = customer.phone_verified_at is not None and customer.phone != line.msisdn
    return (customer.phone or "") if is_other else ""


def _messages(notice: LineNotice, addresses: dict[str, str], now: datetime) -> Iterable[Message]:
    line = notice.line
    assert line.customer is not None  # noqa: S101 (a line without an owner has been skipped)
    context = _context(notice, line.customer.language)
    keys = _keys(notice)
    for channel, address in addresses.items():
        yield Message(
            channel=channel,
            address=address,
            language=line.customer.language,
            template="line_stage",
            context=context,
            dedupe_key=keys[channel],
            subject=_subject(line),
            demo=line.is_demo or line.customer.is_demo,
            next_try_at=after_quiet_hours(now, line.brand.zone),
        )


def _context(notice: LineNotice, language: str) -> dict[str, Any]:
    line, dates = notice.line, _dates(notice)
    line_url = urljoin(settings.SITE_URL, reverse("billing:line", args=[line.public_id]))
    with translation.override(language):
        brand = line.brand.name
    return {
        "stage": notice.stage,
        "brand": brand,
        "msisdn": line.msisdn,
        # All exclusive: the last day is the one before.
        "lapsed_at": notice.lapsed_at.isoformat(),
        "suspended_at": dates.suspended_at.isoformat(),
        "number_lost_at": dates.quarantine_at.isoformat(),
        "money_lost_at": dates.terminated_at.isoformat(),
        "time_zone": line.brand.time_zone,
        "fee_minor": reactivation_fee_minor(line),
        "balance_minor": line.balance_minor,
        "currency": line.brand.currency,
        "line_url": line_url,
        # Where the reader may switch such messages off; mail programs show it as a button.
        "unsubscribe_url": line_url,
        # There is no other mode.
        "test_mode": True,
    }


def _dates(notice: LineNotice) -> StageDates:
    return stage_dates(valid_until=notice.lapsed_at, ladder=ladder_of(notice.line.brand))


def _subject(line: Line) -> str:
    return f"line-stage:{line.public_id}"


def _keys(notice: LineNotice) -> dict[str, str]:
    """The dedupe key of each channel's message."""
    return {
        channel: f"line-stage:{notice.pk}:{notice.stage}:{channel}"
        for channel in Message.Channel.values
    }
