"""`/v1/refunds`: giving back all or part of a charge, never more than is left."""

from billing.sandbox import charges, events, listing, names
from billing.sandbox.errors import ApiError, unexpected_state
from billing.sandbox.money import written
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

LIST = listing.PAGING | {"charge", "created", "payment_intent"}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(world: World, fields: Fields) -> Json:
    """Refund a charge, named by itself or by its payment intent; without amount, what is left."""
    fields.allow(names.REFUND_CREATE)
    reason = fields.choice("reason", REASONS)
    charge = _charge(world, fields)
    amount = _amount(charge, fields)
    refund = _new(world, charge, amount)
    refund |= {
        "instructions_email": fields.text("instructions_email"),
        "metadata": fields.metadata(),
        "reason": reason,
    }
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    returned = charge["amount_refunded"] + amount
    charge |= {"amount_refunded": returned, "refunded": returned == charge["amount"]}
    world.save(charge)
    world.save(refund)
    events.record(world, "refund.created", refund)
    events.record(world, "charge.refunded", charge, previous=before)
    return _with_reference(world, refund)


def get(world: World, fields: Fields, refund_id: str) -> Json:
    """One refund."""
    fields.allow(())
    return world.read("refund", refund_id)


def listed(world: World, fields: Fields) -> Json:
    """Refunds, also of one charge or one payment intent."""
    fields.allow(LIST)
    fits = listing.equals(fields, ("charge", "payment_intent"))
    return listing.stored(world, "refund", fields, url="/v1/refunds", where=fits)


def _charge(world: World, fields: Fields) -> Json:
    charge_id, intent_id = fields.text("charge"), fields.text("payment_intent")
    if charge_id is not None:
        charge = world.read("charge", charge_id, param="charge", status=400)
        if intent_id not in {None, charge["payment_intent"]}:
            raise ApiError("The charge does not belong to that payment_intent.", param="charge")
    elif intent_id is not None:
        intent = world.read("payment_intent", intent_id, param="payment_intent", status=400)
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent_id}) does not have a successful charge."
            raise unexpected_state(message)
        charge = world.read("charge", intent["latest_charge"])
    else:
        message = "One of the following params should be provided: payment_intent, charge."
        raise ApiError(message, code="parameter_missing")
    if charge["status"] != "succeeded":
        raise ApiError("A failed charge cannot be refunded.", param="charge")
    return charge


def _amount(charge: Json, fields: Fields) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(message, code="charge_already_refunded")
    amount = fields.whole("amount", low=1)
    if amount is None:
        return left
    if amount > left:
        asked, rest = (written(sum_, charge["currency"]) for sum_ in (amount, left))
        message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})"
        raise ApiError(message, param="amount")
    return amount


def _new(world: World, charge: Json, amount: int) -> Json:
    refund_id = new_id("re")
    currency = charge["currency"]
    transaction = charges.add_transaction(world, "refund", refund_id, -amount, currency)
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": transaction["id"],
        "charge": charge["id"],
        "created": world.now(),
        "currency": currency,
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "presentment_details": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _with_reference(world: World, refund: Json) -> Json:
    """The bank's reference follows; at Stripe after days, here at once, with its own event."""
    before = refund["destination_details"]
    card = before["card"] | {
        "reference": new_id("arn", 12).upper(),
        "reference_status": "available",
    }
    refund = world.save(refund | {"destination_details": {"card": card, "type": "card"}})
    events.record(world, "refund.updated", refund, previous={"destination_details": before})
    return refund
