"""Every sentence of the pages, Chinese and English side by side."""

from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
HTML_LANG = {"zh": "zh-Hans", "en": "en"}

WORDS: dict[str, tuple[str, str]] = {
    "title": ("模拟收银台（不是 Stripe）", "Simulated checkout (not Stripe)"),
    "notice": (
        "这里不会发生任何真实扣款，只接受下面列出的测试卡号。请勿输入真实银行卡。",
        (
            "No money moves here and only the test numbers listed below are accepted. "
            "Never type a real card."
        ),
    ),
    "language": ("English", "中文"),
    "language_label": ("语言", "Language"),
    "shop": ("模拟商户", "Demo shop"),
    "to_pay": ("应付金额", "Amount to pay"),
    "items": ("购买内容", "What you are buying"),
    "quantity": ("数量", "Quantity"),
    "total": ("合计", "Total"),
    "valid_until": ("请在此时间前完成（UTC）", "Open until (UTC)"),
    "back": ("返回商店，暂不付款", "Back to the shop without paying"),
    "pay_by_card": ("用测试卡付款", "Pay with a test card"),
    "card_number": ("测试卡号", "Test card number"),
    "expiry": ("有效期（月/年）", "Expiry (month/year)"),
    "cvc": ("安全码", "Security code"),
    "any_future": ("任意未来日期", "Any future date"),
    "any_digits": ("任意三位数字", "Any three digits"),
    "pay": ("模拟支付", "Pay (simulated)"),
    "test_cards": ("测试卡", "Test cards"),
    "fill_in": ("填入", "Fill in"),
    "fill_in_hint": (
        "点“填入”即可把卡号放进上面的表格。",
        "Tap Fill in to put the number into the form above.",
    ),
    "kept": (
        "只保存卡组织、后四位、有效期和场景名称；卡号本身从不保存，也不写入日志。",
        (
            "Only brand, last four digits, expiry and the scenario name are kept; "
            "the number itself is never stored or logged."
        ),
    ),
    "error": ("没有付款成功", "The payment did not go through"),
    "try_again": (
        "没有扣款。可以换一张测试卡再试，订单仍然有效。",
        "Nothing was charged. Try another test card; the order is still open.",
    ),
    "only_test_numbers": (
        "这个号码不在测试卡列表中，只接受下面列出的测试卡号。输入的内容没有被保存。",
        (
            "That number is not on the list: only the test numbers below are accepted. "
            "What you typed was not kept."
        ),
    ),
    "bad_expiry": (
        "有效期不正确：请填写未来的月/年，例如 12/34。",
        "The expiry date is not valid: use a future month/year such as 12/34.",
    ),
    "bad_cvc": (
        "安全码不正确：请填写三位或四位数字。",
        "The security code is not valid: use three or four digits.",
    ),
    "over_complete": ("这笔付款已经完成", "This payment is complete"),
    "over_complete_text": (
        "这一页已经付过款，不会重复扣款。请回到商店查看订单。",
        "This page has been paid and will not charge again. See your order in the shop.",
    ),
    "over_expired": ("这个付款页面已过期", "This payment page has expired"),
    "over_expired_text": (
        "没有扣款。请回到商店，从订单页面重新付款。",
        "Nothing was charged. Go back to the shop and pay again from your order.",
    ),
    "to_shop": ("回到商店", "Back to the shop"),
    "not_found": ("找不到这个付款页面", "There is no such payment page"),
    "not_found_text": (
        "链接可能不完整，或模拟收银台已经重启并清空。请回到商店重新付款。",
        (
            "The link may be incomplete, or the stand-in was restarted empty. "
            "Go back to the shop and pay again."
        ),
    ),
    "bank": ("模拟银行验证", "Simulated bank check"),
    "bank_text": (
        "真实付款时，银行会在这里核实持卡人身份。请选择验证结果。",
        "In a real payment the bank would check the cardholder here. Choose how it ends.",
    ),
    "approve": ("验证通过", "Approve"),
    "fail": ("验证失败", "Fail"),
    "bank_done": ("这次验证已经结束", "This check has already ended"),
    "bank_done_text": ("可以关闭这一页。", "You can close this page."),
}

# One line for each test card, by scenario.
MEANINGS: dict[str, tuple[str, str]] = {
    "paid": ("付款成功（Visa）", "Paid (Visa)"),
    "paid_mastercard": ("付款成功（Mastercard）", "Paid (Mastercard)"),
    "generic_decline": ("被银行拒绝", "Declined by the bank"),
    "insufficient_funds": ("余额不足", "Not enough money"),
    "challenge_once": (
        "需要银行验证；通过并保存后，以后自动扣款成功",
        "Bank check once; saved after approval, later charges succeed",
    ),
    "challenge_always": (
        "每次都需要银行验证；自动扣款失败",
        "Bank check every time; automatic charges fail",
    ),
    "fails_when_charged": ("可以保存，但每次扣款都失败", "Can be saved, every charge fails"),
    "expired_card": ("银行卡已过期", "Card has expired"),
    "incorrect_cvc": ("安全码错误", "Wrong security code"),
    "processing_error": ("银行处理出错", "Processing error"),
    "card_velocity_exceeded": ("超过银行卡限额", "Over the card's limit"),
    "lost_card": ("卡已挂失", "Card reported lost"),
    "stolen_card": ("卡已报失窃", "Card reported stolen"),
    "paid_then_disputed": ("付款成功", "Paid"),
}

# Why an attempt failed, by Stripe's decline code.
REASONS: dict[str, tuple[str, str]] = {
    "generic_decline": ("银行拒绝了这张卡。", "The bank declined this card."),
    "insufficient_funds": ("这张卡余额不足。", "There is not enough money on this card."),
    "expired_card": ("这张卡已过期。", "This card has expired."),
    "incorrect_cvc": ("安全码不正确。", "The security code is wrong."),
    "processing_error": (
        "银行处理时出错，请稍后再试。",
        "The bank could not process the payment. Try again in a moment.",
    ),
    "card_velocity_exceeded": ("超过了这张卡的限额。", "This is over the card's limit."),
    "lost_card": ("这张卡已被挂失。", "This card was reported lost."),
    "stolen_card": ("这张卡已被报失窃。", "This card was reported stolen."),
    "authentication_required": (
        "银行要求验证身份。",
        "The bank asks for the cardholder to be checked.",
    ),
    "authentication_not_handled": (
        "银行验证没有通过。",
        "The bank check did not succeed.",
    ),
}


def say(lang: Lang, key: str) -> str:
    """A sentence of the pages."""
    return _pick(WORDS[key], lang)


def meaning(lang: Lang, scenario: str) -> str:
    """What a test card does, in one line."""
    return _pick(MEANINGS[scenario], lang)


def reason(lang: Lang, decline_code: str) -> str:
    """Why a card was refused, in plain words."""
    return _pick(REASONS.get(decline_code, REASONS["generic_decline"]), lang)


def choose(*, asked: str | None, locale: str | None, accepted: str) -> Lang:
    """The page's language: `?lang=`, else the session's locale, else the browser's, else Chinese."""
    for wish in (asked, locale if locale != "auto" else None, accepted):
        if wish:
            # A language the stand-in does not speak is answered in English, not in Chinese.
            return "zh" if wish.strip().lower().startswith("zh") else "en"
    return "zh"


def other(lang: Lang) -> Lang:
    """The language the switch leads to."""
    return "en" if lang == "zh" else "zh"


def _pick(pair: tuple[str, str], lang: Lang) -> str:
    return pair[LANGS.index(lang)]
