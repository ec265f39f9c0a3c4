"""What the page behind a renewal link shows: one line, one plan, one order; no name, no use."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.errors import CheckoutRefused
from billing.methods import MethodOffer, offered_methods
from billing.models import Order
from billing.selectors.orders import OrderStory, link_story
from billing.services.quotes import Quote, quote_renewal
from plans.models import Period, PlanVersion
from plans.renewability import Refusal, why_no_renewal
from plans.renewal_links import period_of_token, renewal_token

# Refusals that would tell something about the owner to whoever holds the link.
PERSONAL_CODES = frozenset({"identity_missing", "phone_missing"})
CLOSED = frozenset({Order.State.EXPIRED.value, Order.State.CANCELLED.value})

_CHECK_MISSING = Refusal(
    "account_check",
    _("This plan cannot be renewed by this link."),
    _("Something has to be put right in the account first; after logging in it says what."),
)
_NO_METHOD = Refusal(
    "no_method",
    _("This plan cannot be renewed by this link."),
    _("There is no way to pay it here."),
)


@dataclass(frozen=True, slots=True)
class RenewalLink:
    """A valid link: the period it renews, its owner, and the version that is on sale now."""

    # As signed; other spellings of the same link lead to the same order.
    token: str
    period: Period
    owner: User
    version: PlanVersion


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """What can be ordered by the link: the promise, the chosen way to pay, and the others."""

    quote: Quote
    method: MethodOffer
    others: list[MethodOffer]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Exactly one of story, renewed_until, refusal and offer says what the page is about.

    `closed` is the state of an earlier order by this link that came to nothing.
    """

    story: OrderStory | None = None
    renewed_until: datetime | None = None
    refusal: Refusal | None = None
    offer: LinkOffer | None = None
    closed: OrderStory | None = None


def find_link(token: str, *, now: datetime) -> RenewalLink | None:
    """The link a token stands for; None when it is forged, over, or of a line without owner."""
    period = period_of_token(token, now=now)
    if period is None or period.line.customer is None:
        return None
    return RenewalLink(
        token=renewal_token(period),
        period=period,
        owner=period.line.customer,
        version=period.version.plan.current or period.version,
    )


def link_page(link: RenewalLink, *, pay: str, again: bool, now: datetime) -> LinkPage:
    """What the link shows now, `pay` being the way to pay that was chosen, e.g. card:THB.

    An order by this link comes first, until it has closed unpaid; `again` looks past one that
    still waits for its payment, to order at today's price or by another way to pay.
    """
    story = link_story(link.token, link.period.line)
    is_closed = story is not None and story.order.state in CLOSED
    is_passed_over = again and story is not None and story.order.is_payable
    if story is not None and not is_closed and not is_passed_over:
        return LinkPage(story=story)
    closed = story if is_closed else None
    renewed_until = _renewed_until(link.period, now=now)
    if renewed_until is not None:
        return LinkPage(renewed_until=renewed_until, closed=closed)
    refusal = why_no_renewal(line=link.period.line, version=link.version, now=now)
    if refusal is not None:
        return LinkPage(refusal=_for_anybody(refusal), closed=closed)
    offer = _offer(link, pay=pay, now=now)
    return LinkPage(offer=offer, refusal=None if offer else _NO_METHOD, closed=closed)


def _renewed_until(period: Period, *, now: datetime) -> datetime | None:
    """The end of what was bought behind the link's period, where that is not over."""
    later = period.line.periods.standing().filter(
        is_parallel=period.is_parallel, end_at__gt=max(period.end_at, now)
    )
    if period.is_parallel:
        later = later.filter(version__plan=period.version.plan_id)
    return later.order_by("-end_at").values_list("end_at", flat=True).first()


def _for_anybody(refusal: Refusal) -> Refusal:
    """The refusal without what only the owner should read."""
    return _CHECK_MISSING if refusal.code in PERSONAL_CODES else refusal


def _offer(link: RenewalLink, *, pay: str, now: datetime) -> LinkOffer | None:
    """The promise in the chosen currency; the first way to pay where none was chosen."""
    line = link.period.line
    methods = offered_methods(link.version, line=line)
    method = next((one for one in methods if one.code == pay), next(iter(methods), None))
    if method is None:
        return None
    try:
        quote = quote_renewal(line=line, version=link.version, currency=method.currency, now=now)
    except CheckoutRefused:
        return None
    return LinkOffer(quote, method, [one for one in methods if one != method])
