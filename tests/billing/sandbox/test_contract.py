"""Every object the stand-in answers with is one that the installed SDK describes."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from billing.sandbox import names
from billing.sandbox.server import SandboxServer
from billing.sandbox.world import API_VERSION
from tests.billing.sandbox.contract import fields_of, parameters, problems

Open = Callable[..., Any]

# Optional fields that Stripe leaves out unless they are asked for or apply, as ours do.
MAY_BE_ABSENT = {
    "balance_transaction": set(),
    "charge": {"level3", "radar_options", "refunds", "transfer"},
    "checkout.session": {"line_items"},
    "customer": {
        "cash_balance",
        "deleted",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "item": {"discounts", "taxes"},
    "payment_intent": {"hooks", "payment_details", "payment_record"},
    "refund": {
        "description",
        "failure_balance_transaction",
        "failure_reason",
        "next_action",
        "pending_reason",
    },
}


def _everything(api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open) -> list[Any]:
    """One life of the stand-in that leaves every kind of object in every state."""
    customer = api.v1.customers.create({"email": "a@example.com", "address": {"city": "Berlin"}})
    saved = open_session(
        customer=customer.id,
        payment_method_options={"card": {"setup_future_usage": "off_session"}},
        branding_settings={"display_name": "红卡", "logo": {"type": "url", "url": "http://x/y"}},
        custom_text={"submit": {"message": "谢谢"}},
        allowed_payment_method_types=["card"],
    )
    sandbox.pay(saved.id, "4000000000000002")
    sandbox.pay(saved.id, "4000002500003155", challenge=None)
    found = [_as_sent(api, saved.payment_intent or _intent_id(sandbox, saved.id))]
    sandbox.pay(saved.id, "4000002500003155", challenge="approve")
    guest = open_session(customer_creation="always", customer_email="b@example.com")
    api.v1.checkout.sessions.expire(guest.id)
    intent_id = _intent_id(sandbox, saved.id)
    api.v1.refunds.create({"payment_intent": intent_id, "amount": 5000, "reason": "duplicate"})
    expand = ["payment_intent.latest_charge.balance_transaction", "line_items", "customer"]
    session = api.v1.checkout.sessions.retrieve(saved.id, {"expand": expand}).to_dict()
    found += [session, session["payment_intent"], session["payment_intent"]["latest_charge"]]
    found += [row.to_dict() for row in api.v1.checkout.sessions.list().data]
    found += [row.to_dict() for row in api.v1.checkout.sessions.line_items.list(saved.id).data]
    methods = api.v1.customers.payment_methods.list(customer.id)
    found += [row.to_dict() for row in methods.data]
    for refund in api.v1.refunds.list().data:
        found += [refund.to_dict()]
        found += [api.v1.balance_transactions.retrieve(str(refund.balance_transaction)).to_dict()]
    events = api.v1.events.list({"limit": 100}).data
    found += [event.to_dict() for event in events]
    found += [event["data"]["object"] for event in sandbox.events()]
    return [*found, customer.to_dict()]


def _intent_id(sandbox: SandboxServer, session_id: str) -> str:
    return str(sandbox.session(session_id)["payment_intent"])


def _as_sent(api: stripe.StripeClient, intent_id: str) -> dict[str, Any]:
    return api.v1.payment_intents.retrieve(intent_id).to_dict()


def test_every_object_satisfies_the_installed_sdk(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    objects = _everything(api, sandbox, open_session)
    assert {value["object"] for value in objects} == {
        "balance_transaction",
        "charge",
        "checkout.session",
        "customer",
        "event",
        "item",
        "payment_intent",
        "payment_method",
        "refund",
    }
    assert [problem for value in objects for problem in problems(value)] == []


def test_empty_fields_are_null_not_absent(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    # The SDK's objects raise AttributeError for a field that was not sent.
    for value in _everything(api, sandbox, open_session):
        kind = value["object"]
        if kind in MAY_BE_ABSENT:
            assert fields_of(kind).keys() - value.keys() - MAY_BE_ABSENT[kind] == set(), kind


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ({"surprise": 1}, "Session.surprise: unknown"),
        ({"amount_total": "35900"}, "Session.amount_total: '35900' is not int"),
        ({"amount_total": True}, "Session.amount_total: True is not int"),
        ({"livemode": None}, "Session.livemode: None is not bool"),
        ({"status": "done"}, "'done' is not one of ('complete', 'expired', 'open')"),
        ({"shipping_options": {}}, "Session.shipping_options: not an array"),
        ({"total_details": {"amount_tax": 0}}, "Session.total_details.amount_discount: missing"),
        ({"line_items": {"object": "list", "data": []}}, "ListObject.has_more: missing"),
        ({"metadata": {"order": 1}}, "Session.metadata[order]: 1 is not str"),
        ({"payment_intent": {"object": "payment_intent"}}, "Session.payment_intent.id: missing"),
    ],
)
def test_the_checker_finds_a_fault(
    damage: dict[str, Any], complaint: str, sandbox: SandboxServer, open_session: Open
) -> None:
    session = sandbox.session(open_session().id)
    assert problems(session) == []
    assert any(complaint in problem for problem in problems(session | damage))


def test_the_checker_finds_a_missing_field(sandbox: SandboxServer, open_session: Open) -> None:
    session = copy.deepcopy(sandbox.session(open_session().id))
    del session["payment_status"]
    assert problems(session) == ["Session.payment_status: missing"]


def test_the_api_version_is_the_one_the_sdk_pins() -> None:
    assert stripe.api_version == API_VERSION


SESSION = "checkout/_session_create_params"


@pytest.mark.parametrize(
    ("ours", "module", "class_name"),
    [
        (names.SESSION_CREATE, SESSION, "SessionCreateParams"),
        (names.LINE_ITEM, SESSION, "SessionCreateParamsLineItem"),
        (names.PRICE_DATA, SESSION, "SessionCreateParamsLineItemPriceData"),
        (names.PRODUCT_DATA, SESSION, "SessionCreateParamsLineItemPriceDataProductData"),
        (names.INTENT_DATA, SESSION, "SessionCreateParamsPaymentIntentData"),
        (names.BRANDING, SESSION, "SessionCreateParamsBrandingSettings"),
        (names.CARD_OPTIONS, SESSION, "SessionCreateParamsPaymentMethodOptionsCard"),
        (names.SESSION_LIST, "checkout/_session_list_params", "SessionListParams"),
        (names.CUSTOMER_CREATE, "_customer_create_params", "CustomerCreateParams"),
        (names.INTENT_CREATE, "_payment_intent_create_params", "PaymentIntentCreateParams"),
        (names.INTENT_CONFIRM, "_payment_intent_confirm_params", "PaymentIntentConfirmParams"),
        (names.INTENT_CANCEL, "_payment_intent_cancel_params", "PaymentIntentCancelParams"),
        (names.REFUND_CREATE, "_refund_create_params", "RefundCreateParams"),
    ],
)
def test_the_parameter_names_are_the_sdk_s(
    ours: frozenset[str], module: str, class_name: str
) -> None:
    assert ours == parameters(module, class_name).keys() - {"expand"}


def test_the_locales_are_the_sdk_s() -> None:
    written = parameters(SESSION, "SessionCreateParams")["locale"]
    assert set(re.findall(r"'([A-Za-z0-9-]+)'", written.replace("\\", ""))) == names.LOCALES
