"""One attempt to charge a payment intent: paid, declined, or the bank asks the customer."""

from billing.sandbox import charges, events, payment_methods
from billing.sandbox.cards import NOT_AUTHENTICATED, Decline, Outcome
from billing.sandbox.store import Json
from billing.sandbox.world import DeclinedError, World


def attempt(
    world: World, intent: Json, method: Json, outcome: Outcome, *, return_url: str | None = None
) -> Json:
    """Try a card on an intent; the stored intent comes back in its new state."""
    intent = intent | {"payment_method": method["id"]}
    if outcome is Outcome.CHALLENGE:
        return _ask_customer(world, intent, return_url)
    if outcome is Outcome.DECLINED:
        decline = payment_methods.card_behind(world, method["id"]).decline
        if decline is None:
            raise ValueError(f"no reason to decline {method['id']}")
        return fail(world, intent, method, decline)
    return succeed(world, intent, method)


def answer_challenge(world: World, intent: Json, *, approved: bool) -> Json:
    """The customer has answered the bank's question."""
    method = world.read("payment_method", intent["payment_method"])
    if not approved:
        return fail(world, intent, method, NOT_AUTHENTICATED)
    if saves_card(intent):
        payment_methods.remember_challenge(world, method["id"])
    return succeed(world, intent, method, challenged=True)


def succeed(world: World, intent: Json, method: Json, *, challenged: bool = False) -> Json:
    """Money in: charge, balance movement, and the card saved if that was asked for."""
    charge = charges.add(world, intent, method, challenged=challenged)
    intent = world.save(
        intent
        | {
            "amount_received": intent["amount"],
            "last_payment_error": None,
            "latest_charge": charge["id"],
            "next_action": None,
            "status": "succeeded",
        }
    )
    if intent["customer"] is not None and saves_card(intent):
        payment_methods.bind(world, method, intent["customer"], redisplay="limited")
    events.record(world, "charge.succeeded", charge)
    events.record(world, "payment_intent.succeeded", intent)
    return intent


def fail(world: World, intent: Json, method: Json, decline: Decline) -> Json:
    """The card said no: the intent waits for another one."""
    charge = charges.add(world, intent, method, decline=decline)
    error = {
        "advice_code": decline.advice_code,
        "charge": charge["id"],
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
    }
    intent = world.save(
        intent
        | {
            "last_payment_error": {name: part for name, part in error.items() if part},
            "latest_charge": charge["id"],
            "next_action": None,
            "payment_method": None,
            "status": "requires_payment_method",
        }
    )
    events.record(world, "payment_intent.payment_failed", intent)
    return intent


def refusal(intent: Json) -> DeclinedError:
    """The 402 for an intent that has just failed, with everything Stripe tells about it."""
    error = intent["last_payment_error"]
    told = ("advice_code", "charge", "decline_code", "payment_method")
    details = {name: error[name] for name in told if name in error}
    return DeclinedError(
        error["message"],
        status=402,
        kind="card_error",
        code=error["code"],
        details=details | {"payment_intent": intent},
    )


def saves_card(intent: Json) -> bool:
    """True when the card is to be charged later without the customer."""
    options = (intent["payment_method_options"] or {}).get("card") or {}
    return "off_session" in (intent["setup_future_usage"], options.get("setup_future_usage"))


def _ask_customer(world: World, intent: Json, return_url: str | None) -> Json:
    url = f"{world.public_url}/3ds/{intent['id']}"
    action = {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return world.save(intent | {"next_action": action, "status": "requires_action"})
