"""What happens next with an order, and by when: the sentence below every state (F37)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Order, OrderEvent
from billing.selectors.orders import OrderStory
from messaging.formats import day, day_time, last_day

State = Order.State
Event = OrderEvent.Kind

# A person answers within this time by the wall (DESIGN.md section 2).
ANSWERED_WITHIN = timedelta(hours=24)
# Banks book a refund within ten working days, which are never more than two weeks.
BOOKED_WITHIN = timedelta(days=14)


# What holds whenever and for whatever line.
SENTENCES = {
    State.AWAITING_PAYMENT: _(
        "Once you have paid, the plan is booked at once. Unpaid, the order closes by itself."
    ),
    State.PAID: _(
        "It is booked within a minute. What cannot be booked is never lost: it goes back."
    ),
    State.CREDITED: _(
        "The balance stays with the number. If you want the money back instead, write to customer"
        " service."
    ),
    State.EXPIRED: _("Should a payment still arrive, it counts, or it goes back to you by itself."),
    State.CANCELLED: _(
        "Should a payment still arrive, it counts, or it goes back to you by itself."
    ),
}


def what_next(story: OrderStory, *, now: datetime) -> str:
    """What happens next and by when, whatever the state; times in the zone of the brand."""
    state = Order.State(story.order.state)
    if state in SENTENCES:
        return str(SENTENCES[state])
    return {
        State.APPLIED: _applied,
        State.EFFECTIVE: _effective,
        State.REFUNDED: _refunded,
        State.IN_REVIEW: _in_review,
    }[state](story, now)


def _applied(story: OrderStory, now: datetime) -> str:
    refused = story.event(Event.NETWORK_REFUSED)
    if refused is not None:
        return _by_a_person(story, since=refused.at, now=now)
    hours = story.line.brand.hanging_refund_hours
    due_at = (story.order.applied_at or now) + timedelta(hours=hours)
    if due_at <= now:
        return _late(story, due_at)
    return gettext(
        "The network usually confirms within minutes, and we ask until it does. If it has not by"
        " %(time)s, you can have your money back. You do not need to do anything."
    ) % {"time": _time(story, due_at)}


def _effective(story: OrderStory, now: datetime) -> str:
    zone = story.line.brand.zone
    if story.starts_at > now:
        return gettext("The plan starts by itself on %(day)s; there is nothing more to do.") % {
            "day": day(story.starts_at, zone, now=now)
        }
    return gettext("There is nothing more to do.")


def _refunded(story: OrderStory, now: datetime) -> str:
    zone = story.line.brand.zone
    failed, sent = story.event(Event.REFUND_FAILED), story.refunded
    if sent is None and failed is not None:
        return _by_a_person(story, since=failed.at, now=now)
    if sent is None:
        return gettext(
            "The refund is under way to your bank, which books it within ten working days."
        )
    if sent.at + BOOKED_WITHIN <= now:
        return gettext("There is nothing more to do.")
    return gettext("Your bank books it within ten working days, so by %(day)s.") % {
        "day": last_day(sent.at + BOOKED_WITHIN, zone, now=now)
    }


def _in_review(story: OrderStory, now: datetime) -> str:
    review = story.event(Event.IN_REVIEW)
    since = review.at if review else story.order.created_at
    return " ".join(
        [gettext("Please do not pay again."), _by_a_person(story, since=since, now=now)]
    )


def _by_a_person(story: OrderStory, *, since: datetime, now: datetime) -> str:
    due_at = since + ANSWERED_WITHIN
    if due_at <= now:
        return _late(story, due_at)
    return gettext(
        "A person decides and a message tells you the result, by %(time)s at the latest."
    ) % {"time": _time(story, due_at)}


def _late(story: OrderStory, due_at: datetime) -> str:
    return gettext(
        "It should have been done by %(time)s. We are sorry; please write to customer service and"
        " name the order number."
    ) % {"time": _time(story, due_at)}


def _time(story: OrderStory, moment: datetime) -> str:
    return day_time(moment, story.line.brand.zone)
