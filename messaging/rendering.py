"""From a message's kind and context to the words that leave: subject line, text, HTML."""

from typing import NamedTuple

import mrml
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import pgettext

from messaging.models import Message

_ORDER = frozenset({"order_number", "order_url", "brand", "amount_minor", "currency"})
_LINE = _ORDER | {"plan", "msisdn"}
_CLAIM = frozenset({"brand", "msisdn", "line_url", "brand_url"})
# What each kind's templates name. A missing key would leave a hole in a sentence about money,
# and a template says nothing about it; hence the check. Kinds not named here are not checked.
NEEDED = {
    "renewal_effective": _LINE
    | {"line_url", "start_at", "end_at", "time_zone", "effective_at", "queued"},
    "payment_failed": _LINE | {"reason", "expires_at", "time_zone"},
    "payment_refunded": _LINE | {"reason"},
    "payment_credited": _ORDER | {"msisdn"},
    "order_in_review": _ORDER,
    "period_ending": frozenset(
        {"brand", "plan", "is_pack", "msisdn", "end_at", "time_zone", "renew_url", "line_url"}
    ),
    "line_stage": frozenset(
        {"stage", "brand", "msisdn", "suspended_at", "number_lost_at", "money_lost_at"}
    )
    | {"time_zone", "fee_minor", "balance_minor", "currency", "line_url"},
    "phone_released": frozenset({"phone", "login_url"}),
    "verification_code": frozenset({"code"}),
    "line_claim_code": _CLAIM | {"code"},
    "line_claim_tried": _CLAIM,
    "line_claimed": _CLAIM,
    "line_moved": _CLAIM,
    "rendered": frozenset({"subject", "text", "html"}),
}


class RenderError(LookupError):
    """The message cannot be written: its context lacks what its words need."""


class Rendered(NamedTuple):
    """What goes out. SMS have no subject line and no HTML."""

    subject: str
    text: str
    html: str


def render(message: Message) -> Rendered:
    """Write the message in its own language, whatever language is active.

    Raises RenderError for a context with holes, and Django's template errors for an unknown kind.
    """
    missing = NEEDED.get(message.template, frozenset()) - message.context.keys()
    if missing:
        raise RenderError(f"{message.template} lacks {', '.join(sorted(missing))}")
    with translation.override(message.language):
        if message.channel == Message.Channel.SMS:
            return Rendered("", _one_line(_write(message, "sms.txt")), "")
        return Rendered(
            _one_line(_write(message, "subject.txt")),
            _write(message, "body.txt").strip() + "\n",
            _html(message),
        )


def _html(message: Message) -> str:
    # A mail that came ready-made keeps its own clothes.
    ready = message.context.get("html", "") if message.template == "rendered" else ""
    return str(ready or mrml.to_html(_write(message, "body.mjml")).content)


def _write(message: Message, part: str) -> str:
    context = {
        **message.context,
        "colon": pgettext("between a word and its value", ": "),
        "demo": message.demo,
        "test_mode": message.demo or bool(message.context.get("test_mode")),
    }
    return render_to_string(f"messaging/{message.template}/{part}", context)


def _one_line(text: str) -> str:
    """A subject line must not break, or it would be a header; an SMS need not."""
    return " ".join(text.split())
