"""Charging without the customer, saved cards, refunds: what auto-renewal and staff rely on."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from billing.sandbox.server import SandboxServer

Open = Callable[..., Any]

SAVES = {"card": {"setup_future_usage": "off_session"}}


def charge(api: stripe.StripeClient, method: str, **changes: Any) -> Any:
    params = {
        "amount": 35900,
        "currency": "thb",
        "payment_method": method,
        "confirm": True,
        "off_session": "recurring",
        "metadata": {"order": "A2"},
    }
    return api.v1.payment_intents.create(params | changes)  # type: ignore[arg-type]  # by parts


def saved_card(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open, card: str
) -> tuple[str, str]:
    """A customer and the card that the customer saved while paying."""
    customer = api.v1.customers.create({"email": "a@example.com"}).id
    session = open_session(customer=customer, payment_method_options=SAVES)
    sandbox.pay(session.id, card)
    (method,) = api.v1.customers.payment_methods.list(customer, {"type": "card"}).data
    return customer, method.id


def test_a_saved_card_is_charged_without_the_customer(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    customer, method = saved_card(api, sandbox, open_session, "4242424242424242")
    intent = charge(api, method, customer=customer, expand=["latest_charge"])
    assert (intent.status, intent.amount_received) == ("succeeded", 35900)
    assert intent.latest_charge.customer == customer


def test_without_the_wish_to_save_nothing_is_saved(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    customer = api.v1.customers.create().id
    sandbox.pay(open_session(customer=customer).id)
    assert api.v1.payment_methods.list({"customer": customer}).data == []


def test_a_card_is_saved_with_a_customer_made_on_the_way(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    session = open_session(payment_method_options=SAVES, customer_email="b@example.com")
    paid = sandbox.pay(session.id)
    assert paid["customer_details"]["email"] == "b@example.com"
    assert len(api.v1.payment_methods.list({"customer": paid["customer"]}).data) == 1


def test_a_saved_card_cannot_be_charged_for_somebody_else(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    _, method = saved_card(api, sandbox, open_session, "4242424242424242")
    with pytest.raises(stripe.InvalidRequestError, match="attached to a customer"):
        charge(api, method)


def test_a_detached_card_is_gone(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    customer, method = saved_card(api, sandbox, open_session, "4242424242424242")
    assert api.v1.payment_methods.detach(method).customer is None
    assert api.v1.payment_methods.list({"customer": customer}).data == []
    (event,) = sandbox.events("payment_method.detached")
    assert event["data"]["previous_attributes"] == {"customer": customer}
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        api.v1.payment_methods.detach(method)


def test_one_approved_challenge_is_enough_for_a_trusting_bank(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    customer, method = saved_card(api, sandbox, open_session, "4000002500003155")
    assert charge(api, method, customer=customer).status == "succeeded"


def test_a_bank_that_always_asks_refuses_an_absent_customer(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    customer, method = saved_card(api, sandbox, open_session, "4000002760003184")
    with pytest.raises(stripe.CardError) as declined:
        charge(api, method, customer=customer)
    assert declined.value.code == "authentication_required"


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        (
            "pm_card_authenticationRequiredOnSetup",
            "authentication_required",
            "authentication_required",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_declined_charge_is_a_card_error_that_leaves_a_trace(
    method: str, code: str, decline_code: str, api: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    with pytest.raises(stripe.CardError) as declined:
        charge(api, method)
    error = declined.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert (declined.value.http_status, error.code, error.decline_code) == (
        402,
        code,
        decline_code,
    )
    stored = api.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (stored.status, stored.payment_method) == ("requires_payment_method", None)
    assert api.v1.charges.retrieve(str(stored.latest_charge)).status == "failed"
    assert len(sandbox.events("payment_intent.payment_failed")) == 1


def test_the_card_that_fails_later_can_be_saved(api: stripe.StripeClient) -> None:
    customer = api.v1.customers.create().id
    method = api.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    with pytest.raises(stripe.CardError):
        charge(api, method.id, customer=customer)


def test_an_intent_is_confirmed_later_with_another_card(api: stripe.StripeClient) -> None:
    intent = charge(api, "pm_card_visa_chargeDeclined", confirm=False, off_session=False)
    assert intent.status == "requires_confirmation"
    with pytest.raises(stripe.CardError):
        api.v1.payment_intents.confirm(intent.id)
    paid = api.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.payment_intents.confirm(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_present_customer_is_sent_to_the_bank(api: stripe.StripeClient) -> None:
    back = "http://localhost:8000/back/"
    intent = charge(api, "pm_card_authenticationRequired", off_session=False, return_url=back)
    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.return_url == back
    assert f"/3ds/{intent.id}" in intent.next_action.redirect_to_url.url


def test_an_open_intent_can_be_cancelled_once(
    api: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    intent = charge(api, "pm_card_visa", confirm=False, off_session=False)
    gone = api.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert len(sandbox.events("payment_intent.canceled")) == 1
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        api.v1.payment_intents.cancel(intent.id)


def test_the_intent_of_a_session_ends_with_its_session(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    tried = sandbox.pay(open_session().id, "4000000000000002")
    with pytest.raises(stripe.InvalidRequestError, match="expire the session"):
        api.v1.payment_intents.cancel(tried["payment_intent"])


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"amount": None}, "amount"),
        ({"amount": 0}, "amount"),
        ({"currency": "xyz"}, "currency"),
        ({"payment_method": "pm_nothing"}, "payment_method"),
        ({"confirm": False}, "off_session"),
        ({"capture_method": "manual"}, "capture_method"),
        ({"allowed_payment_method_types": ["paypal"]}, "allowed_payment_method_types"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_faulty_charge_is_refused_by_name(
    changes: dict[str, Any], param: str, api: stripe.StripeClient, sandbox: SandboxServer
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        charge(api, changes.pop("payment_method", "pm_card_visa"), **changes)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert sandbox.events() == []


@pytest.fixture
def paid_intent(sandbox: SandboxServer, open_session: Open) -> str:
    """A payment of 359.00 THB."""
    return str(sandbox.pay(open_session().id)["payment_intent"])


def test_a_payment_is_refunded_in_parts_and_then_whole(
    api: stripe.StripeClient, sandbox: SandboxServer, paid_intent: str
) -> None:
    part = api.v1.refunds.create(
        {"payment_intent": paid_intent, "amount": 5900, "metadata": {"refund": "R1"}}
    )
    assert (part.status, part.amount, part.currency) == ("succeeded", 5900, "thb")
    charge_id = str(part.charge)
    after_part = api.v1.charges.retrieve(charge_id)
    assert (after_part.amount_refunded, after_part.refunded) == (5900, False)
    rest = api.v1.refunds.create({"charge": charge_id})
    assert rest.amount == 30000
    assert api.v1.charges.retrieve(charge_id).refunded is True
    listed = api.v1.refunds.list({"payment_intent": paid_intent}).data
    assert [refund.id for refund in listed] == [rest.id, part.id]
    assert [event["type"] for event in sandbox.events()][-3:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
    ]


def test_a_refund_moves_the_balance_back(api: stripe.StripeClient, paid_intent: str) -> None:
    refund = api.v1.refunds.create({"payment_intent": paid_intent, "amount": 5900})
    moved = api.v1.balance_transactions.retrieve(str(refund.balance_transaction))
    assert (moved.amount, moved.net, moved.type, moved.source) == (
        -5900,
        -5900,
        "refund",
        refund.id,
    )


def test_more_than_is_left_is_refused(
    api: stripe.StripeClient, sandbox: SandboxServer, paid_intent: str
) -> None:
    api.v1.refunds.create({"payment_intent": paid_intent, "amount": 30000})
    before = sandbox.events()
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as refused:
        api.v1.refunds.create({"payment_intent": paid_intent, "amount": 5901})
    assert refused.value.param == "amount"
    assert sandbox.events() == before


def test_a_whole_refund_is_refused_twice(api: stripe.StripeClient, paid_intent: str) -> None:
    api.v1.refunds.create({"payment_intent": paid_intent})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.refunds.create({"payment_intent": paid_intent})
    assert refused.value.code == "charge_already_refunded"


def test_an_unpaid_intent_cannot_be_refunded(
    api: stripe.StripeClient, sandbox: SandboxServer, open_session: Open
) -> None:
    tried = sandbox.pay(open_session().id, "4000000000000002")
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        api.v1.refunds.create({"payment_intent": tried["payment_intent"]})


def test_a_refund_needs_a_target_and_a_known_reason(
    api: stripe.StripeClient, paid_intent: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="should be provided"):
        api.v1.refunds.create({"amount": 100})
    with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
        api.v1.refunds.create({"payment_intent": paid_intent, "reason": "mood"})
    with pytest.raises(stripe.InvalidRequestError, match="No such refund"):
        api.v1.refunds.retrieve("re_nothing")
