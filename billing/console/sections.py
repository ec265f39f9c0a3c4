"""Tables of orders, payments and messages, the same on every page of the console."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from billing.console.states import (
    EVENT_TONES,
    ORDER_TONES,
    PAYMENT_TONES,
    REFUND_TONES,
    reason_words,
)
from billing.declines import decline_sentence
from billing.models import LedgerEntry, Order, OrderLine, Payment, Refund, StripeEvent
from messaging.console import (
    MESSAGE_TONES,
    Cell,
    Section,
    cells,
    clock,
    joined,
    label,
    link,
    page_of,
    zone_note,
)
from messaging.formats import money_exact, msisdn
from messaging.models import Message
from plans.console import CLAIM_TONES, LINE_TONES
from plans.models import Line, LineClaim

NOTHING_FOUND = gettext_lazy("Nothing found.")


def lines_section(lines: Iterable[Line]) -> Section:
    """Lines with their customer, state and validity; each in the zone of its brand."""
    return Section(
        gettext_lazy("Lines"),
        [
            _("number"),
            _("brand"),
            _("customer"),
            _("state"),
            _("valid until"),
            _("balance"),
            "ICCID / EID",
        ],
        [
            cells(
                Cell(msisdn(line.msisdn), href=page_of(line)),
                str(line.brand),
                link(line.customer),
                blocked() if line.is_blocked else label(line, LINE_TONES),
                clock(line.valid_until),
                money_exact(line.balance_minor, line.brand.currency),
                line.iccid or line.eid,
            )
            for line in lines
        ],
        note=_("Times in UTC."),
    )


def blocked() -> Cell:
    """The label of a blocked line, which counts for more than its state."""
    return Cell(_("Blocked"), tone="danger")


def customers_section(customers: Iterable[User]) -> Section:
    """Customers with how they are reached."""
    return Section(
        gettext_lazy("Customers"),
        [_("name"), _("e-mail address"), _("phone number"), _("active"), _("identity verified at")],
        [
            cells(
                Cell(user.name or str(user), href=page_of(user)),
                user.email,
                _phone(user),
                _("Yes") if user.is_active else _("No"),
                clock(user.identity_verified_at),
            )
            for user in customers
        ],
        note=_("Times in UTC."),
    )


def _phone(user: User) -> str:
    if not user.phone:
        return ""
    return msisdn(user.phone) if user.phone_verified_at else f"{user.phone} ({_('not verified')})"


def orders_section(orders: Iterable[Order], zone: tzinfo = UTC) -> Section:
    """Orders with plan, price, state and how they were paid; needs payments and lines read."""
    return Section(
        gettext_lazy("Orders"),
        [
            _("order"),
            _("number"),
            _("customer"),
            _("plan"),
            _("total"),
            _("state"),
            _("paid with"),
            _("created at"),
            _("paid at"),
            _("effective at"),
        ],
        [
            cells(
                link(order),
                Cell(msisdn(order.line.msisdn), href=page_of(order.line)),
                link(order.customer),
                joined(item.version.name for item in order.lines.all() if item.version),
                money_exact(order.total_minor, order.currency),
                label(order, ORDER_TONES),
                joined(card_words(one) for one in order.payments.all() if one.paid_at),
                clock(order.created_at, zone),
                clock(order.paid_at, zone),
                clock(order.effective_at, zone),
            )
            for order in orders
        ],
        note=zone_note(zone),
    )


def card_words(payment: Payment) -> str:
    """Return how a payment was or will be made: bank card, and which one once it is known."""
    card = f"{payment.card_brand.title()} {payment.card_last4}".strip()
    return joined((payment.get_method_display(), card))


def payments_section(payments: Iterable[Payment], zone: tzinfo = UTC) -> Section:
    """Payments with what Stripe calls them and why the last try failed."""
    return Section(
        gettext_lazy("Payment attempts"),
        [
            _("order"),
            _("amount"),
            _("method"),
            _("state"),
            _("paid at"),
            _("last refusal"),
            _("payment at Stripe"),
            _("session at Stripe"),
        ],
        [
            cells(
                link(payment.order),
                Cell(money_exact(payment.amount_minor, payment.currency), href=page_of(payment)),
                card_words(payment),
                label(payment, PAYMENT_TONES),
                clock(payment.paid_at, zone),
                decline_sentence(payment.failure_code) if payment.failure_code else "",
                payment.stripe_payment_intent_id,
                payment.stripe_session_id,
            )
            for payment in payments
        ],
        note=zone_note(zone),
    )


def refunds_section(refunds: Iterable[Refund], zone: tzinfo = UTC) -> Section:
    """Money that goes back, and whether it arrived."""
    return Section(
        gettext_lazy("Refunds"),
        [
            _("order"),
            _("amount"),
            _("reason"),
            _("state"),
            _("created at"),
            _("sent at"),
            _("error"),
            _("refund at Stripe"),
        ],
        [
            cells(
                link(refund.payment.order),
                Cell(money_exact(refund.amount_minor, refund.currency), href=page_of(refund)),
                refund.get_reason_display(),
                label(refund, REFUND_TONES),
                clock(refund.created_at, zone),
                clock(refund.succeeded_at, zone),
                refund.error,
                refund.stripe_refund_id,
            )
            for refund in refunds
        ],
        note=zone_note(zone),
    )


def messages_section(messages: Iterable[Message], zone: tzinfo = UTC) -> Section:
    """Mails and texts: to whom, about what, and whether they left."""
    return Section(
        gettext_lazy("Messages"),
        [
            _("created at"),
            _("channel"),
            _("recipient"),
            _("template"),
            _("state"),
            _("sent at"),
            _("attempts"),
            _("error"),
        ],
        [
            cells(
                Cell(clock(message.created_at, zone), href=page_of(message)),
                message.get_channel_display(),
                message.address,
                message.template,
                label(message, MESSAGE_TONES),
                clock(message.sent_at, zone),
                message.attempts,
                message.error,
            )
            for message in messages
        ],
        note=zone_note(zone),
    )


def events_section(events: Iterable[StripeEvent], zone: tzinfo = UTC) -> Section:
    """What Stripe told, and what became of it."""
    return Section(
        gettext_lazy("Stripe events"),
        [
            _("event"),
            _("type"),
            _("state"),
            _("at Stripe"),
            _("received at"),
            _("came by"),
            _("error"),
        ],
        [
            cells(
                link(event, event.event_id),
                event.type,
                label(event, EVENT_TONES),
                clock(event.created_at, zone),
                clock(event.received_at, zone),
                event.get_source_display(),
                event.error or event.refusal,
            )
            for event in events
        ],
        note=zone_note(zone),
    )


def entries_section(entries: Iterable[LedgerEntry], zone: tzinfo = UTC) -> Section:
    """Where the money is: each transfer from one account to another."""
    return Section(
        gettext_lazy("Ledger entries"),
        [
            _("created at"),
            _("entry"),
            _("debit account"),
            _("credit account"),
            _("amount"),
            _("order"),
        ],
        [
            cells(
                clock(entry.created_at, zone),
                link(entry),
                link(entry.debit),
                link(entry.credit),
                money_exact(entry.amount_minor, entry.currency),
                link(entry.order),
            )
            for entry in entries
        ],
        note=zone_note(zone),
    )


def items_section(items: Iterable[OrderLine]) -> Section:
    """What was ordered at which price."""
    rows = []
    for item in items:
        currency = item.order.currency
        rows.append(
            cells(
                item.get_kind_display(),
                link(item.version, item.version.name) if item.version else None,
                item.get_mode_display(),
                money_exact(item.amount_minor, currency),
                money_exact(item.tax_minor, currency),
            )
        )
    heads = [_("kind"), _("plan"), _("how it starts"), _("amount"), _("tax in it")]
    return Section(gettext_lazy("What was ordered"), heads, rows)


def claims_section(claims: Iterable[LineClaim], zone: tzinfo = UTC) -> Section:
    """Who tried to add the line to an account, and whether it was proved."""
    return Section(
        gettext_lazy("Claims"),
        [
            _("created at"),
            _("line"),
            _("customer"),
            _("method"),
            _("state"),
            _("wrong codes"),
            _("reason"),
        ],
        [
            cells(
                clock(claim.created_at, zone),
                Cell(msisdn(claim.line.msisdn), href=page_of(claim.line)),
                link(claim.claimant),
                claim.get_method_display(),
                label(claim, CLAIM_TONES),
                claim.wrong_codes,
                reason_words(claim.reason),
            )
            for claim in claims
        ],
        note=zone_note(zone),
    )
