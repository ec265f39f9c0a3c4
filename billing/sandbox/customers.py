"""`/v1/customers`: the payer that saved cards belong to."""

from billing.sandbox import names
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(world: World, fields: Fields) -> Json:
    """A new customer; name, e-mail, phone, description, address and metadata are kept."""
    fields.allow(names.CUSTOMER_CREATE)
    return add(
        world,
        email=fields.text("email", limit=512),
        name=fields.text("name", limit=256),
        phone=fields.text("phone", limit=20),
        description=fields.text("description", limit=350),
        address=address(fields.inside("address", ADDRESS)) if "address" in fields else None,
        preferred_locales=fields.texts("preferred_locales"),
        metadata=fields.metadata(),
    )


def get(world: World, fields: Fields, customer_id: str) -> Json:
    """One customer."""
    fields.allow(())
    return world.read("customer", customer_id)


def add(world: World, **known: object) -> Json:
    """Store a customer with what is known of it."""
    customer: Json = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": world.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "individual_name": None,
        "invoice_prefix": new_id("X", 6)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    return world.save(customer | known)


def address(fields: Fields) -> Json:
    """All six lines of an address, empty ones as null."""
    return {line: fields.text(line) for line in ADDRESS}
