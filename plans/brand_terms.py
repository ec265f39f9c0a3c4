"""What a brand's rules mean, in the customer's words: for its page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from messaging.formats import money
from plans.models import Brand
from plans.terms import refund_text, tax_text

# What a line of a brand with SMS queries sends to the service number (guide 003).
SMS_COMMAND = "123"


@dataclass(frozen=True, slots=True)
class Stage:
    """One state that a line passes through after its end, and how many days it lasts.

    `days` is None for the first and the last state: they have no fixed length.
    """

    # ok, warn, bad or off: decides the colour, never stands alone.
    tone: str
    word: str
    meaning: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A window without new payments: running now, or still to come."""

    from_at: datetime
    until_at: datetime
    is_running: bool


def stages(brand: Brand) -> list[Stage]:
    """Return what becomes of a line that is not renewed, stage by stage; those of 0 days are out."""
    timed = [
        Stage(
            "warn",
            _("Expired, in grace"),
            _("You can still be called and keep your number. Renew to use everything again."),
            brand.grace_days,
        ),
        Stage("bad", _("Suspended"), _suspension(brand), brand.suspended_days),
        Stage(
            "bad",
            _("Number on hold"),
            _("It can no longer be renewed and will be given up."),
            brand.quarantine_days,
        ),
    ]
    return [
        Stage("ok", _("Active"), _("Everything in your plan can be used.")),
        *(stage for stage in timed if stage.days),
        Stage("off", _("Closed"), _("The number is no longer yours.")),
    ]


def money_rules(brand: Brand) -> list[tuple[str, str]]:
    """Return (name, rule) for tax, change of mind, top-ups and the balance's limit."""
    rules = [
        (_("Prices"), tax_text(brand)),
        (_("If you change your mind"), refund_text(brand)),
        (_("Top-up"), _topup(brand)),
    ]
    if brand.max_balance_minor:
        limit = money(brand.max_balance_minor, brand.currency)
        rules.append((_("Balance of a line"), _("%(amount)s at most") % {"amount": limit}))
    automatic = (
        _("yours to switch on, and off again at any time")
        if brand.auto_renew_allowed
        else _("not offered")
    )
    return [*rules, (_("Auto-renew"), automatic)]


def payment_names(brand: Brand) -> list[str]:
    """Return the names of the ways to pay that the brand takes, in its order."""
    names = {
        "alipay": _("Alipay"),
        "wechat_pay": _("WeChat Pay"),
        "card": _("Bank card"),
        "apple_pay": "Apple Pay",
        "paypal": "PayPal",
        "promptpay": "PromptPay",
        "bank_transfer": _("Bank transfer"),
        "gift_card": _("Gift card"),
        "balance": _("Account balance"),
    }
    return [names.get(method, method) for method in brand.payment_methods]


def query_ways(brand: Brand) -> list[tuple[str, str]]:
    """Return (way, what to do) for asking what is left: SMS and voice where the brand has them."""
    ways = []
    if "sms" in brand.query_channels and brand.service_number:
        said = _("Send %(command)s to %(number)s: balance, data left and last day come back.")
        words = {"command": SMS_COMMAND, "number": brand.service_number}
        ways.append((_("Ask by SMS"), said % words))
    if "voice" in brand.query_channels and brand.hotline:
        said = _("Call %(number)s and follow the voice: it reads out the same figures.")
        ways.append((_("Ask by phone"), said % {"number": brand.hotline}))
    return ways


def maintenance(brand: Brand, *, now: datetime) -> Maintenance | None:
    """Return the brand's window without new payments, unless there is none or it is over."""
    begins, ends = brand.maintenance_from_at, brand.maintenance_until_at
    if begins is None or ends is None or now >= ends:
        return None
    return Maintenance(begins, ends, is_running=begins <= now)


def _suspension(brand: Brand) -> str:
    if not brand.reactivation_fee_minor:
        return _("Nothing works at the moment, but the number is still yours. Renewing wakes it.")
    return _(
        "Nothing works, but the number is still yours. Renewing wakes it, for %(fee)s on top."
    ) % {"fee": money(brand.reactivation_fee_minor, brand.currency)}


def _topup(brand: Brand) -> str:
    if brand.topup_rule == Brand.TopUpRule.ADD:
        return _("its days are added to those the number still has")
    return _("the number's days count anew from the day of the top-up")
