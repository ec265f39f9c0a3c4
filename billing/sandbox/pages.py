"""The HTML of the hosted page: server-made, no JavaScript, nothing inline."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from billing.sandbox.cards import CARDS, DEFAULT_EXPIRY, Card
from billing.sandbox.money import written
from billing.sandbox.store import Json
from billing.sandbox.texts import HTML_LANG, Lang, meaning, other, reason, say


@dataclass(frozen=True, slots=True)
class PayForm:
    """What the card form shows: a card that was picked from the list, and what went wrong."""

    picked: Card | None = None
    # The key of a sentence in `texts`, for something wrong in the form itself.
    mistake: str | None = None
    # Stripe's code, for a card that was refused.
    decline: str | None = None


def pay_page(session: Json, rows: list[Json], lang: Lang, form: PayForm) -> str:
    """The open session: what is bought on one side, the card form on the other."""
    path = f"/c/pay/{session['id']}"
    main = f"""
<div class="desk">
  <section class="bill" aria-labelledby="bill-title">
    {_bill(session, rows, lang)}
  </section>
  <section class="till" aria-labelledby="till-title">
    <h2 id="till-title">{_t(lang, "pay_by_card")}</h2>
    {_alert(lang, form)}
    {_card_form(session, path, lang, form)}
    {_test_cards(path, lang)}
  </section>
</div>"""
    return _document(lang, main, path)


def over_page(session: Json, lang: Lang, back: str | None) -> str:
    """A session that is complete or expired: says so and leads back."""
    key = "over_complete" if session["status"] == "complete" else "over_expired"
    main = _message(lang, key, f"{key}_text", back, testid="session-over")
    return _document(lang, main, f"/c/pay/{session['id']}")


def missing_page(lang: Lang, path: str) -> str:
    """No such session."""
    return _document(lang, _message(lang, "not_found", "not_found_text", None), path)


def challenge_page(intent: Json, session: Json | None, lang: Lang) -> str:
    """The bank's question, with both answers as plain buttons."""
    path = f"/3ds/{intent['id']}"
    if intent["status"] != "requires_action":
        return _document(lang, _message(lang, "bank_done", "bank_done_text", None), path)
    shop = escape(shop_name(session, lang))
    main = f"""
<section class="panel" aria-labelledby="bank-title">
  <p class="panel__shop">{shop}</p>
  <h2 id="bank-title">{_t(lang, "bank")}</h2>
  <p class="sum">{_amount(intent["amount"], intent["currency"])}</p>
  <p>{_t(lang, "bank_text")}</p>
  <form method="post" action="{path}" class="answers">
    <input type="hidden" name="lang" value="{lang}">
    <button class="button" name="result" value="approve" data-testid="approve">{
        _t(lang, "approve")
    }</button>
    <button class="button button--plain" name="result" value="fail" data-testid="fail">{
        _t(lang, "fail")
    }</button>
  </form>
</section>"""
    return _document(lang, main, path)


def shop_name(session: Json | None, lang: Lang) -> str:
    """How the shop calls itself, where it said so."""
    branding = (session or {}).get("branding_settings") or {}
    name: str = branding.get("display_name") or say(lang, "shop")
    return name


def _bill(session: Json, rows: list[Json], lang: Lang) -> str:
    total = _amount(session["amount_total"], session["currency"])
    until = datetime.fromtimestamp(session["expires_at"], UTC)
    back = ""
    if session["cancel_url"]:
        back = (
            f'<p class="back"><a href="{escape(session["cancel_url"])}" data-testid="back">'
            f'<span aria-hidden="true">←</span> {_t(lang, "back")}</a></p>'
        )
    return f"""<p class="shop">{escape(shop_name(session, lang))}</p>
    <h2 id="bill-title" class="label">{_t(lang, "to_pay")}</h2>
    <p class="sum" data-testid="amount">{total}</p>
    <h3 class="label">{_t(lang, "items")}</h3>
    <ul class="rows">{"".join(_row(row, lang) for row in rows)}</ul>
    <p class="total"><span>{_t(lang, "total")}</span><strong>{total}</strong></p>
    <p class="until">{_t(lang, "valid_until")}
      <time datetime="{until.isoformat()}">{until:%Y-%m-%d %H:%M}</time></p>
    {back}"""


def _row(row: Json, lang: Lang) -> str:
    quantity = ""
    if row["quantity"] != 1:
        quantity = f"<small>{_t(lang, 'quantity')} {row['quantity']}</small>"
    amount = _amount(row["amount_total"], row["currency"])
    return f"<li><span>{escape(row['description'])}{quantity}</span><b>{amount}</b></li>"


