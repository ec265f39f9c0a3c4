"""Where would the next period of a line lie? Reads its periods, writes nothing.

The chain is the row of plan periods of one line, one behind the other; packs that run beside it
and what was cancelled are no part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

from plans.models import Allowance, Bucket, Line, Period, PlanVersion
from plans.validity import boundary, local_midnight, start_of_local_day

Mode = PlanVersion.EarlyRenewal

# A shorter gap between two periods, caused by us, is not made good (rule 7).
TOLERATED_OUTAGE = timedelta(minutes=15)
DAY = timedelta(days=1)
# Periods read of a line, those that end last: more than any plans let wait or run at once.
TAIL = 64
# A running period may be replaced below this share, or below this many bytes, of its data.
REPLACED_BELOW_SHARE = 10
REPLACED_BELOW_BYTES = 500 * 1024**2


@dataclass(frozen=True)
class Chain:
    """The end of a line's history: its periods oldest first, whatever state the sweep left."""

    # The periods that end last, by sequence.
    history: tuple[Period, ...]
    # Buckets of the running period, where a page has read them already.
    buckets: tuple[Bucket, ...] | None = None

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The plan periods one behind the other, oldest first."""
        return tuple(period for period in self._standing if not period.is_parallel)

    @cached_property
    def beside(self) -> tuple[Period, ...]:
        """What was bought to run beside the plan, oldest first."""
        return tuple(period for period in self._standing if period.is_parallel)

    @cached_property
    def _standing(self) -> list[Period]:
        own = [period for period in self.history if period.state != Period.State.CANCELLED]
        return sorted(own, key=lambda period: (period.start_at, period.sequence))

    @property
    def last(self) -> Period | None:
        """The last plan period."""
        return self.periods[-1] if self.periods else None

    def queued_starts(self, now: datetime) -> list[datetime]:
        """Starts of the plan periods that still wait at `now`."""
        return [period.start_at for period in self.periods if period.start_at > now]

    def running(self, at: datetime) -> Period | None:
        """The plan period in force at `at`."""
        return next((p for p in self.periods if p.start_at <= at < p.end_at), None)

    def beside_ends(self, version: PlanVersion, at: datetime) -> list[datetime]:
        """Ends of the packs of the same plan that run beside at `at`, the earliest first."""
        own = [period for period in self.beside if period.version.plan_id == version.plan_id]
        return sorted(period.end_at for period in own if period.start_at <= at < period.end_at)

    def data_of(self, period: Period) -> Bucket | None:
        """The main data bucket of a period; one query where no page has read it."""
        buckets = period.buckets.all() if self.buckets is None else self.buckets
        own = [bucket for bucket in buckets if bucket.period_id == period.pk]
        return next((bucket for bucket in own if bucket.kind == Allowance.Kind.DATA), None)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a customer agreed to when ordering: how the period was to lie, and what it may end."""

    mode: str
    replaces_id: int | None = None


@dataclass(frozen=True, slots=True)
class NextPeriod:
    """Where a period would lie: start inclusive, end exclusive, UTC; and how it was counted."""

    start_at: datetime
    end_at: datetime
    anchor_at: datetime
    chain_index: int
    is_delay_credit: bool
    mode: Mode = Mode.QUEUE
    # From when its allowances can be used, where that is not its start.
    allowances_at: datetime | None = None
    # The running period that would end at the start of this one.
    ends: Period | None = None


def read_chain(line: Line) -> Chain:
    """Read what ends last on a line in one query; pass it on where many plans are asked.

    By the end and not by the number: packs of a day bought beside a plan of a year must not push
    that plan out.
    """
    tail = line.periods.standing().select_related("version").order_by("-end_at", "-sequence")
    return chain_of(tail[:TAIL])


def chain_of(periods: Iterable[Period], buckets: Iterable[Bucket] | None = None) -> Chain:
    """The chain of periods a page has read, in any order, with their versions."""
    history = tuple(sorted(periods, key=lambda period: period.sequence))
    return Chain(history=history, buckets=None if buckets is None else tuple(buckets))


