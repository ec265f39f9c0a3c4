"""Why may this line not be renewed? One answer for the page, the checkout and late money."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from messaging.formats import day, day_time
from plans.chain import Agreed, Chain, NextPeriod, next_period, read_chain
from plans.models import Line, PlanVersion
from plans.validity import local_midnight

_lazy_day = lazy(day, str)
_lazy_day_time = lazy(day_time, str)


# What a link to the page of a fix says, where the reason has no better words.
PUT_IT_RIGHT = _("Put it right")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, in the customer's words, with what to do about it.

    `code` is stable and for programs; `fix_url_name` names the page that removes the reason or
    leads to who can, empty when there is none.
    """

    code: str
    message: StrOrPromise
    next_step: StrOrPromise
    fix_url_name: str = ""
    fix_url_args: tuple[str, ...] = ()
    fix_label: StrOrPromise = PUT_IT_RIGHT

    @property
    def fix_url(self) -> str:
        """The address of that page, or ""."""
        return reverse(self.fix_url_name, args=self.fix_url_args) if self.fix_url_name else ""


# Codes of refusals that only time removes: the chain is as long as the plan allows.
LIMIT_CODES = frozenset({"queue_full", "too_far_ahead", "too_many_beside"})


def why_no_renewal(
    *, line: Line, version: PlanVersion, now: datetime, chain: Chain | None = None
) -> Refusal | None:
    """Return why a customer may not start to pay for `version` on the line now, or None.

    The page shows the answer beside the button and the checkout refuses by it. A line on hold is
    refused here (rule 6): never sell what cannot be applied. `chain` saves the query where many
    plans of one line are asked about.
    """
    return (
        why_line_cannot_renew(line=line, now=now)
        or _why_not_sold(line, version)
        or _why_identity(line, version)
        or _why_limit(line, version, now, paid_at=now, chain=chain)
    )


def why_line_cannot_renew(*, line: Line, now: datetime) -> Refusal | None:
    """Return why no plan at all may be bought for the line now, or None; no query where brand and
    owner of the line are known."""
    return _why_state(line) or _why_maintenance(line, now) or _why_phone(line)


def why_line_cannot_take(
    *,
    line: Line,
    version: PlanVersion,
    now: datetime,
    paid_at: datetime,
    chain: Chain | None = None,
    agreed: Agreed | None = None,
) -> Refusal | None:
    """Return why money that has already arrived may not become a period, or None.

    Only what makes the period impossible counts: the line's state, a block, the two limits, and a
    payment so old that its whole period is over. Maintenance, a withdrawn plan and a missing
    identity check or phone number never hold back money under way.
    """
    return _why_state(line) or _why_limit(
        line, version, now, paid_at=paid_at, chain=chain, agreed=agreed
    )


def reactivation_fee_minor(line: Line) -> int:
    """Return what it costs to wake the line, in minor units of the brand's currency."""
    return line.brand.reactivation_fee_minor if line.state == Line.State.SUSPENDED else 0


_DEAD_STATES = {
    Line.State.PRE_ACTIVE: Refusal(
        "pre_active",
        _("This line is not activated yet."),
        _("Activate it first; then it can be renewed."),
    ),
    Line.State.QUARANTINE: Refusal(
        "quarantine",
        _("This number is on hold and can no longer be renewed."),
        _("Ask customer service whether it can be restored."),
    ),
    Line.State.TERMINATED: Refusal(
        "terminated",
        _("This line has been closed."),
        _("Please choose another line."),
    ),
}
_BLOCKED = Refusal(
    "blocked",
    _("This line is blocked."),
    _("Customer service tells you why and can lift the block."),
)
_OTHER_BRAND = Refusal(
    "other_brand",
    _("This plan belongs to another brand."),
    _("Please choose a plan of this line's brand."),
)
_NOT_A_PLAN = Refusal(
    "not_a_plan",
    _("This is not a plan that can renew a line."),
    _("Please choose a plan."),
)
_NOT_ON_SALE = Refusal(
    "not_on_sale",
    _("This plan is no longer on sale."),
    _("Please choose another plan."),
)
_CHANGED = Refusal(
    "version_changed",
    _("The terms of this plan have changed."),
    _("Please look at the new terms and choose again."),
)
_IDENTITY = Refusal(
    "identity_missing",
    _("Your identity has not been verified."),
    _("This plan needs an identity check. Customer service helps you with it."),
    "plans:brand",
    fix_label=_("Contact customer service"),
)
_PHONE = Refusal(
    "phone_missing",
    _("Your phone number is not bound."),
    _("Bind it by a code; then you can renew."),
    "account_change_phone",
    fix_label=_("Bind a phone number"),
)
_NEEDS_A_PLAN = Refusal(
    "needs_a_plan",
    _("An add-on needs a running plan."),
    _("Please renew with a plan first."),
)
_OVER = Refusal(
    "period_over",
    _("This payment reached us after the period it paid for."),
    _("You get your money back."),
)


