"""`/v1/charges` and `/v1/balance_transactions`: what a succeeded or failed attempt leaves."""

from billing.sandbox.cards import Decline
from billing.sandbox.money import CURRENCIES
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World, new_id

# Invented, in the usual order of size, so that nobody builds on a fee of zero.
FEE_PER_MILLE = 29
FIXED_FEE = 30

# Fields of a charge that this stand-in never fills: empty, but there.
NOT_USED = (
    "application",
    "application_fee",
    "application_fee_amount",
    "authorization_code",
    "balance_transaction",
    "calculated_statement_descriptor",
    "failure_balance_transaction",
    "on_behalf_of",
    "presentment_details",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)


def get(world: World, fields: Fields, charge_id: str) -> Json:
    """One charge."""
    fields.allow(())
    return world.read("charge", charge_id)


def get_transaction(world: World, fields: Fields, transaction_id: str) -> Json:
    """One movement on the operator's Stripe balance."""
    fields.allow(())
    return world.read("balance_transaction", transaction_id)


def add(
    world: World,
    intent: Json,
    method: Json,
    *,
    decline: Decline | None = None,
    challenged: bool = False,
) -> Json:
    """Store the charge of one attempt; with a reason it is a failed one."""
    paid = decline is None
    amount = intent["amount"]
    charge: Json = dict.fromkeys(NOT_USED) | {
        "id": new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if paid else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": paid,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, amount, challenged=challenged),
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed",
    }
    if paid:
        transaction = add_transaction(world, "charge", charge["id"], amount, intent["currency"])
        charge["balance_transaction"] = transaction["id"]
    return world.save(charge)


def add_transaction(world: World, kind: str, source: str, amount: int, currency: str) -> Json:
    """Store a balance movement: a charge with its fee, a refund without (it is not given back)."""
    fixed = FIXED_FEE if CURRENCIES[currency].decimals else 0
    fee = -(-amount * FEE_PER_MILLE // 1000) + fixed if kind == "charge" else 0
    named = f"Simulated fee of the {kind}"
    fees = [{"application": None, "description": named, "type": "stripe_fee"}] if fee else []
    return world.save(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": world.now(),
            "balance_type": "payments",
            "created": world.now(),
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [row | {"amount": fee, "currency": currency} for row in fees],
            "net": amount - fee,
            "reporting_category": kind,
            "source": source,
            "status": "available",
            "type": kind,
        }
    )


def _outcome(decline: Decline | None) -> Json:
    return {
        "advice_code": decline.advice_code if decline else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "seller_message": decline.message if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def _details(method: Json, amount: int, *, challenged: bool) -> Json:
    card = method["card"]
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    details = {name: card[name] for name in (*kept, "last4", "regulated_status", "wallet")}
    details |= {
        "amount_authorized": amount,
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "three_d_secure": _authentication() if challenged else None,
        "transaction_link_id": None,
    }
    return {"card": details, "type": "card"}


def _authentication() -> Json:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