def _alert(lang: Lang, form: PayForm) -> str:
    if form.mistake is not None:
        text = _t(lang, form.mistake)
    elif form.decline is not None:
        gap = " " if lang == "en" else ""
        text = f"{escape(reason(lang, form.decline))}{gap}{_t(lang, 'try_again')}"
    else:
        return ""
    return (
        f'<div class="alert" role="alert" id="pay-error" data-testid="pay-error">'
        f"<strong>{_t(lang, 'error')}</strong><p>{text}</p></div>"
    )


def _card_form(session: Json, path: str, lang: Lang, form: PayForm) -> str:
    month, year = DEFAULT_EXPIRY
    number = form.picked.grouped if form.picked else ""
    wrong = form.mistake == "only_test_numbers"
    error = ' aria-describedby="pay-error" aria-invalid="true"' if wrong else ""
    amount = _amount(session["amount_total"], session["currency"])
    return f"""<form method="post" action="{path}" class="card-form" autocomplete="off">
      <input type="hidden" name="lang" value="{lang}">
      <div class="field field--wide">
        <label for="card-number">{_t(lang, "card_number")}</label>
        <input id="card-number" name="card_number" data-testid="card-number" value="{number}"
          inputmode="numeric" autocomplete="off" spellcheck="false" required maxlength="40"
          placeholder="4242 4242 4242 4242"{error}>
      </div>
      <div class="field">
        <label for="card-expiry">{_t(lang, "expiry")}</label>
        <input id="card-expiry" name="expiry" data-testid="card-expiry" inputmode="numeric"
          autocomplete="off" maxlength="9" value="{month}/{year % 100}"
          aria-describedby="expiry-hint">
        <small id="expiry-hint">{_t(lang, "any_future")}</small>
      </div>
      <div class="field">
        <label for="card-cvc">{_t(lang, "cvc")}</label>
        <input id="card-cvc" name="cvc" data-testid="card-cvc" inputmode="numeric"
          autocomplete="off" maxlength="4" value="123" aria-describedby="cvc-hint">
        <small id="cvc-hint">{_t(lang, "any_digits")}</small>
      </div>
      <button class="button" data-testid="pay-now">{_t(lang, "pay")} {amount}</button>
    </form>"""


def _test_cards(path: str, lang: Lang) -> str:
    rows = "".join(_test_card(card, path, lang) for card in CARDS)
    return f"""<section class="tests" aria-labelledby="tests-title">
      <h3 id="tests-title">{_t(lang, "test_cards")}</h3>
      <p class="hint">{_t(lang, "fill_in_hint")}</p>
      <ul class="cards">{rows}</ul>
      <p class="hint">{_t(lang, "kept")}</p>
    </section>"""


def _test_card(card: Card, path: str, lang: Lang) -> str:
    # The address carries the last four digits only, so that no card number is ever in a URL.
    link = f"{path}?{urlencode({'card': card.last4, 'lang': lang})}#card-number"
    return (
        f'<li><div><b class="number">{card.grouped}</b>'
        f"<span>{escape(meaning(lang, card.scenario))}</span></div>"
        f'<a class="fill" href="{escape(link)}" data-testid="fill-{card.last4}">'
        f'{_t(lang, "fill_in")}<span class="unseen"> {card.last4}</span></a></li>'
    )


def _message(
    lang: Lang, heading: str, text: str, back: str | None, *, testid: str = "message"
) -> str:
    link = ""
    if back:
        label = _t(lang, "to_shop")
        link = f'<a class="button" href="{escape(back)}" data-testid="back">{label}</a>'
    return (
        f'<section class="panel" data-testid="{testid}"><h2>{_t(lang, heading)}</h2>'
        f"<p>{_t(lang, text)}</p>{link}</section>"
    )


def _document(lang: Lang, main: str, path: str) -> str:
    second = other(lang)
    link = f"{escape(path)}?lang={second}"
    return f"""<!doctype html>
<html lang="{HTML_LANG[lang]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{_t(lang, "title")}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_assets/pay.css">
</head>
<body>
<header class="notice">
  <div class="notice__in">
    <h1>{_t(lang, "title")}</h1>
    <p>{_t(lang, "notice")}</p>
    <p class="notice__second" lang="{HTML_LANG[second]}">{_t(second, "notice")}</p>
    <nav aria-label="{_t(lang, "language_label")}">
      <a href="{link}" lang="{HTML_LANG[second]}" data-testid="language">{_t(lang, "language")}</a>
    </nav>
  </div>
</header>
<main>{main}
</main>
</body>
</html>
"""


def _amount(amount: int, currency: str) -> str:
    return escape(written(amount, currency))


def _t(lang: Lang, key: str) -> str:
    return escape(say(lang, key))
