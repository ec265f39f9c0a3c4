"""What a checkout session may be asked for, checked as the pinned API version checks it.

The name lists equal the SDK's own parameter types; a test compares them.
"""

from dataclasses import dataclass
from typing import Any

from billing.sandbox import names
from billing.sandbox.errors import ApiError
from billing.sandbox.params import Fields
from billing.sandbox.payment_intents import USAGES, check_amount, methods_for
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

# These would change the sum or the goods. Silence would show a wrong total, so: not offered.
NOT_OFFERED = (
    "discounts",
    "optional_items",
    "setup_intent_data",
    "shipping_options",
    "subscription_data",
)
MAX_LINES = 100
SHORTEST_LIFE = 30 * 60
LONGEST_LIFE = 24 * 60 * 60
# The caller's clock and ours may differ by the time a request takes; without this, asking for
# exactly 30 minutes would fail now and then.
CLOCK_SLACK = 5


@dataclass(frozen=True, slots=True)
class Cart:
    """The rows of a session and what they come to."""

    rows: list[Json]
    currency: str
    total: int


def refuse_what_is_not_offered(fields: Fields) -> None:
    """One payment on the hosted page is all there is; say so instead of ignoring the rest."""
    if "payment_method_types" in fields:
        message = (
            "Received unknown parameter: payment_method_types. Stripe removed it with API version "
            "2026-09-30.endive; use allowed_payment_method_types."
        )
        raise ApiError(message, code="parameter_unknown", param="payment_method_types")
    fields.allow(names.SESSION_CREATE)
    mode = fields.choice("mode", ("payment", "setup", "subscription"))
    if mode != "payment":
        raise ApiError("This stand-in offers mode=payment only.", param="mode")
    if fields.text("ui_mode") not in {None, "hosted_page"}:
        raise ApiError("This stand-in offers ui_mode=hosted_page only.", param="ui_mode")
    for name in NOT_OFFERED:
        if name in fields:
            raise ApiError(f"This stand-in does not offer {name}.", param=name)
    if fields.inside("automatic_tax").flag("enabled"):
        message = "This stand-in does not calculate tax."
        raise ApiError(message, param="automatic_tax[enabled]")


def read_cart(world: World, fields: Fields) -> Cart:
    """The line items, all in one currency, their sum within Stripe's limits."""
    lines = fields.rows("line_items", names.LINE_ITEM)
    if not lines:
        raise fields.lacks("line_items")
    if len(lines) > MAX_LINES:
        raise ApiError(f"A session takes up to {MAX_LINES} line items.", param="line_items")
    rows = [_row(world, line) for line in lines]
    currency = rows[0]["currency"]
    if {row["currency"] for row in rows} != {currency}:
        message = "All line items of a Checkout Session must use the same currency."
        raise ApiError(message, param="line_items")
    total = sum(row["amount_total"] for row in rows)
    label = f"{lines[0].label('price_data')}[unit_amount]"
    check_amount(total, currency, param=label)
    return Cart(rows, currency, total)


def _row(world: World, line: Fields) -> Json:
    if "tax_rates" in line:
        raise ApiError("This stand-in does not calculate tax.", param=line.label("tax_rates"))
    if "price_data" not in line:
        message = "This stand-in knows no stored prices: send price_data with each line item."
        raise ApiError(message, code="parameter_missing", param=line.label("price_data"))
    data = line.inside("price_data", names.PRICE_DATA)
    if "product_data" not in data:
        raise data.lacks("product_data")
    product = data.inside("product_data", names.PRODUCT_DATA)
    unit_amount = data.whole("unit_amount", high=10**11)
    if unit_amount is None:
        raise data.lacks("unit_amount")
    quantity = line.whole("quantity", low=1, high=999_999)
    if quantity is None:
        raise line.lacks("quantity")
    currency = data.needed("currency").lower()
    amount = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": product.needed("name"),
        "metadata": line.metadata(),
        "price": _price(world, currency, unit_amount),
        "quantity": quantity,
    }


