"""In which colour the console shows each state of money, and codes in words for staff."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.models import Order, Payment, Refund, StripeEvent
from messaging.console import BAD, GOOD, NEWS, OFF, WAIT

ORDER_TONES = {
    Order.State.AWAITING_PAYMENT.value: NEWS,
    Order.State.PAID.value: WAIT,
    Order.State.APPLIED.value: WAIT,
    Order.State.EFFECTIVE.value: GOOD,
    Order.State.CREDITED.value: GOOD,
    Order.State.REFUNDED.value: OFF,
    Order.State.EXPIRED.value: OFF,
    Order.State.CANCELLED.value: OFF,
    Order.State.IN_REVIEW.value: BAD,
}
PAYMENT_TONES = {
    Payment.State.CREATED.value: NEWS,
    Payment.State.PENDING.value: WAIT,
    Payment.State.PAID.value: GOOD,
    Payment.State.FAILED.value: BAD,
    Payment.State.EXPIRED.value: OFF,
    Payment.State.REFUNDING.value: WAIT,
    Payment.State.REFUNDED.value: OFF,
}
REFUND_TONES = {
    Refund.State.CREATED.value: WAIT,
    Refund.State.PENDING.value: WAIT,
    Refund.State.SUCCEEDED.value: GOOD,
    Refund.State.FAILED.value: BAD,
}
EVENT_TONES = {
    StripeEvent.State.DUE.value: WAIT,
    StripeEvent.State.DONE.value: GOOD,
    StripeEvent.State.IGNORED.value: OFF,
    StripeEvent.State.REFUSED.value: BAD,
}
# Codes of `settlement.mismatch` and of `plans.renewability`.
REASONS: dict[str, StrOrPromise] = {
    "live_mode": _("The payment was made in live mode."),
    "wrong_order": _("The payment names another order."),
    "wrong_mode": _("The session is not a single payment."),
    "wrong_currency": _("The payment is in another currency."),
    "wrong_amount": _("The amount paid is not the amount due."),
    "no_money": _("Stripe says paid, but there is no successful payment."),
    "pre_active": _("This line is not activated yet."),
    "quarantine": _("This number is on hold and can no longer be renewed."),
    "terminated": _("This line has been closed."),
    "blocked": _("This line is blocked."),
    "queue_full": _("As many periods are waiting for this line as the plan allows."),
    "too_far_ahead": _("This line is paid for too far ahead to be renewed now."),
    "period_over": _("This payment reached us after the period it paid for."),
}


def reason_words(code: str) -> str:
    """Return a stored reason in words with its code behind it; an unknown one as it came."""
    if code.startswith("unreadable_"):
        return f"{_('Stripe does not show the payment.')} ({code})"
    return f"{REASONS[code]} ({code})" if code in REASONS else code