def _why_state(line: Line) -> Refusal | None:
    dead = _DEAD_STATES.get(Line.State(line.state))
    return dead or (_BLOCKED if line.is_blocked else None)


def _why_maintenance(line: Line, now: datetime) -> Refusal | None:
    brand = line.brand
    ends = brand.maintenance_end(now)
    if ends is None:
        return None
    return Refusal(
        "maintenance",
        _("The system is under maintenance."),
        format_lazy(
            _("Renewals open again on {time}."), time=_lazy_day_time(ends, brand.zone, now=now)
        ),
    )


def _why_not_sold(line: Line, version: PlanVersion) -> Refusal | None:
    plan = version.plan
    if plan.brand_id != line.brand_id:
        return _OTHER_BRAND
    if not version.gives_a_period:
        return _NOT_A_PLAN
    if not plan.is_on_sale:
        return _NOT_ON_SALE
    return None if plan.current_id == version.pk else _CHANGED


def _why_identity(line: Line, version: PlanVersion) -> Refusal | None:
    if not version.identity_required:
        return None
    customer = line.customer
    if customer is not None and customer.identity_verified_at is not None:
        return None
    return replace(_IDENTITY, fix_url_args=(line.brand.slug,))


def _why_phone(line: Line) -> Refusal | None:
    """Some brands serve only customers who can be reached at a proved number (F09)."""
    if not line.brand.phone_required:
        return None
    customer = line.customer
    return None if customer is not None and customer.phone_verified_at is not None else _PHONE


def _why_limit(
    line: Line,
    version: PlanVersion,
    now: datetime,
    *,
    paid_at: datetime,
    chain: Chain | None,
    agreed: Agreed | None = None,
) -> Refusal | None:
    chain = chain or read_chain(line)
    if version.plan.needs_a_plan and chain.running(paid_at) is None:
        return _NEEDS_A_PLAN
    upcoming = next_period(
        line=line, version=version, paid_at=paid_at, applied_at=now, chain=chain, agreed=agreed
    )
    if upcoming.end_at <= now:
        return _OVER
    if upcoming.mode == PlanVersion.EarlyRenewal.PARALLEL:
        return _why_beside(line, version, now, chain=chain)
    return _why_queue(line, version, now, chain=chain, upcoming=upcoming) or _why_ahead(
        line, version, now, upcoming=upcoming
    )


def _why_beside(line: Line, version: PlanVersion, now: datetime, *, chain: Chain) -> Refusal | None:
    """As many packs of one plan may run at once as periods may wait, and always one."""
    ends, most = chain.beside_ends(version, now), max(version.max_queued, 1)
    if len(ends) < most:
        return None
    return Refusal(
        "too_many_beside",
        _("As many packs of this kind are running as the plan allows."),
        _possible_again(line, ends[len(ends) - most], now),
    )


def _why_queue(
    line: Line, version: PlanVersion, now: datetime, *, chain: Chain, upcoming: NextPeriod
) -> Refusal | None:
    """Too many would wait; possible again once enough of the waiting ones have started."""
    waiting = chain.queued_starts(now)
    if upcoming.start_at <= now or len(waiting) < version.max_queued:
        return None
    free_at = [*waiting, upcoming.start_at][len(waiting) - version.max_queued]
    return Refusal(
        "queue_full",
        _("As many periods are waiting for this line as the plan allows."),
        _possible_again(line, free_at, now),
    )


def _why_ahead(
    line: Line, version: PlanVersion, now: datetime, *, upcoming: NextPeriod
) -> Refusal | None:
    """The start lies too many local days ahead; the length of the period does not matter."""
    zone = line.brand.zone
    start_on = upcoming.start_at.astimezone(zone).date()
    if (start_on - now.astimezone(zone).date()).days <= version.max_ahead_days:
        return None
    free_at = local_midnight(start_on - timedelta(days=version.max_ahead_days), zone)
    return Refusal(
        "too_far_ahead",
        _("This line is paid for too far ahead to be renewed now."),
        _possible_again(line, free_at, now),
    )


def _possible_again(line: Line, free_at: datetime, now: datetime) -> StrOrPromise:
    return format_lazy(
        _("You can renew again from {day}."), day=_lazy_day(free_at, line.brand.zone, now=now)
    )