def _price(world: World, currency: str, unit_amount: int) -> Json:
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }


def read_expiry(world: World, fields: Fields) -> int:
    """`expires_at`, between 30 minutes and 24 hours ahead; the latter when not sent."""
    now = world.now()
    wanted = fields.whole("expires_at")
    if wanted is None:
        return now + LONGEST_LIFE
    if wanted < now + SHORTEST_LIFE - CLOCK_SLACK:
        message = "`expires_at` must be at least 30 minutes from Checkout Session creation."
        raise ApiError(message, param="expires_at")
    if wanted > now + LONGEST_LIFE + CLOCK_SLACK:
        message = "`expires_at` must be less than 24 hours from Checkout Session creation."
        raise ApiError(message, param="expires_at")
    return wanted


def read_methods(fields: Fields, currency: str) -> list[str]:
    """The payment methods the page will show."""
    return methods_for(
        currency,
        fields.texts("allowed_payment_method_types"),
        fields.texts("excluded_payment_method_types"),
    )


def read_payer(world: World, fields: Fields) -> tuple[str | None, str | None]:
    """Customer id and prefilled e-mail: one of the two, or neither."""
    customer_id, email = fields.text("customer"), fields.text("customer_email", limit=800)
    if customer_id is not None and email is not None:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise ApiError(message, param="customer_email")
    if customer_id is not None:
        world.read("customer", customer_id, param="customer", status=400)
    if email is not None and "@" not in email:
        message = f"Invalid email address: {email[:80]}"
        raise ApiError(message, code="email_invalid", param="customer_email")
    return customer_id, email


def read_intent_data(fields: Fields) -> Json:
    """What the payment intent of this session will carry."""
    data = fields.inside("payment_intent_data", names.INTENT_DATA)
    if data.text("capture_method") == "manual":
        raise ApiError("This stand-in captures at once only.", param=data.label("capture_method"))
    return {
        "description": data.text("description"),
        "metadata": data.metadata(),
        "receipt_email": data.text("receipt_email"),
        "setup_future_usage": data.choice("setup_future_usage", USAGES),
        "statement_descriptor": data.text("statement_descriptor", limit=22),
        "statement_descriptor_suffix": data.text("statement_descriptor_suffix", limit=22),
    }


def read_card_usage(fields: Fields) -> str | None:
    """`payment_method_options[card][setup_future_usage]`: saves the card, no other method."""
    card = fields.inside("payment_method_options").inside("card", names.CARD_OPTIONS)
    return card.choice("setup_future_usage", USAGES)


def read_branding(fields: Fields) -> Json | None:
    """How the shop calls itself on the page; the stand-in shows the name only."""
    if "branding_settings" not in fields:
        return None
    branding = fields.inside("branding_settings", names.BRANDING)
    return {
        "background_color": branding.text("background_color") or "#ffffff",
        "border_style": branding.choice("border_style", ("pill", "rectangular", "rounded"))
        or "rounded",
        "button_color": branding.text("button_color") or "#1b5e4b",
        "display_name": branding.text("display_name") or "Shop",
        "font_family": branding.text("font_family") or "default",
        "icon": _image(branding, "icon"),
        "logo": _image(branding, "logo"),
    }


def _image(branding: Fields, name: str) -> Json | None:
    if name not in branding:
        return None
    image = branding.inside(name, ("file", "type", "url"))
    kind = image.choice("type", ("file", "url"))
    if kind is None:
        raise image.lacks("type")
    return {"type": kind, kind: image.needed(kind)}


def read_messages(fields: Fields) -> dict[str, Any]:
    """`custom_text`: all four places, empty ones as null."""
    places = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    text = fields.inside("custom_text", places)
    return {
        place: {"message": text.inside(place, ("message",)).needed("message")}
        if place in text
        else None
        for place in places
    }
