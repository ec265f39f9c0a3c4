"""The page people pay on: both languages, no JavaScript, test numbers only, nothing kept."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import stripe

from billing.sandbox import cards, texts
from billing.sandbox.money import written
from billing.sandbox.server import SandboxServer
from tests.billing.sandbox.conftest import Seen, one_line

Open = Callable[..., Any]
Browse = Callable[..., Seen]

# Passes the Luhn check and is not on the list.
REAL_LOOKING = "4111111111111111"


def page_of(session: Any) -> str:
    return f"/c/pay/{session.id}"


@pytest.mark.parametrize(
    ("locale", "query", "title", "promise", "html_lang"),
    [
        ("zh", "", "模拟收银台（不是 Stripe）", "不会发生任何真实扣款", "zh-Hans"),
        ("zh-TW", "", "模拟收银台（不是 Stripe）", "只接受下面列出的测试卡号", "zh-Hans"),
        ("en", "", "Simulated checkout (not Stripe)", "No money moves here", "en"),
        ("th", "", "Simulated checkout (not Stripe)", "only the test numbers", "en"),
        ("en", "?lang=zh", "模拟收银台（不是 Stripe）", "不会发生任何真实扣款", "zh-Hans"),
        ("zh", "?lang=en", "Simulated checkout (not Stripe)", "No money moves here", "en"),
    ],
)
def test_the_page_speaks_the_session_s_language(
    locale: str,
    query: str,
    title: str,
    promise: str,
    html_lang: str,
    open_session: Open,
    browse: Browse,
) -> None:
    seen = browse(page_of(open_session(locale=locale)) + query)
    assert seen.status == 200
    assert f"<title>{title}</title>" in seen.text
    assert f'<html lang="{html_lang}">' in seen.text
    assert promise in seen.text
    # The promise stands there in the other language too.
    assert "不会发生任何真实扣款" in seen.text
    assert "No money moves here" in seen.text


@pytest.mark.parametrize(
    ("accepted", "html_lang"), [("en-GB,en;q=0.9", "en"), ("zh-CN", "zh-Hans"), ("", "zh-Hans")]
)
def test_without_a_locale_the_browser_decides(
    accepted: str, html_lang: str, open_session: Open, browse: Browse
) -> None:
    seen = browse(page_of(open_session(locale=None)), headers={"Accept-Language": accepted})
    assert f'<html lang="{html_lang}">' in seen.text


def test_the_page_shows_shop_rows_amount_and_way_back(open_session: Open, browse: Browse) -> None:
    session = open_session(
        line_items=[*one_line("thb", 35900), *one_line("thb", 4100, 2)],
        branding_settings={"display_name": "<红卡>"},
    )
    text = browse(page_of(session)).text
    assert "&lt;红卡&gt;" in text
    assert "<红卡>" not in text
    assert text.count("฿441.00 THB") == 3
    assert "฿82.00 THB" in text
    assert 'href="http://localhost:8000/orders/A1/"' in text


def test_the_form_is_labelled_and_made_for_digits(open_session: Open, browse: Browse) -> None:
    text = browse(page_of(open_session())).text
    for field in ("card-number", "card-expiry", "card-cvc"):
        assert f'<label for="{field}">' in text
    (number,) = re.findall(r'<input id="card-number"[^>]*>', text)
    assert 'data-testid="card-number"' in number
    assert 'name="card_number"' in number
    assert 'autocomplete="off"' in number
    assert 'inputmode="numeric"' in number
    assert 'data-testid="pay-now"' in text
    assert "<script" not in text
    assert not re.search(r"\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("card", cards.CARDS, ids=lambda card: card.scenario)
@pytest.mark.parametrize("lang", texts.LANGS)
def test_each_test_card_is_explained_and_filled_in_by_a_link(
    card: cards.Card, lang: texts.Lang, open_session: Open, browse: Browse
) -> None:
    path = page_of(open_session(locale=lang))
    text = unescape(browse(path).text)
    assert card.grouped in text
    assert texts.meaning(lang, card.scenario) in text
    (link,) = re.findall(rf'href="({path}\?card={card.last4}[^"]*)"', text)
    # The link itself holds four digits only, never a card number.
    assert not re.search(r"\d{13}", link.replace(path, ""))
    assert f'value="{card.grouped}"' in browse(link.partition("#")[0]).text


def test_paying_leads_back_to_the_shop(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session()
    form = {"card_number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}
    seen = browse(page_of(session), form)
    assert seen.status == 303
    expected = f"http://localhost:8000/orders/A1/?session={session.id}"
    assert seen.headers["location"] == expected
    assert sandbox.session(session.id)["payment_status"] == "paid"


def test_the_number_alone_is_enough_in_any_writing(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    for typed in ("4242424242424242", "4242-4242-4242-4242", "４２４２４２４２４２４２４２４２"):
        session = open_session()
        assert browse(page_of(session), {"card_number": typed}).status == 303
        assert sandbox.session(session.id)["payment_status"] == "paid"


def test_the_policy_lets_the_form_end_at_the_shop_only(open_session: Open, browse: Browse) -> None:
    seen = browse(page_of(open_session()))
    policy = seen.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8000" in policy
    assert "unsafe" not in policy
    assert seen.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("lang", texts.LANGS)
@pytest.mark.parametrize(
    ("card", "decline_code"),
    [("4000000000000002", "generic_decline"), ("4000000000009995", "insufficient_funds")],
)
def test_a_decline_is_told_in_words_and_another_card_pays(
    lang: texts.Lang,
    card: str,
    decline_code: str,
    sandbox: SandboxServer,
    open_session: Open,
    browse: Browse,
) -> None:
    session = open_session(locale=lang)
    seen = browse(page_of(session), {"card_number": card, "lang": lang})
    assert seen.status == 303
    # Back on the page by GET: a reload does not try the card again.
    again = browse(seen.headers["location"].partition("#")[0])
    assert again.status == 200
    assert texts.reason(lang, decline_code) in unescape(again.text)
    assert 'role="alert"' in again.text
    assert len(sandbox.events("payment_intent.payment_failed")) == 1
    assert browse(page_of(session), {"card_number": "4242424242424242"}).status == 303
    assert sandbox.session(session.id)["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("number", "lang", "words"),
    [
        (REAL_LOOKING, "zh", "只接受下面列出的测试卡号"),
        (REAL_LOOKING, "en", "not on the list"),
        ("", "zh", "不在测试卡列表中"),
        ("4242", "en", "not on the list"),
        ("💳" * 16, "zh", "不在测试卡列表中"),
    ],
)
def test_any_other_number_is_refused_in_words(
    number: str, lang: str, words: str, sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session(locale=lang)
    seen = browse(page_of(session), {"card_number": number, "lang": lang})
    assert seen.status == 422
    assert words in seen.text
    assert 'value=""' in seen.text
    assert sandbox.session(session.id)["payment_intent"] is None
    assert sandbox.events() == []


@pytest.mark.parametrize("number", [REAL_LOOKING, "4242424242424242", "4000000000000002"])
def test_no_number_is_stored_or_logged(
    number: str,
    sandbox: SandboxServer,
    open_session: Open,
    browse: Browse,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    session = open_session()
    seen = browse(page_of(session), {"card_number": number, "cvc": "987"})
    assert number not in str(seen.headers)
    assert number not in seen.text
    out, err = capfd.readouterr()
    for place in (
        sandbox.dump(),
        str(sandbox.requests),
        str(sandbox.events()),
        caplog.text,
        out,
        err,
    ):
        assert number not in place
        assert not re.search(r"cvc[^,]{0,5}987", place)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expiry": "01/20"}, "有效期不正确"),
        ({"expiry": "13/34"}, "有效期不正确"),
        ({"expiry": "soon"}, "有效期不正确"),
        ({"cvc": "12"}, "安全码不正确"),
        ({"cvc": "abc"}, "安全码不正确"),
    ],
)
def test_a_wrong_date_or_code_is_told_in_words(
    fields: dict[str, str], words: str, sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    seen = browse(page_of(open_session()), {"card_number": "4242424242424242"} | fields)
    assert seen.status == 422
    assert words in seen.text
    assert "4242 4242 4242 4242" in seen.text
    assert sandbox.events() == []


def test_the_bank_s_question_can_be_answered_both_ways(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session(branding_settings={"display_name": "红卡"})
    form = {"card_number": "4000002500003155", "lang": "zh"}
    question = browse(page_of(session), form).headers["location"]
    assert question.startswith("/3ds/pi_")
    seen = browse(question)
    for part in ('data-testid="approve"', 'data-testid="fail"', "红卡", "฿359.00 THB"):
        assert part in seen.text
    assert "form-action 'self' http://localhost:8000" in seen.headers["content-security-policy"]
    failed = browse(question, {"result": "fail", "lang": "zh"})
    assert failed.headers["location"].startswith(page_of(session))
    assert "银行验证没有通过" in browse(failed.headers["location"].partition("#")[0]).text
    browse(page_of(session), form)
    approved = browse(question, {"result": "approve"})
    assert approved.headers["location"].startswith("http://localhost:8000/orders/A1/")
    # A second answer changes nothing.
    browse(question, {"result": "fail"})
    assert sandbox.session(session.id)["payment_status"] == "paid"
    assert len(sandbox.events("charge.succeeded")) == 1


def test_a_challenge_without_a_session_returns_to_its_own_address(
    api: stripe.StripeClient, browse: Browse
) -> None:
    intent = api.v1.payment_intents.create(
        {
            "amount": 35900,
            "currency": "thb",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "http://localhost:8000/back/?a=1",
        }
    )
    seen = browse(f"/3ds/{intent.id}", {"result": "approve"})
    expected = f"?a=1&payment_intent={intent.id}&redirect_status=succeeded"
    assert seen.headers["location"].endswith(expected)
    assert "已经结束" in browse(f"/3ds/{intent.id}").text


def test_a_paid_page_leads_back_and_charges_nothing_more(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session()
    sandbox.pay(session.id)
    for seen in (
        browse(page_of(session)),
        browse(page_of(session), {"card_number": "4242424242424242"}),
    ):
        assert "这笔付款已经完成" in seen.text
        assert f"?session={session.id}" in seen.text
    assert len(sandbox.events("charge.succeeded")) == 1


def test_an_expired_page_says_so_and_leads_back(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session(locale="en")
    sandbox.clock_offset = 24 * 60 * 60 + 1
    seen = browse(page_of(session), {"card_number": "4242424242424242"})
    assert "has expired" in seen.text
    assert 'href="http://localhost:8000/orders/A1/"' in seen.text
    assert sandbox.events("charge.succeeded") == []


def test_an_expired_session_ends_its_challenge(
    sandbox: SandboxServer, open_session: Open, browse: Browse
) -> None:
    session = open_session()
    question = browse(page_of(session), {"card_number": "4000002500003155"}).headers["location"]
    sandbox.clock_offset = 24 * 60 * 60 + 1
    seen = browse(question, {"result": "approve"})
    assert seen.headers["location"].startswith(page_of(session))
    assert sandbox.session(session.id)["payment_status"] == "unpaid"


@pytest.mark.parametrize("path", ["/c/pay/cs_test_nothing", "/3ds/pi_nothing", "/nowhere", "/c/"])
def test_an_unknown_page_is_a_404_in_words(path: str, browse: Browse) -> None:
    seen = browse(path)
    assert seen.status == 404
    assert "找不到这个付款页面" in seen.text


def test_the_stylesheet_is_our_own_and_loads_nothing(browse: Browse) -> None:
    seen = browse("/_assets/pay.css")
    assert seen.headers["content-type"].startswith("text/css")
    assert "url(" not in seen.text
    assert "@import" not in seen.text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (35900, "thb", "฿359.00 THB"),
        (7200, "cny", "¥72.00 CNY"),
        (500, "jpy", "¥500 JPY"),
        (1234567, "krw", "₩1,234,567 KRW"),
        (5, "eur", "€0.05 EUR"),
        (99999999, "usd", "US$999,999.99 USD"),
    ],
)
def test_amounts_are_written_with_their_currency(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


def test_the_pages_name_no_logo_and_no_foreign_address(open_session: Open, browse: Browse) -> None:
    text = browse(page_of(open_session())).text
    assert "<img" not in text
    assert "<svg" not in text
    assert set(re.findall(r'(?:href|src|action)="(https?://[^/"]+)', text)) == {
        "http://localhost:8000"
    }
