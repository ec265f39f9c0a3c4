"""What the hosted page does when somebody pays: the rules, without the HTML."""

from dataclasses import dataclass
from urllib.parse import urlencode

from billing.sandbox import charging, payment_methods, sessions
from billing.sandbox.cards import DEFAULT_EXPIRY, Card, Outcome
from billing.sandbox.store import Json
from billing.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Step:
    """Where the browser goes next; `own_page` says that it stays with the stand-in."""

    address: str
    own_page: bool
    anchor: str = ""


def pay(
    world: World, session_id: str, card: Card, expiry: tuple[int, int] = DEFAULT_EXPIRY
) -> Step:
    """Try a test card on a session; one that is over changes nothing and shows its page."""
    with world.change():
        session = sessions.current(world, session_id)
        if session["status"] != "open":
            return _page(session_id)
        intent = sessions.intent_of(world, session)
        method = payment_methods.from_card(world, card, expiry)
        if card.on_page is Outcome.PAID:
            intent = _with_payer(world, session, intent)
        intent = charging.attempt(world, intent, method, card.on_page)
        return _after(world, session_id, intent)


def answer_challenge(world: World, intent_id: str, *, approved: bool) -> Step:
    """The bank's question was answered; asked twice, the second answer changes nothing."""
    with world.change():
        # The session first: looking at it may expire it, and the intent with it.
        session = session_behind(world, intent_id)
        intent = world.read("payment_intent", intent_id)
        back = return_url(intent)
        if intent["status"] == "requires_action":
            if approved and session is not None:
                intent = _with_payer(world, session, intent)
            intent = charging.answer_challenge(world, intent, approved=approved)
        elif session is None:
            return Step(f"/3ds/{intent_id}", own_page=True)
        if session is not None:
            return _after(world, session["id"], intent)
        return _back_to_shop(intent, back)


def session_behind(world: World, intent_id: str) -> Json | None:
    """The session that an intent belongs to, as it is now; None for one made by the API."""
    link = world.store.get("session_of_intent", intent_id)
    return None if link is None else sessions.current(world, link["session"])


def success_address(session: Json) -> str:
    """`success_url` with the session's id where Stripe puts it."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def last_decline(world: World, session_id: str) -> str | None:
    """Why the latest attempt on a session failed: Stripe's decline code."""
    code: str | None = world.read("session_notes", session_id)["last_decline"]
    return code


def _after(world: World, session_id: str, intent: Json) -> Step:
    error = intent["last_payment_error"]
    notes = world.read("session_notes", session_id)
    decline = error["decline_code"] if error else None
    world.store.put("session_notes", session_id, notes | {"last_decline": decline})
    if intent["status"] == "requires_action":
        return Step(f"/3ds/{intent['id']}", own_page=True)
    session = sessions.current(world, session_id)
    if intent["status"] == "succeeded":
        if session["status"] == "open":
            session = sessions.complete(world, session_id, intent)
        return Step(success_address(session), own_page=False)
    # On a phone the reason lies below the bill: lead the eye to it.
    return Step(f"/c/pay/{session_id}", own_page=True, anchor="pay-error" if decline else "")


def _with_payer(world: World, session: Json, intent: Json) -> Json:
    saves_card = charging.saves_card(intent)
    return intent | {"customer": sessions.payer_for(world, session, saves_card=saves_card)}


def _page(session_id: str) -> Step:
    return Step(f"/c/pay/{session_id}", own_page=True)


def return_url(intent: Json) -> str | None:
    """Where an intent without a session sends the browser after the bank's question."""
    action = intent["next_action"] or {}
    url: str | None = action.get("redirect_to_url", {}).get("return_url")
    return url


def _back_to_shop(intent: Json, back: str | None) -> Step:
    if back is None:
        return Step(f"/3ds/{intent['id']}", own_page=True)
    status = "succeeded" if intent["status"] == "succeeded" else "failed"
    query = urlencode({"payment_intent": intent["id"], "redirect_status": status})
    return Step(f"{back}{'&' if '?' in back else '?'}{query}", own_page=False)
