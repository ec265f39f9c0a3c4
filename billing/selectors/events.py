"""What happened on a line of late: its orders and the reminders that were sent, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from billing.models import Order
from billing.selectors.orders import STATE_WORDS
from messaging.models import Message
from plans.models import Line, PlanVersion, Reminder
from plans.models.brands import in_language
from plans.presenters import date_text

# Rows on the dashboard.
LATEST = 4
# By hand: Django takes longer to write this union out than the database takes to answer it. The
# last two columns are an order's card and mode, and the states of a reminder's two messages.
ROWS = """
SELECT orders.created_at, orders.number, orders.state, orders.total_minor, orders.currency,
    version.name_en, version.name_zh_hans,
    COALESCE((SELECT MAX(payment.card_last4) FROM billing_payment payment
        WHERE payment.order_id = orders.id AND payment.paid_at IS NOT NULL), ''),
    item.mode
FROM billing_order orders
JOIN billing_orderline item ON item.order_id = orders.id AND item.kind = 'plan'
JOIN plans_planversion version ON version.id = item.version_id
WHERE orders.line_id = %(line)s AND orders.customer_id = %(customer)s
UNION ALL
SELECT reminder.due_at, '', reminder.stage, NULL, '', '', '',
    COALESCE((SELECT message.state FROM messaging_message message WHERE message.dedupe_key =
        'reminder:' || reminder.period_id || ':' || reminder.stage || ':email'), ''),
    COALESCE((SELECT message.state FROM messaging_message message WHERE message.dedupe_key =
        'reminder:' || reminder.period_id || ':' || reminder.stage || ':sms'), '')
FROM plans_reminder reminder
WHERE reminder.line_id = %(line)s AND reminder.state = 'queued'
ORDER BY 1 DESC, 2 DESC
LIMIT %(most)s
"""
# Message states in which a reminder has left us, or lies in the demo's outbox.
TOLD = {Message.State.SENT.value, Message.State.KEPT.value}


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the list; an order has a number to be opened by, a reminder has none."""

    at: datetime
    # The same in words: today with its time, else the day.
    when: str
    title: str
    # More about it, each a short fact.
    facts: list[StrOrPromise]
    icon: str
    # ok, warn, bad or off.
    tone: str
    order_number: str = ""
    amount_minor: int | None = None
    currency: str = ""
    # What stands at the right where there is no sum.
    aside: str = ""


def latest_events(line: Line, customer: User, *, now: datetime) -> list[Event]:
    """The last orders of the customer for the line and the reminders sent for it; one query."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"line": line.pk, "customer": customer.pk, "most": LATEST})
        rows: list[_Row] = cursor.fetchall()
    zone = line.brand.zone
    return [
        _reminder_event(row, zone, now) if row[3] is None else _order_event(row, zone, now)
        for row in rows
    ]


type _Row = tuple[datetime | str, str, str, int | None, str, str, str, str, str]


def _moment(written: datetime | str) -> datetime:
    """A time as the cursor gives it: SQLite knows no zones, and writes UTC."""
    at = datetime.fromisoformat(written) if isinstance(written, str) else written
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _order_event(row: _Row, zone: ZoneInfo, now: datetime) -> Event:
    written, number, state, amount_minor, currency, en, zh, last4, mode = row
    at = _moment(written)
    words = STATE_WORDS[state]
    plan = in_language(zh, en)
    facts: list[StrOrPromise] = []
    if state == Order.State.EFFECTIVE:
        is_beside = mode == PlanVersion.EarlyRenewal.PARALLEL
        words_for = _("%(plan)s bought") if is_beside else _("%(plan)s renewed")
        title = words_for % {"plan": plan}
    else:
        title, facts = plan, [words.word]
    if last4:
        facts.append(_("card ending %(digits)s") % {"digits": last4})
    return Event(
        at=at,
        when=_when(at, zone, now),
        title=title,
        facts=facts,
        icon=words.icon,
        tone=words.tone,
        order_number=number,
        amount_minor=amount_minor,
        currency=currency,
    )


def _reminder_event(row: _Row, zone: ZoneInfo, now: datetime) -> Event:
    written, _number, stage, *_none, by_email, by_sms = row
    at = _moment(written)
    channels = [name for name, state in ((_("e-mail"), by_email), (_("SMS"), by_sms)) if state]
    states = {by_email, by_sms} - {""}
    is_told = bool(states & TOLD)
    return Event(
        at=at,
        when=_when(at, zone, now),
        title=_("Reminder sent") if is_told else _("Reminder"),
        facts=[" / ".join(channels)] if channels else [],
        icon="bell",
        tone="warn",
        aside=str(Reminder.Stage(stage).label),
    )


def _when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return _("today %(time)s") % {"time": f"{local:%H:%M}"}
    return date_text(at, zone, now=now)
