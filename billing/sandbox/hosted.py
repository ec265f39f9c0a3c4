"""The addresses of the hosted page: `/c/pay/<session>`, `/3ds/<intent>`, its stylesheet."""

from pathlib import Path
from urllib.parse import urlencode

from billing.sandbox import cards, checkout, pages, sessions
from billing.sandbox.errors import ApiError
from billing.sandbox.pages import PayForm
from billing.sandbox.store import Json
from billing.sandbox.texts import Lang, choose
from billing.sandbox.web import Request, Response, as_page, see_other
from billing.sandbox.world import World

STYLES = Path(__file__).parent / "assets" / "pay.css"
OVER = {"complete", "expired"}


def answer(world: World, request: Request) -> Response:
    """The page, the form's answer, or the stylesheet."""
    parts = request.path.strip("/").split("/")
    try:
        if request.path == "/_assets/pay.css":
            return _styles()
        if parts[:2] == ["c", "pay"] and len(parts) == 3:  # noqa: PLR2004 (c, pay, id)
            return _checkout(world, request, parts[2])
        if parts[0] == "3ds" and len(parts) == 2:  # noqa: PLR2004 (3ds, id)
            return _challenge(world, request, parts[1])
    except ApiError as error:
        return _missing(request, error.status)
    return _missing(request, 404)


def _checkout(world: World, request: Request, session_id: str) -> Response:
    with world.change():
        session = sessions.current(world, session_id)
    if request.method == "POST" and session["status"] == "open":
        return _submit(world, request, session)
    lang = _language(request, session)
    if session["status"] in OVER:
        done = session["status"] == "complete"
        back = checkout.success_address(session) if done else session["cancel_url"]
        return as_page(pages.over_page(session, lang, back))
    picked = cards.BY_LAST4.get(request.asked().get("card", ""))
    with world.change():
        decline = checkout.last_decline(world, session_id)
    return _show(world, session, lang, PayForm(picked=picked, decline=decline))


def _submit(world: World, request: Request, session: Json) -> Response:
    form = request.form()
    lang = _language(request, session)
    card = cards.find(form.get("card_number", ""))
    moment = sessions.month_of(world)
    expiry = cards.expiry(form.get("expiry", ""), today=moment)
    mistake = None
    if card is None:
        mistake = "only_test_numbers"
    elif expiry is None:
        mistake = "bad_expiry"
    elif not cards.is_cvc(form.get("cvc", "")):
        mistake = "bad_cvc"
    if card is None or expiry is None or mistake is not None:
        # A number that is not on the list is dropped here: it is not even shown again.
        return _show(world, session, lang, PayForm(picked=card, mistake=mistake), status=422)
    return _go(checkout.pay(world, session["id"], card, expiry), lang)


def _challenge(world: World, request: Request, intent_id: str) -> Response:
    with world.change():
        session = checkout.session_behind(world, intent_id)
        intent = world.read("payment_intent", intent_id)
    lang = _language(request, session)
    result = request.form().get("result") if request.method == "POST" else None
    if result in {"approve", "fail"}:
        approved = result == "approve"
        return _go(checkout.answer_challenge(world, intent_id, approved=approved), lang)
    if session is not None and intent["status"] != "requires_action":
        return _go(checkout.Step(f"/c/pay/{session['id']}", own_page=True), lang)
    urls = (session["success_url"],) if session else (checkout.return_url(intent),)
    return as_page(pages.challenge_page(intent, session, lang), may_lead_to=urls)


def _show(world: World, session: Json, lang: Lang, form: PayForm, *, status: int = 200) -> Response:
    with world.change():
        rows = world.read("session_notes", session["id"])["line_items"]
    html = pages.pay_page(session, rows, lang, form)
    return as_page(html, status=status, may_lead_to=(session["success_url"],))


def _go(step: checkout.Step, lang: Lang) -> Response:
    if not step.own_page:
        return see_other(step.address)
    anchor = f"#{step.anchor}" if step.anchor else ""
    return see_other(f"{step.address}?{urlencode({'lang': lang})}{anchor}")


def _language(request: Request, session: Json | None) -> Lang:
    asked = request.form().get("lang") if request.method == "POST" else request.asked().get("lang")
    locale = session["locale"] if session else None
    return choose(asked=asked, locale=locale, accepted=request.headers.get("accept-language", ""))


def _missing(request: Request, status: int) -> Response:
    # Two slashes at the beginning would make the language switch lead to another host.
    path = f"/{request.path.lstrip('/')}"
    return as_page(pages.missing_page(_language(request, None), path), status=status)


def _styles() -> Response:
    headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"}
    return Response(200, STYLES.read_bytes(), headers)
