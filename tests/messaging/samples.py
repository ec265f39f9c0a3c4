"""One sample of each kind of message, for the golden files and the delivery tests."""

from datetime import UTC, datetime
from typing import Any

from messaging.models import Message
from messaging.rendering import render

# The moment at which the golden files are written: dates of this year carry no year.
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

# Names as the recipient's language has them, as whoever queues a message gives them.
WORDS = {
    "en": {
        "brand": "Hongka",
        "plan": "Thailand 30 days 20 GB",
        "pack": "Data pack 7 days 10 GB",
        "left": "4 GB",
        "none_left": "0 MB",
        "after_limit": "slows down to 384 kbit/s; nothing is charged on top",
        "declined": "The bank refused the card.",
        "twice": "The order was paid twice.",
        "confirm": "Please confirm your e-mail address",
        "confirm_text": "Hello,\n\nopen this link to confirm:\n"
        "https://xuka.example/accounts/confirm-email/MQ:abc/?a=1&b=2\n\nIt works once.",
    },
    "zh-hans": {
        "brand": "红卡",
        "plan": "泰国 30 天 20 GB",
        "pack": "流量包 7天 10GB",
        "left": "4 GB",
        "none_left": "0 MB",
        "after_limit": "降速至 384 kbit/s；不会额外扣费",
        "declined": "银行拒绝了这张卡。",
        "twice": "这笔订单付了两次。",
        "confirm": "请确认您的邮箱",
        "confirm_text": "您好：\n\n请打开下面的链接完成确认：\n"
        "https://xuka.example/accounts/confirm-email/MQ:abc/?a=1&b=2\n\n链接只能使用一次。",
    },
}


def contexts(language: str) -> dict[str, dict[str, Any]]:
    """Return a context by sample name; the part before the dot is the kind."""
    words = WORDS[language]
    order = {
        "order_number": "XK7Q2M9D4TPA",
        "order_url": "https://xuka.example/orders/XK7Q2M9D4TPA/",
        "brand": words["brand"],
        "amount_minor": 7200,
        "currency": "CNY",
        "test_mode": True,
    }
    line = {**order, "plan": words["plan"], "msisdn": "+66812345678"}
    renewal = {
        **line,
        "line_url": "https://xuka.example/lines/3f6c1f0e/",
        # Bangkok: from the midnight that opens 20 November to the one that closes 19 December.
        "start_at": "2026-11-19T17:00:00+00:00",
        "end_at": "2026-12-19T17:00:00+00:00",
        "time_zone": "Asia/Bangkok",
        "effective_at": "2026-11-20T02:59:31+00:00",
        "queued": False,
    }
    later = {
        "queued": True,
        "amount_minor": 35950,
        "currency": "THB",
        "start_at": "2026-12-19T17:00:00+00:00",
        "end_at": "2027-01-18T17:00:00+00:00",
    }
    ending = {
        "brand": words["brand"],
        "plan": words["plan"],
        "is_pack": False,
        "msisdn": "+66812345678",
        "end_at": "2026-11-26T17:00:00+00:00",
        "time_zone": "Asia/Bangkok",
        "renew_url": "https://xuka.example/r/Qx4-8vT4mQ2sWZb7Y/",
        "line_url": "https://xuka.example/lines/3f6c1f0e/",
        "unsubscribe_url": "https://xuka.example/lines/3f6c1f0e/",
        "test_mode": True,
    }
    open_until = {"expires_at": "2026-11-20T03:31:00+00:00", "time_zone": "Asia/Bangkok"}
    return {
        "renewal_effective": renewal,
        "renewal_effective.queued": {**renewal, **later},
        "renewal_effective.stacked": {**renewal, **later, "queued": False, "lies": "stacked"},
        "renewal_effective.replaced": {**renewal, "lies": "replaced"},
        "renewal_effective.beside": {**renewal, "plan": words["pack"], "lies": "beside"},
        "payment_failed": {**line, **open_until, "reason": words["declined"]},
        "payment_refunded": {**line, "reason": words["twice"]},
        "payment_credited": line,
        "order_in_review": order,
        "period_ending": ending,
        "period_ending.pack": {**ending, "is_pack": True, "plan": words["pack"]},
        **_thresholds(words, ending),
        "verification_code": {"code": "402917"},
        **_stages(words["brand"]),
        **_claims(words["brand"]),
        "rendered": {"subject": words["confirm"], "text": words["confirm_text"], "html": ""},
    }


def _stages(brand: str) -> dict[str, dict[str, Any]]:
    """What is said about a line whose validity ran out on 19 November, and of its number."""
    stage = {
        "brand": brand,
        "msisdn": "+66812345678",
        "lapsed_at": "2026-11-19T17:00:00+00:00",
        "suspended_at": "2026-12-04T17:00:00+00:00",
        "number_lost_at": "2027-01-18T17:00:00+00:00",
        "money_lost_at": "2027-04-18T17:00:00+00:00",
        "time_zone": "Asia/Bangkok",
        "fee_minor": 0,
        "balance_minor": 12_000,
        "currency": "THB",
        "line_url": "https://xuka.example/lines/7KQ2M9XW4D/",
        "unsubscribe_url": "https://xuka.example/lines/7KQ2M9XW4D/",
        "test_mode": True,
    }
    woken = {"fee_minor": 10_000, "balance_minor": 0}
    return {
        "line_stage": {**stage, "stage": "grace"},
        "line_stage.suspended": {**stage, **woken, "stage": "suspended"},
        "line_stage.number_loss": {**stage, **woken, "stage": "number_loss"},
        "phone_released": {
            "phone": "…5678",
            "login_url": "https://xuka.example/accounts/login/",
            "test_mode": True,
        },
    }


def _thresholds(words: dict[str, str], line: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is said when much of an allowance is used, or all of it."""
    used = {
        **line,
        "kind": "data",
        "percent": 80,
        "left": words["left"],
        "after_limit": words["after_limit"],
        "measured_at": "2026-11-20T02:58:00+00:00",
    }
    return {
        "usage_threshold": used,
        "usage_threshold.up": {**used, "percent": 100, "left": words["none_left"]},
    }


def _claims(brand: str) -> dict[str, dict[str, Any]]:
    """What is said about a line that is being added to an account."""
    claim = {
        "brand": brand,
        "msisdn": "+66812345678",
        "line_url": "https://xuka.example/lines/7KQ2M9XW4D/",
        "brand_url": "https://xuka.example/b/hongka/",
        "test_mode": True,
    }
    return {
        "line_claim_code": {**claim, "code": "402917"},
        "line_claim_tried": claim,
        "line_claimed": claim,
        "line_moved": claim,
    }


def sample(name: str, channel: str, language: str, *, demo: bool = False) -> Message:
    """Return an unsaved message of the sample."""
    return Message(
        channel=channel,
        address="wang@example.com" if channel == "email" else "+66812345678",
        language=language,
        template=name.partition(".")[0],
        context=contexts(language)[name],
        dedupe_key=f"sample:{name}:{channel}:{language}",
        demo=demo,
        next_try_at=NOW,
    )


def written(name: str, language: str) -> dict[str, str]:
    """Return what the sample reads like, by golden file name."""
    mail = render(sample(name, "email", language))
    sms = render(sample(name, "sms", language))
    demo = render(sample(name, "sms", language, demo=True))
    return {
        f"{name}.mail.txt": f"{mail.subject}\n\n{mail.text}",
        f"{name}.mail.html": mail.html,
        f"{name}.sms.txt": f"{sms.text}\n{demo.text}\n",
    }
