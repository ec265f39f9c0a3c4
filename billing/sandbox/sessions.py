"""`/v1/checkout/sessions`: from open to complete or expired."""

from datetime import UTC, datetime

from billing.sandbox import customers, events, listing, names, payment_intents
from billing.sandbox import session_params as wanted
from billing.sandbox.errors import ApiError
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

KIND = "checkout.session"


def create(world: World, fields: Fields) -> Json:
    """A new open session with the address of its page."""
    wanted.refuse_what_is_not_offered(fields)
    cart = wanted.read_cart(world, fields)
    session = _blank(world, cart) | _asked(world, fields, cart)
    if session["success_url"] is None:
        raise fields.lacks("success_url")
    notes = {
        "line_items": cart.rows,
        "intent_data": wanted.read_intent_data(fields),
        "last_decline": None,
    }
    world.store.put("session_notes", session["id"], notes)
    return world.save(session)


def get(world: World, fields: Fields, session_id: str) -> Json:
    """One session; reading it after its time expires it."""
    fields.allow(())
    return current(world, session_id)


def listed(world: World, fields: Fields) -> Json:
    """Sessions, filtered by customer, payment intent or status."""
    fields.allow(names.SESSION_LIST)
    expire_due(world)
    fits = listing.equals(fields, ("customer", "payment_intent", "status"))
    return listing.stored(world, KIND, fields, url="/v1/checkout/sessions", where=fits)


def list_line_items(world: World, fields: Fields, session_id: str) -> Json:
    """The rows of a session, in their order."""
    fields.allow(listing.PAGING)
    world.read(KIND, session_id)
    rows = world.read("session_notes", session_id)["line_items"]
    return listing.page(rows, fields, url=f"/v1/checkout/sessions/{session_id}/line_items")


def expire(world: World, fields: Fields, session_id: str) -> Json:
    """`POST /expire`: the shop closes an open session before its time."""
    fields.allow(())
    session = current(world, session_id)
    if session["status"] != "open":
        state = session["status"]
        message = f"Only Checkout Sessions with status `open` can be expired; this one is {state}."
        raise ApiError(message)
    return _close(world, session)


def current(world: World, session_id: str) -> Json:
    """The session as it is now: one whose time has passed is expired by whoever looks."""
    session = world.read(KIND, session_id)
    if session["status"] == "open" and session["expires_at"] <= world.now():
        return _close(world, session)
    return session


def expire_due(world: World) -> int:
    """Expire every open session whose time has passed; says how many."""
    now = world.now()
    due = [s for s in world.store.having(KIND, "status", "open") if s["expires_at"] <= now]
    for session in due:
        _close(world, session)
    return len(due)


def month_of(world: World) -> tuple[int, int]:
    """Year and month by the stand-in's clock, for judging a card's expiry."""
    today = datetime.fromtimestamp(world.now(), UTC)
    return today.year, today.month


def intent_of(world: World, session: Json) -> Json:
    """The session's payment intent, made at the first attempt to pay."""
    if session["payment_intent"] is not None:
        return world.read("payment_intent", session["payment_intent"])
    notes = world.read("session_notes", session["id"])
    options = (session["payment_method_options"] or {}).get("card") or {}
    known = notes["intent_data"] | {
        "customer": session["customer"],
        "payment_method_options": payment_intents.card_options(options.get("setup_future_usage")),
        "payment_method_types": session["payment_method_types"],
    }
    amount, currency = session["amount_total"], session["currency"]
    intent = world.save(payment_intents.new(world, amount, currency, known))
    world.save(session | {"payment_intent": intent["id"]})
    world.store.put("session_of_intent", intent["id"], {"session": session["id"]})
    return intent


def payer_for(world: World, session: Json, *, saves_card: bool) -> str | None:
    """The customer a paid session belongs to; made now when a card is to be saved."""
    customer_id: str | None = session["customer"]
    if customer_id is None and (saves_card or session["customer_creation"] == "always"):
        customer_id = customers.add(world, email=session["customer_email"])["id"]
    return customer_id


