"""Stripe's reasons for refusing a payment, in words a customer can act on."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ASK_BANK = _("The bank refused the payment without giving a reason. Try another card.")

# Codes of Stripe's documentation; several mean the same to the person who pays.
SENTENCES: dict[str, Promise] = {
    "generic_decline": ASK_BANK,
    "card_declined": ASK_BANK,
    "do_not_honor": ASK_BANK,
    "insufficient_funds": _("There is not enough money on the card. Try another card."),
    "withdrawal_count_limit_exceeded": _("The card is over its limit. Try another card."),
    "lost_card": ASK_BANK,
    "stolen_card": ASK_BANK,
    "expired_card": _("The card has expired. Try another card."),
    "incorrect_cvc": _("The security code on the back of the card was wrong. Try again."),
    "incorrect_number": _("The card number was wrong. Try again."),
    "processing_error": _("The bank could not process the payment. Try again in a minute."),
    "authentication_required": _("The bank asks you to confirm the payment. Try again."),
    "payment_intent_authentication_failure": _(
        "The payment was not confirmed with the bank. Try again, or use another card."
    ),
}


def decline_sentence(code: str) -> str:
    """The reason in the active language; unknown codes get the general sentence."""
    return str(SENTENCES.get(code, ASK_BANK))
