"""The story of an order as steps: what has happened, what is under way, what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.declines import decline_sentence
from billing.models import Order, OrderEvent, Payment
from billing.selectors.orders import OrderStory
from messaging.formats import day_time, last_day, money, until

State = Order.State
Event = OrderEvent.Kind

# Poll every 2 s for about half a minute, then every 5 s, then no more: (polls below, seconds).
POLLING = ((15, 2), (40, 5))

CLOSED = frozenset({State.EXPIRED.value, State.CANCELLED.value})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `mark` is done, now (under way), stop (ended here) or todo."""

    key: str
    title: str
    mark: str
    at: datetime | None = None
    words: tuple[str, ...] = ()


def poll_seconds(order: Order, polls: int) -> int | None:
    """Seconds until the page should ask again after `polls` times, None when it should not."""
    if order.is_final:
        return None
    return next((seconds for below, seconds in POLLING if polls < below), None)


def steps(story: OrderStory, *, now: datetime) -> list[Step]:
    """The timeline of an order, in the order of things."""
    return [
        _ordered(story),
        _paid(story),
        *_outcome(story, now=now),
        *_refund(story),
    ]


def explanation(story: OrderStory) -> str:
    """What the state means, in one or two sentences; `billing.selectors.outlook` says what
    comes next."""
    order, zone = story.order, story.line.brand.zone
    if story.event(Event.NETWORK_REFUSED) and order.state == State.APPLIED:
        return _(
            "Your payment has arrived and your days are safe. The network has not taken the"
            " order, so a person is looking at it. Please do not pay again."
        )
    if order.state == State.REFUNDED and order.applied_at:
        return _("The renewal was taken back, and your money goes back the way it came.")
    return {
        State.AWAITING_PAYMENT.value: _("The order is kept for you until %(time)s.")
        % {"time": day_time(order.expires_at, zone)},
        State.PAID.value: _("Your payment has arrived and is being booked."),
        State.APPLIED.value: _("Your payment has arrived and the plan is booked on the line."),
        State.EFFECTIVE.value: _("The network has confirmed it. Your plan lasts until %(day)s.")
        % {"day": last_day(story.ends_at, zone)},
        State.CREDITED.value: _(
            "The line could not take the plan any more, so the money stands on its balance."
        ),
        State.REFUNDED.value: _(
            "The line could not take the plan any more, so your money goes back the way it came."
        ),
        State.EXPIRED.value: _("It was not paid in time. Nothing was charged."),
        State.CANCELLED.value: _("The order was cancelled. Nothing was charged."),
        State.IN_REVIEW.value: _(
            "Something about the payment does not fit, so a person checks it before anything"
            " happens."
        ),
    }[order.state]


def method_text(payment: Payment | None) -> str:
    """How it was or will be paid: Visa ending 4242, Bank card."""
    if payment is None:
        return ""
    if payment.card_last4:
        return _("%(brand)s card ending %(digits)s") % {
            "brand": payment.card_brand.title(),
            "digits": payment.card_last4,
        }
    return str(payment.get_method_display())


def declined_words(story: OrderStory) -> str:
    """Why the last try to pay was refused, while the order can still be paid; else empty."""
    failed = story.event(Event.PAYMENT_FAILED)
    if failed is None or not story.order.is_payable:
        return ""
    return decline_sentence(str(failed.detail.get("code", "")))


def _ordered(story: OrderStory) -> Step:
    words = (_("By the link of a reminder"),) if story.order.link_token else ()
    return Step("ordered", _("Ordered"), "done", story.order.created_at, words)


def _paid(story: OrderStory) -> Step:
    order, title = story.order, _("Paid")
    if order.paid_at:
        words = [method_text(story.payment)]
        if story.event(Event.LATE_PAYMENT):
            words.append(_("The payment arrived after the order had closed; it counts."))
        return Step("paid", title, "done", order.paid_at, tuple(filter(None, words)))
    if order.state in CLOSED:
        kind = Event.EXPIRED if order.state == State.EXPIRED else Event.CANCELLED
        closed = story.event(kind)
        return Step("paid", str(story.words.word), "stop", closed.at if closed else None)
    if order.state == State.IN_REVIEW:
        review = story.event(Event.IN_REVIEW)
        return Step("paid", _("Being checked by us"), "now", review.at if review else None)
    return Step("paid", title, "now", None, (_("Waiting for your payment"),))


def _outcome(story: OrderStory, *, now: datetime) -> Iterator[Step]:
    order, zone = story.order, story.line.brand.zone
    if order.state == State.CREDITED:
        amount = money(order.total_minor, order.currency)
        credited = story.event(Event.CREDITED)
        yield Step(
            "credited",
            _("Credited to your balance"),
            "done",
            credited.at if credited else None,
            (_("%(amount)s added") % {"amount": amount},),
        )
        return
    if order.state in {*CLOSED, State.IN_REVIEW} or (
        order.state == State.REFUNDED and not order.applied_at
    ):
        return
    applied = _("Booked on your line")
    if not order.applied_at:
        yield Step("applied", applied, "now" if order.state == State.PAID else "todo")
        yield Step("effective", _("Confirmed by the network"), "todo")
        return
    lasts = _("Lasts until %(time)s") % {"time": until(story.ends_at, zone)}
    yield Step("applied", applied, "done", order.applied_at, (lasts,))
    yield _effective(story, now=now)


def _effective(story: OrderStory, *, now: datetime) -> Step:
    order, title = story.order, _("Confirmed by the network")
    if order.effective_at:
        return Step("effective", title, "done", order.effective_at)
    if order.state == State.REFUNDED:
        return Step("effective", title, "stop")
    refused = story.event(Event.NETWORK_REFUSED)
    if refused:
        words = (_("The network has not taken the order; we are looking at it."),)
        return Step("effective", title, "stop", refused.at, words)
    return Step("effective", title, "now", None, tuple(_network_words(story, now=now)))


def _network_words(story: OrderStory, *, now: datetime) -> Iterator[str]:
    yield _("Waiting for the network")
    renewal = story.renewal
    next_try = renewal.service_order.next_try_at if renewal else None
    if next_try and next_try > now:
        local = next_try.astimezone(story.line.brand.zone)
        yield _("Next try at %(time)s, then again until it answers") % {"time": f"{local:%H:%M:%S}"}


def _refund(story: OrderStory) -> Iterator[Step]:
    started, ended = story.event(Event.REFUND_STARTED), story.refunded
    if started is None:
        return
    why = next(
        (one for one in story.refunds if str(one.public_id) == started.detail.get("refund")), None
    )
    words = (str(why.get_reason_display()),) if why else ()
    yield Step("refund_started", _("Refund started"), "done", started.at, words)
    failed = story.event(Event.REFUND_FAILED)
    if ended:
        yield Step("refunded", _("Refund sent to your bank"), "done", ended.at)
    elif failed:
        words = (_("Your bank has not taken it; a person is looking for another way."),)
        yield Step("refunded", _("Refund sent to your bank"), "stop", failed.at, words)
    else:
        yield Step("refunded", _("Refund sent to your bank"), "now")