def complete(world: World, session_id: str, intent: Json) -> Json:
    """The payment is in: the session is over and says so."""
    session = world.read(KIND, session_id)
    customer_id = intent["customer"]
    payer = world.read("customer", customer_id) if customer_id else {}
    session |= {
        "customer": customer_id,
        "customer_details": _details(payer, session["customer_email"]),
        "payment_status": "paid",
        "status": "complete",
        "url": None,
    }
    world.save(session)
    events.record(world, "checkout.session.completed", session)
    return session


def _close(world: World, session: Json) -> Json:
    if session["payment_intent"] is not None:
        intent = world.read("payment_intent", session["payment_intent"])
        if intent["status"] in payment_intents.OPEN_STATES:
            payment_intents.abandon(world, intent, "expired")
    session = world.save(session | {"status": "expired", "url": None})
    events.record(world, "checkout.session.expired", session)
    return session


def _details(payer: Json, email: str | None) -> Json:
    return {
        "address": payer.get("address"),
        "business_name": None,
        "email": payer.get("email") or email,
        "individual_name": None,
        "name": payer.get("name"),
        "phone": payer.get("phone"),
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _asked(world: World, fields: Fields, cart: wanted.Cart) -> Json:
    customer_id, email = wanted.read_payer(world, fields)
    usage = wanted.read_card_usage(fields)
    card = {"request_three_d_secure": "automatic"} | (
        {"setup_future_usage": usage} if usage else {}
    )
    creation = fields.choice("customer_creation", ("always", "if_required"))
    collected = fields.choice("payment_method_collection", ("always", "if_required"))
    return {
        "adaptive_pricing": {"enabled": fields.inside("adaptive_pricing").flag("enabled") or False},
        "allow_promotion_codes": fields.flag("allow_promotion_codes"),
        "allowed_payment_method_types": fields.texts("allowed_payment_method_types") or None,
        "billing_address_collection": fields.choice(
            "billing_address_collection", ("auto", "required")
        ),
        "branding_settings": wanted.read_branding(fields),
        "cancel_url": fields.url("cancel_url"),
        "client_reference_id": fields.text("client_reference_id", limit=200),
        "custom_text": wanted.read_messages(fields),
        "customer": customer_id,
        "customer_creation": None if customer_id else creation or "if_required",
        "customer_email": email,
        "expires_at": wanted.read_expiry(world, fields),
        "integration_identifier": fields.text("integration_identifier"),
        "locale": fields.choice("locale", names.LOCALES),
        "metadata": fields.metadata(),
        "payment_method_collection": collected or "if_required",
        "payment_method_options": {"card": card},
        "payment_method_types": wanted.read_methods(fields, cart.currency),
        "submit_type": fields.choice("submit_type", ("auto", "book", "donate", "pay", "subscribe")),
        "success_url": fields.url("success_url"),
    }


def _blank(world: World, cart: wanted.Cart) -> Json:
    session_id = new_id("cs_test", 58)
    return {
        "id": session_id,
        "object": KIND,
        "after_expiration": None,
        "amount_subtotal": cart.total,
        "amount_total": cart.total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now(),
        "currency": cart.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "customer_account": None,
        "customer_details": None,
        "discounts": [],
        "excluded_payment_method_types": None,
        "invoice": None,
        "invoice_creation": {"enabled": False, "invoice_data": _no_invoice()},
        "livemode": False,
        "managed_payments": None,
        "mode": "payment",
        "name_collection": None,
        "optional_items": None,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_configuration_details": None,
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "presentment_details": None,
        "recovered_from": None,
        "redirect_on_completion": None,
        "return_url": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "tax_id_collection": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.public_url}/c/pay/{session_id}",
        "wallet_options": None,
    }


def _no_invoice() -> Json:
    return {
        "account_tax_ids": None,
        "custom_fields": None,
        "description": None,
        "footer": None,
        "issuer": None,
        "metadata": {},
        "rendering_options": None,
    }