def next_period(
    *,
    line: Line,
    version: PlanVersion,
    paid_at: datetime,
    applied_at: datetime | None = None,
    chain: Chain | None = None,
    agreed: Agreed | None = None,
) -> NextPeriod:
    """Return where a period of `version` paid at `paid_at` would lie on the line.

    Start: calendar plans begin at the local midnight of the day of payment, rolling ones at the
    payment, and neither before the last period of the chain ends. The bought plan's mode decides
    (rule 4, DESIGN.md §5):

    - queue: behind the chain;
    - stack: behind the chain too, and its allowances can be used at once; only where the last
      period of the chain is alive and of the same plan, else it queues;
    - replace: ends the running period at its own start, where that has less than 10 % or 500 MB
      of its data left and nothing waits behind it, else it queues;
    - parallel: beside the chain.

    `agreed` is what the customer agreed to: money that has arrived never replaces a period, or
    stacks, without that consent. Without it the rules alone decide.

    End: when the period before ends exactly at the start and lasts equally long by the same
    count, the anchor is kept and the index moves on, so that 31 January renews to 28 February
    and then to 31 March (rule 3). Otherwise the start is the new anchor.

    Delay by us (rule 7): a payment that came before the end of the last period, but was applied
    (`applied_at`) more than 15 minutes after it, left the customer without service through no
    fault of theirs. The period then starts when it was applied and its end moves: calendar plans
    get one whole day for each 24 hours begun, rolling ones the time lost. The next period counts
    anew from that end, so the credit lasts. Exactly 15 minutes or less change nothing. What was to
    be replaced has then ended by itself, and nothing is replaced.
    """
    chain = chain or read_chain(line)
    if _runs_beside(version, chain, paid_at):
        return _anchored(line, version, _earliest_start(line, version, paid_at), Mode.PARALLEL)
    lost = _lost(chain.last, paid_at=paid_at, applied_at=applied_at)
    replaced = _replaceable(version, chain, paid_at=paid_at, agreed=agreed)
    if replaced is not None and lost is None:
        start_at = _start_after_replaced(line, version, replaced, paid_at)
        return replace(_anchored(line, version, start_at, Mode.REPLACE), ends=replaced)
    place = _queued(line, version, chain, paid_at=paid_at)
    if lost is not None and applied_at is not None:
        return _credited(line, version, place, applied_at=applied_at, lost=lost)
    if not _stacks(version, chain, paid_at=paid_at, agreed=agreed):
        return place
    return replace(
        place, mode=Mode.STACK, allowances_at=max(paid_at, block_start(chain.periods, paid_at))
    )


def block_start(periods: Iterable[Period], at: datetime) -> datetime:
    """When the stretch began that the last of these plan periods belongs to: it and those it was
    stacked upon, oldest first; `at` for no periods."""
    start_at = at
    for period in periods:
        if not period.is_stacked:
            start_at = period.start_at
    return start_at


def _runs_beside(version: PlanVersion, chain: Chain, at: datetime) -> bool:
    if version.early_renewal != Mode.PARALLEL:
        return False
    return not version.plan.is_period_plan or (chain.last is not None and chain.last.end_at > at)


def _replaceable(
    version: PlanVersion, chain: Chain, *, paid_at: datetime, agreed: Agreed | None
) -> Period | None:
    """The running period that this purchase would end, or None."""
    if version.early_renewal != Mode.REPLACE or (agreed and agreed.mode != Mode.REPLACE):
        return None
    running = chain.running(paid_at)
    if running is None or running.start_at >= paid_at or running != chain.last:
        return None
    if agreed is not None and agreed.replaces_id != running.pk:
        return None
    data = chain.data_of(running)
    is_low = data is not None and not data.is_unlimited and _is_nearly_used_up(data)
    return running if is_low else None


