"""`/v1/payment_methods`: cards as they are remembered, never their numbers."""

import hashlib

from billing.sandbox import events, listing
from billing.sandbox.cards import BY_SCENARIO, BY_TEST_ID, DEFAULT_EXPIRY, Card, Outcome
from billing.sandbox.customers import ADDRESS
from billing.sandbox.errors import ApiError
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

LIST = listing.PAGING | {"allow_redisplay", "customer", "customer_account", "type"}


def from_card(world: World, card: Card, expiry: tuple[int, int] = DEFAULT_EXPIRY) -> Json:
    """Remember a test card: brand, last four, expiry, and which scenario it plays."""
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": no_billing_details(),
        "card": _card_details(card, expiry),
        "created": world.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    world.store.put("card_notes", method["id"], {"scenario": card.scenario, "authenticated": False})
    return world.save(method)


def no_billing_details() -> Json:
    """The page asks for no name and no address."""
    nothing = dict.fromkeys(ADDRESS)
    return {"address": nothing, "email": None, "name": None, "phone": None, "tax_id": None}


def _card_details(card: Card, expiry: tuple[int, int]) -> Json:
    month, year = expiry
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        # The same for each use of a card, as Stripe's is; made from the scenario, not the number.
        "fingerprint": hashlib.sha256(card.scenario.encode()).hexdigest()[:16],
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def usable(world: World, method_id: str, customer_id: str | None) -> Json:
    """The payment method that a charge names: a saved one, or a new one for a test id."""
    if method_id in BY_TEST_ID:
        return from_card(world, BY_TEST_ID[method_id])
    method = world.read("payment_method", method_id, param="payment_method", status=400)
    if method["customer"] is not None and method["customer"] != customer_id:
        message = (
            "The PaymentMethod is attached to a customer. Pass that customer to use it: "
            f"'{method_id}'."
        )
        raise ApiError(message, param="payment_method")
    return method


def card_behind(world: World, method_id: str) -> Card:
    """The test card that a payment method was made from."""
    return BY_SCENARIO[world.read("card_notes", method_id)["scenario"]]


def off_session_outcome(world: World, method_id: str) -> Outcome:
    """How a charge without the customer ends; a bank that has seen the customer says yes."""
    if world.read("card_notes", method_id)["authenticated"]:
        return Outcome.PAID
    return card_behind(world, method_id).off_session


def remember_challenge(world: World, method_id: str) -> None:
    """The customer approved while saving the card: some banks need no more than that."""
    if card_behind(world, method_id).trusts_after_challenge:
        notes = world.read("card_notes", method_id)
        world.store.put("card_notes", method_id, notes | {"authenticated": True})


def bind(world: World, method: Json, customer_id: str, *, redisplay: str) -> Json:
    """Save a payment method with a customer."""
    return world.save(method | {"customer": customer_id, "allow_redisplay": redisplay})


def attach(world: World, fields: Fields, method_id: str) -> Json:
    """`POST /attach`: cards normally come from the page; this door is for the test ids."""
    fields.allow({"customer", "customer_account"})
    customer_id = fields.needed("customer")
    world.read("customer", customer_id, param="customer", status=400)
    method = usable(world, method_id, customer_id)
    return bind(world, method, customer_id, redisplay="unspecified")


def detach(world: World, fields: Fields, method_id: str) -> Json:
    """`POST /detach`: the customer's card is forgotten for good."""
    fields.allow(())
    method = world.read("payment_method", method_id)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer."
        raise ApiError(message, param="payment_method")
    before = method["customer"]
    method = world.save(method | {"customer": None})
    events.record(world, "payment_method.detached", method, previous={"customer": before})
    return method


def get(world: World, fields: Fields, method_id: str) -> Json:
    """One payment method."""
    fields.allow(())
    return world.read("payment_method", method_id)


def listed(world: World, fields: Fields) -> Json:
    """The saved payment methods of one customer."""
    fields.allow(LIST)
    customer_id = fields.needed("customer")
    return _of_customer(world, fields, customer_id, url="/v1/payment_methods")


def listed_of_customer(world: World, fields: Fields, customer_id: str) -> Json:
    """The same, asked for below the customer."""
    fields.allow(listing.PAGING | {"allow_redisplay", "type"})
    url = f"/v1/customers/{customer_id}/payment_methods"
    return _of_customer(world, fields, customer_id, url=url)


def _of_customer(world: World, fields: Fields, customer_id: str, *, url: str) -> Json:
    world.read("customer", customer_id, param="customer")
    fits = listing.equals(fields, ("type", "allow_redisplay"))
    return listing.stored(
        world,
        "payment_method",
        fields,
        url=url,
        where=lambda method: method["customer"] == customer_id and fits(method),
    )
