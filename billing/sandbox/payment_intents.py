"""`/v1/payment_intents`: charging a card through the API, with or without the customer."""

from billing.sandbox import charging, events, names, payment_methods
from billing.sandbox.cards import Outcome
from billing.sandbox.errors import ApiError, unexpected_state
from billing.sandbox.money import CURRENCIES, MAX_AMOUNT, METHODS, offer, written
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

USAGES = ("off_session", "on_session")
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
OPEN_STATES = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(world: World, fields: Fields) -> Json:
    """A new intent; with `confirm` it is charged in the same call."""
    fields.allow(names.INTENT_CREATE)
    intent = _requested(world, fields)
    confirm_now = fields.flag("confirm") or False
    absent = is_off_session(fields)
    if absent and not confirm_now:
        message = "You cannot provide `off_session` unless you also `confirm` the PaymentIntent."
        raise ApiError(message, param="off_session")
    method_id = fields.text("payment_method")
    if method_id is not None:
        method = payment_methods.usable(world, method_id, intent["customer"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    world.save(intent)
    return _confirm(world, intent, fields, absent=absent) if confirm_now else intent


def get(world: World, fields: Fields, intent_id: str) -> Json:
    """One payment intent."""
    fields.allow({"client_secret"})
    return world.read("payment_intent", intent_id)


def confirm(world: World, fields: Fields, intent_id: str) -> Json:
    """Charge an intent that was created before."""
    fields.allow(names.INTENT_CONFIRM)
    intent = world.read("payment_intent", intent_id)
    if intent["status"] not in OPEN_STATES:
        state = intent["status"]
        raise unexpected_state(
            f"This PaymentIntent's status is {state}; it cannot be confirmed any more."
        )
    method_id = fields.text("payment_method")
    if method_id is not None:
        method = payment_methods.usable(world, method_id, intent["customer"])
        intent |= {"payment_method": method["id"]}
    usage = fields.choice("setup_future_usage", USAGES)
    if usage is not None:
        intent |= {"setup_future_usage": usage}
    return _confirm(world, intent, fields, absent=is_off_session(fields))


def cancel(world: World, fields: Fields, intent_id: str) -> Json:
    """Give an intent up; one that belongs to a checkout session ends with its session."""
    fields.allow(names.INTENT_CANCEL)
    reason = fields.choice("cancellation_reason", REASONS)
    intent = world.read("payment_intent", intent_id)
    if intent["status"] not in OPEN_STATES:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        )
    if world.store.get("session_of_intent", intent_id) is not None:
        message = "This PaymentIntent was made by a Checkout Session: expire the session instead."
        raise ApiError(message)
    return abandon(world, intent, reason)


def abandon(world: World, intent: Json, reason: str | None) -> Json:
    """The intent will never be charged."""
    changed = {"canceled_at": world.now(), "cancellation_reason": reason, "status": "canceled"}
    intent = world.save(intent | changed | {"next_action": None})
    events.record(world, "payment_intent.canceled", intent)
    return intent


def _requested(world: World, fields: Fields) -> Json:
    amount = fields.whole("amount", low=1, high=10**12)
    if amount is None:
        raise fields.lacks("amount")
    currency = fields.needed("currency").lower()
    check_amount(amount, currency, param="amount")
    allowed = fields.texts("allowed_payment_method_types")
    methods = methods_for(currency, allowed, fields.texts("excluded_payment_method_types"))
    customer_id = fields.text("customer")
    if customer_id is not None:
        world.read("customer", customer_id, param="customer", status=400)
    if fields.choice("capture_method", ("automatic", "automatic_async", "manual")) == "manual":
        raise ApiError("This stand-in captures at once only.", param="capture_method")
    card = fields.inside("payment_method_options").inside("card")
    return new(
        world,
        amount,
        currency,
        {
            "allowed_payment_method_types": allowed or None,
            "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
            "customer": customer_id,
            "description": fields.text("description"),
            "metadata": fields.metadata(),
            "payment_method_options": card_options(card.choice("setup_future_usage", USAGES)),
            "payment_method_types": methods,
            "receipt_email": fields.text("receipt_email"),
            "setup_future_usage": fields.choice("setup_future_usage", USAGES),
            "statement_descriptor": fields.text("statement_descriptor", limit=22),
            "statement_descriptor_suffix": fields.text("statement_descriptor_suffix", limit=22),
        },
    )


def new(world: World, amount: int, currency: str, known: Json) -> Json:
    """An intent that waits for a card; not stored yet."""
    intent_id = new_id("pi")
    intent: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": card_options(None),
        "payment_method_types": ["card"],
        "presentment_details": None,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    return intent | known


def card_options(usage: str | None) -> Json:
    """Per-method options; a usage on the card saves it without touching other methods."""
    card: Json = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    return {"card": card | ({"setup_future_usage": usage} if usage else {})}


def check_amount(amount: int, currency: str, *, param: str) -> None:
    """Refuse a currency outside the table and an amount outside its limits."""
    if currency not in CURRENCIES:
        message = f"Invalid currency: {currency[:10]}. {offer()}"
        raise ApiError(message, param=param.replace("amount", "currency"))
    least = CURRENCIES[currency].least
    if amount < least:
        message = f"Amount must be no less than {written(least, currency)}"
        raise ApiError(message, code="amount_too_small", param=param)
    if amount > MAX_AMOUNT:
        message = f"Amount must be no more than {written(MAX_AMOUNT, currency)}"
        raise ApiError(message, code="amount_too_large", param=param)


def methods_for(currency: str, allowed: list[str], excluded: list[str]) -> list[str]:
    """The methods that may be used: those of the currency, filtered by the caller's two lists.

    A method that the stand-in does not know at all is refused; one that only does not fit the
    currency falls out of the list, as it does at Stripe.
    """
    unknown = [method for method in allowed if method not in METHODS]
    if unknown:
        message = f"Payment methods not offered here: {', '.join(unknown)}. {offer()}"
        raise ApiError(message, param="allowed_payment_method_types")
    fitting = CURRENCIES[currency].methods
    wanted = allowed or ["card"]
    left = [method for method in wanted if method in fitting and method not in excluded]
    if not left:
        message = f"No valid payment method types for {currency}. {offer()}"
        raise ApiError(message, param="allowed_payment_method_types")
    return left


def is_off_session(fields: Fields) -> bool:
    """`off_session` is a flag or says what kind of absence it is."""
    words = ("true", "false", "one_off", "recurring")
    return fields.choice("off_session", words) not in {None, "false"}


def _confirm(world: World, intent: Json, fields: Fields, *, absent: bool) -> Json:
    method_id = intent["payment_method"]
    if method_id is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise unexpected_state(message)
    method = world.read("payment_method", method_id)
    card = payment_methods.card_behind(world, method_id)
    outcome = payment_methods.off_session_outcome(world, method_id) if absent else card.on_page
    if outcome is Outcome.CHALLENGE and fields.flag("error_on_requires_action"):
        outcome = Outcome.DECLINED
    return_url = fields.url("return_url")
    intent = charging.attempt(world, intent, method, outcome, return_url=return_url)
    if intent["last_payment_error"] is not None:
        raise charging.refusal(intent)
    return intent
