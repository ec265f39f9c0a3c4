"""The clock of a number for its page: when it is suspended and lost, and the cheapest way to stop it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from plans.chain import next_period, read_chain
from plans.lifecycle import ladder_of, stage_dates
from plans.models import Line, Plan, PlanVersion
from plans.renewability import reactivation_fee_minor, why_line_cannot_renew, why_no_renewal
from plans.validity import topped_up_until

# Kinds that move the number's own validity and give no period.
NUMBER_KINDS = (Plan.Kind.KEEPALIVE, Plan.Kind.TOPUP)
# States in which a purchase still stops the clock.
STOPPABLE = (Line.State.ACTIVE, Line.State.GRACE, Line.State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Saver:
    """One thing on sale that keeps the number: its price, the fee of waking, and until when.

    Sums are minor units of the brand's currency, before tax where prices are without it.
    """

    version: PlanVersion
    price_minor: int
    fee_minor: int
    # Exclusive, UTC.
    kept_until: datetime

    @property
    def kind(self) -> str:
        """Keep-alive, top-up, or the kind of plan."""
        return self.version.plan.kind

    @property
    def total_minor(self) -> int:
        """Price and fee."""
        return self.price_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class NumberClock:
    """What becomes of a number that nobody pays for, and what stops it (G15). Times are UTC.

    All moments are the first at which the worse state holds: the last good day is the one before.
    """

    line: Line
    # The validity runs out: calls out end.
    lapses_at: datetime
    suspended_at: datetime
    # The number can no longer be had back by paying.
    number_lost_at: datetime
    # The line is closed, and what is left of its balance with it; records of money stay.
    money_lost_at: datetime
    cheapest: Saver | None
    now: datetime

    @property
    def is_running_out(self) -> bool:
        """Whether the validity is over already."""
        return self.lapses_at <= self.now

    @property
    def loses_money(self) -> bool:
        """Whether there is a balance to lose."""
        return self.line.balance_minor > 0


def number_clock(line: Line, *, now: datetime) -> NumberClock | None:
    """Return the clock of a line with its brand loaded, or None where none runs.

    None for lines that are not activated, closed or without a validity, and for brands that say
    nothing about the end of a number. Four queries at most.
    """
    ladder = ladder_of(line.brand)
    dead = line.state in (Line.State.PRE_ACTIVE, Line.State.TERMINATED)
    if dead or line.valid_until is None or not ladder.is_set:
        return None
    dates = stage_dates(valid_until=line.valid_until, ladder=ladder)
    return NumberClock(
        line=line,
        lapses_at=dates.grace_at,
        suspended_at=dates.suspended_at,
        number_lost_at=dates.quarantine_at,
        money_lost_at=dates.terminated_at,
        cheapest=cheapest_saver(line, now=now),
        now=now,
    )


def cheapest_saver(line: Line, *, now: datetime) -> Saver | None:
    """Return what keeps the number for the least money: keep-alive, top-up or plan (F41).

    Of equal prices that which keeps it longest. None where nothing on sale in the brand's currency
    makes the number last longer, and where nothing can be bought for the line at all.
    """
    if line.state not in STOPPABLE or why_line_cannot_renew(line=line, now=now) is not None:
        return None
    return min(
        _savers(line, now),
        key=lambda one: (one.price_minor, -one.kept_until.timestamp()),
        default=None,
    )


def _savers(line: Line, now: datetime) -> Iterator[Saver]:
    kept = max(line.valid_until or now, now)
    fee_minor = reactivation_fee_minor(line)
    versions = (
        PlanVersion.objects.filter(
            pk=F("plan__current"),
            plan__brand=line.brand_id,
            plan__is_on_sale=True,
            plan__kind__in=[*Plan.PERIOD_KINDS, *NUMBER_KINDS],
            prices__currency=line.brand.currency,
        )
        .select_related("plan__brand")
        .annotate(price_minor=F("prices__amount_minor"))
        .order_by("pk")
    )
    chain = read_chain(line)
    for version in versions:
        if version.plan.kind in NUMBER_KINDS:
            until = _topped_up(line, version, now)
        elif why_no_renewal(line=line, version=version, now=now, chain=chain) is None:
            until = next_period(line=line, version=version, paid_at=now, chain=chain).end_at
        else:
            continue
        if until > kept:
            yield Saver(version, version.price_minor, fee_minor, until)


def _topped_up(line: Line, version: PlanVersion, now: datetime) -> datetime:
    return topped_up_until(
        line.valid_until,
        rule=line.brand.topup_rule,
        unit=version.validity_unit,
        count=version.validity_count,
        mode=version.validity_mode,
        now=now,
        tz=line.brand.zone,
    )