def _is_nearly_used_up(data: Bucket) -> bool:
    is_small_share = data.left * 100 < data.granted * REPLACED_BELOW_SHARE
    return is_small_share or data.left < REPLACED_BELOW_BYTES


def _stacks(
    version: PlanVersion, chain: Chain, *, paid_at: datetime, agreed: Agreed | None
) -> bool:
    last = chain.last
    return (
        version.early_renewal == Mode.STACK
        and (agreed is None or agreed.mode == Mode.STACK)
        and last is not None
        and last.end_at > paid_at
        and last.version.plan_id == version.plan_id
    )


def _earliest_start(line: Line, version: PlanVersion, paid_at: datetime) -> datetime:
    rolling = version.validity_mode == PlanVersion.Mode.ROLLING
    return paid_at if rolling else start_of_local_day(paid_at, line.brand.zone)


def _start_after_replaced(
    line: Line, version: PlanVersion, replaced: Period, paid_at: datetime
) -> datetime:
    """The day's midnight; at the moment of payment where the replaced period began that day, for
    it was in force until then and keeps that time."""
    start_at = _earliest_start(line, version, paid_at)
    return start_at if start_at > replaced.start_at else paid_at


def _queued(line: Line, version: PlanVersion, chain: Chain, *, paid_at: datetime) -> NextPeriod:
    start_at = _earliest_start(line, version, paid_at)
    if chain.last is not None:
        start_at = max(start_at, chain.last.end_at)
    anchor_at, index = _anchor(line, chain.last, version, start_at)
    end_at = _end(line, version, anchor_at, index)
    return NextPeriod(start_at, end_at, anchor_at, index, is_delay_credit=False)


def _anchored(line: Line, version: PlanVersion, start_at: datetime, mode: Mode) -> NextPeriod:
    """A period that counts from its own start."""
    end_at = _end(line, version, start_at, 1)
    return NextPeriod(start_at, end_at, start_at, 1, is_delay_credit=False, mode=mode)


def _end(line: Line, version: PlanVersion, anchor_at: datetime, index: int) -> datetime:
    return boundary(
        anchor_at,
        unit=version.validity_unit,
        count=version.validity_count,
        index=index,
        mode=version.validity_mode,
        tz=line.brand.zone,
    )


def _lost(
    last: Period | None, *, paid_at: datetime, applied_at: datetime | None
) -> timedelta | None:
    """How long the customer was without service by our delay; None where nothing is owed."""
    if last is None or applied_at is None or paid_at >= last.end_at:
        return None
    lost = applied_at - last.end_at
    return lost if lost > TOLERATED_OUTAGE else None


def _credited(
    line: Line,
    version: PlanVersion,
    place: NextPeriod,
    *,
    applied_at: datetime,
    lost: timedelta,
) -> NextPeriod:
    """The place moved to when it was applied, with the time lost added to its end."""
    if version.validity_mode == PlanVersion.Mode.ROLLING:
        end_at = place.end_at + lost
    else:
        zone = line.brand.zone
        end_on = place.end_at.astimezone(zone).date() + timedelta(days=ceil(lost / DAY))
        end_at = local_midnight(end_on, zone)
    return replace(place, start_at=applied_at, end_at=end_at, is_delay_credit=True)


def _anchor(
    line: Line, last: Period | None, version: PlanVersion, start_at: datetime
) -> tuple[datetime, int]:
    """The anchor and index of a period that starts at `start_at` behind `last`; anew behind one
    that was moved for our delay, or ended early."""
    if last is None or last.end_at != start_at or last.has_delay_credit:
        return start_at, 1
    same_length = (
        last.version.validity_unit == version.validity_unit
        and last.version.validity_count == version.validity_count
        and last.version.validity_mode == version.validity_mode
    )
    if not same_length or _end(line, version, last.anchor_at, last.chain_index) != start_at:
        return start_at, 1
    return last.anchor_at, last.chain_index + 1
