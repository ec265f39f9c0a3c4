"""The test cards, and what each does on the page and in an off-session charge."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

# What a visitor need not type: any future date and any code do.
DEFAULT_EXPIRY = (12, 2034)


class Outcome(Enum):
    """How an attempt to charge a card ends, or goes on."""

    PAID = "paid"
    DECLINED = "declined"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Decline:
    """The reason the bank gave: Stripe's error code, its decline code, and advice if any."""

    code: str
    decline_code: str
    message: str
    advice_code: str | None = None


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.", "try_again_later")
INSUFFICIENT = Decline(
    "card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later"
)
LOST = Decline("card_declined", "lost_card", "Your card was declined.", "do_not_try_again")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.", "do_not_try_again")
LIMIT = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its "
    "amount limit.",
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data")
WRONG_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "confirm_card_data",
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
)
NEEDS_CUSTOMER = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "authentication_not_handled",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
)


@dataclass(frozen=True, slots=True)
class Card:
    """One test number. `scenario` is what is kept of it; the number itself never is."""

    number: str
    scenario: str
    test_id: str
    brand: str = "visa"
    on_page: Outcome = Outcome.PAID
    off_session: Outcome = Outcome.PAID
    decline: Decline | None = None
    # A bank that is satisfied once it has seen the customer, and never asks again.
    trusts_after_challenge: bool = False

    @property
    def last4(self) -> str:
        """What people recognise a card by."""
        return self.number[-4:]

    @property
    def grouped(self) -> str:
        """The number in blocks of four."""
        return " ".join(re.findall("....", self.number))


def _declining(number: str, scenario: str, test_id: str, decline: Decline) -> Card:
    return Card(
        number,
        scenario,
        test_id,
        on_page=Outcome.DECLINED,
        off_session=Outcome.DECLINED,
        decline=decline,
    )


def _challenged(number: str, scenario: str, test_id: str, *, trusts: bool) -> Card:
    return Card(
        number,
        scenario,
        test_id,
        on_page=Outcome.CHALLENGE,
        off_session=Outcome.DECLINED,
        decline=NEEDS_CUSTOMER,
        trusts_after_challenge=trusts,
    )


# The order is the order of the list on the page.
CARDS = (
    Card("4242424242424242", "paid", "pm_card_visa"),
    Card("5555555555554444", "paid_mastercard", "pm_card_mastercard", brand="mastercard"),
    _declining("4000000000000002", "generic_decline", "pm_card_visa_chargeDeclined", GENERIC),
    _declining(
        "4000000000009995",
        "insufficient_funds",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        INSUFFICIENT,
    ),
    _challenged(
        "4000002500003155",
        "challenge_once",
        "pm_card_authenticationRequiredOnSetup",
        trusts=True,
    ),
    _challenged(
        "4000002760003184", "challenge_always", "pm_card_authenticationRequired", trusts=False
    ),
    # Can be saved, then fails each charge: the card that makes an auto-renewal fail.
    _declining("4000000000000341", "fails_when_charged", "pm_card_chargeCustomerFail", GENERIC),
    _declining("4000000000000069", "expired_card", "pm_card_chargeDeclinedExpiredCard", EXPIRED),
    _declining(
        "4000000000000127", "incorrect_cvc", "pm_card_chargeDeclinedIncorrectCvc", WRONG_CVC
    ),
    _declining(
        "4000000000000119",
        "processing_error",
        "pm_card_chargeDeclinedProcessingError",
        PROCESSING,
    ),
    _declining(
        "4000000000006975",
        "card_velocity_exceeded",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        LIMIT,
    ),
    _declining("4000000000009987", "lost_card", "pm_card_visa_chargeDeclinedLostCard", LOST),
    _declining("4000000000009979", "stolen_card", "pm_card_visa_chargeDeclinedStolenCard", STOLEN),
    Card("4000000000000259", "paid_then_disputed", "pm_card_createDispute"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_LAST4 = {card.last4: card for card in CARDS}
BY_SCENARIO = {card.scenario: card for card in CARDS}
BY_TEST_ID = {card.test_id: card for card in CARDS}


def find(typed: str) -> Card | None:
    """The test card that was typed, however it was spaced; None for every other number."""
    digits = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed))
    return BY_NUMBER.get(digits)


def expiry(typed: str, *, today: tuple[int, int]) -> tuple[int, int] | None:
    """Month and year from `12/34`, `12 / 2034` or `1234`; None when malformed or past.

    `today` is (year, month). Left empty it is a valid date, so that a test number is enough.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return DEFAULT_EXPIRY
    match = re.fullmatch(r"([0-9]{1,2})\s*[/\-.]?\s*([0-9]{2}|[0-9]{4})", text)
    if match is None:
        return None
    month, year = int(match[1]), int(match[2])
    year += 2000 if year < 100 else 0  # noqa: PLR2004 (two digits mean this century)
    if month not in range(1, 13) or (year, month) < today:
        return None
    return month, year


def is_cvc(typed: str) -> bool:
    """Three or four digits, or nothing (see `expiry`)."""
    return re.fullmatch(r"([0-9]{3,4})?", unicodedata.normalize("NFKC", typed).strip()) is not None
