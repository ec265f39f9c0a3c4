"""How a bought period gets onto a line, and how time moves periods on."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from plans.chain import Agreed, NextPeriod, next_period, read_chain
from plans.errors import LineCannotTake, PeriodLimitReached
from plans.models import Bucket, Line, Period, PlanVersion
from plans.renewability import LIMIT_CODES, why_line_cannot_take
from plans.services.line_history import note_line_change
from plans.services.line_notices import withdraw_line_notices
from plans.services.reminders import withdraw_reminders

__all__ = ["NextPeriod", "advance_periods", "grant_period", "next_period"]

# States of a line that a new period ends.
WOKEN_STATES = (Line.State.GRACE, Line.State.SUSPENDED)
Mode = PlanVersion.EarlyRenewal


def grant_period(
    *,
    line: Line,
    version: PlanVersion,
    paid_at: datetime,
    now: datetime,
    agreed: Agreed | None = None,
) -> Period:
    """Write the period that a payment bought, with its buckets, where next_period puts it.

    The caller holds the line's lock and the transaction. The number lives at least as long as the
    period, and a line in grace or suspended becomes active again. A period that the customer
    agreed to replace ends at the start of the new one, and so do its allowances.

    Raises PeriodLimitReached when the chain is as long as the plan allows, LineCannotTake when
    the line may not have the period for another reason; then nothing was written.
    """
    chain = read_chain(line)
    refusal = why_line_cannot_take(
        line=line, version=version, now=now, paid_at=paid_at, chain=chain, agreed=agreed
    )
    if refusal is not None and refusal.code in LIMIT_CODES:
        raise PeriodLimitReached(refusal)
    if refusal is not None:
        raise LineCannotTake(refusal)
    place = next_period(
        line=line, version=version, paid_at=paid_at, applied_at=now, chain=chain, agreed=agreed
    )
    if place.ends is not None:
        _end_early(place.ends, at=place.start_at, now=now)
    period = _write(line, version, place, now=now)
    _fill_buckets(period, since=place.allowances_at or place.start_at)
    _extend_line(line, period, now=now)
    withdraw_reminders(line=line, period=period)
    return period


def advance_periods(*, now: datetime) -> int:
    """Move periods on by their stored times and return how many moved; repeating changes nothing.

    Two set-based updates, however many lines there are. Pages never depend on it: they go by the
    times themselves.
    """
    waiting, running = Period.State.QUEUED, Period.State.ACTIVE
    with transaction.atomic():
        ended = Period.objects.filter(state__in=[waiting, running], end_at__lte=now).update(
            state=Period.State.ENDED
        )
        started = Period.objects.filter(state=waiting, start_at__lte=now).update(state=running)
    return ended + started


def _write(line: Line, version: PlanVersion, place: NextPeriod, *, now: datetime) -> Period:
    return Period.objects.create(
        line=line,
        version=version,
        sequence=_last_sequence(line) + 1,
        start_at=place.start_at,
        end_at=place.end_at,
        anchor_at=place.anchor_at,
        chain_index=place.chain_index,
        is_parallel=place.mode == Mode.PARALLEL,
        is_stacked=place.mode == Mode.STACK,
        state=Period.State.QUEUED if place.start_at > now else Period.State.ACTIVE,
        has_delay_credit=place.is_delay_credit,
    )


def _last_sequence(line: Line) -> int:
    """The highest number of the line's periods, cancelled ones included; 0 for none."""
    found: int | None = line.periods.aggregate(last=Max("sequence"))["last"]
    return found or 0


def _end_early(period: Period, *, at: datetime, now: datetime) -> None:
    """End the replaced period and everything it still allowed."""
    period.end_at = at
    period.state = Period.State.ENDED if at <= now else period.state
    period.save(update_fields=["end_at", "state"])
    period.buckets.filter(valid_until__gt=at).update(valid_until=at)


def _fill_buckets(period: Period, *, since: datetime) -> None:
    """Give a new period what its version allows, each allowance in a bucket of its own."""
    Bucket.objects.bulk_create(
        Bucket(
            period=period,
            kind=allowance.kind,
            scope=period.version.zones,
            granted=allowance.amount,
            is_unlimited=allowance.is_unlimited,
            valid_from=since,
            valid_until=period.end_at,
        )
        for allowance in period.version.allowances.all()
    )


def _extend_line(line: Line, period: Period, *, now: datetime) -> None:
    if line.valid_until is None or line.valid_until < period.end_at:
        line.valid_until = period.end_at
    before = line.state
    if before in WOKEN_STATES:
        line.state = Line.State.ACTIVE
    line.save(update_fields=["valid_until", "state"])
    if before in WOKEN_STATES:
        note_line_change(
            line=line, from_state=before, at=now, by="payment", reason="renewed", now=now
        )
        withdraw_line_notices(line=line)
