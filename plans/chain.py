"""Where would the next period of a line lie? Reads the chain of its plan periods, writes nothing.

The chain is the row of plan periods of one line, one behind the other; what runs beside the plan
and what was cancelled is no part of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from plans.models import Line, Period, PlanVersion
from plans.validity import boundary, local_midnight, start_of_local_day

# A shorter gap between two periods, caused by us, is not made good (rule 7).
TOLERATED_OUTAGE = timedelta(minutes=15)
DAY = timedelta(days=1)
# Periods read from the end of a chain: more than any plan lets wait.
TAIL = 64


@dataclass(frozen=True, slots=True)
class Chain:
    """The last plan period of a line, and when the periods of its tail start, oldest first."""

    last: Period | None
    starts: tuple[datetime, ...]

    def queued_starts(self, now: datetime) -> list[datetime]:
        """Starts of the periods that still wait at `now`, whatever state the sweep left them in."""
        return [start for start in self.starts if start > now]


@dataclass(frozen=True, slots=True)
class NextPeriod:
    """Where a period would lie: start inclusive, end exclusive, UTC; and how it was counted."""

    start_at: datetime
    end_at: datetime
    anchor_at: datetime
    chain_index: int
    is_delay_credit: bool


def read_chain(line: Line) -> Chain:
    """Read a line's chain in one query; pass it on where many plans are asked about at once."""
    tail = list(line.periods.chain().select_related("version").order_by("-end_at")[:TAIL])
    return Chain(
        last=tail[0] if tail else None,
        starts=tuple(sorted(period.start_at for period in tail)),
    )


def next_period(
    *,
    line: Line,
    version: PlanVersion,
    paid_at: datetime,
    applied_at: datetime | None = None,
    chain: Chain | None = None,
) -> NextPeriod:
    """Return where a period of `version` paid at `paid_at` would lie on the line.

    Start: calendar plans begin at the local midnight of the day of payment, rolling ones at the
    payment, and neither before the last period of the chain ends. Every plan queues in this
    release, whatever its `early_renewal` says; stacking, replacing and running beside the plan
    come with the next. The bought plan's mode decides.

    End: when the period before ends exactly at the start and lasts equally long by the same
    count, the anchor is kept and the index moves on, so that 31 January renews to 28 February
    and then to 31 March (rule 3). Otherwise the start is the new anchor.

    Delay by us (rule 7): a payment that came before the end of the last period, but was applied
    (`applied_at`) more than 15 minutes after it, left the customer without service through no
    fault of theirs. The period then starts when it was applied and its end moves: calendar plans
    get one whole day for each 24 hours begun, rolling ones the time lost. The next period counts
    anew from that end, so the credit lasts. Exactly 15 minutes or less change nothing.
    """
    chain = chain or read_chain(line)
    zone = line.brand.zone
    rolling = version.validity_mode == PlanVersion.Mode.ROLLING
    start_at = paid_at if rolling else start_of_local_day(paid_at, zone)
    if chain.last is not None:
        start_at = max(start_at, chain.last.end_at)
    anchor_at, index = _anchor(chain.last, version, start_at)
    end_at = boundary(
        anchor_at,
        unit=version.validity_unit,
        count=version.validity_count,
        index=index,
        mode=version.validity_mode,
        tz=zone,
    )
    if chain.last is None or applied_at is None or paid_at >= chain.last.end_at:
        return NextPeriod(start_at, end_at, anchor_at, index, is_delay_credit=False)
    lost = applied_at - chain.last.end_at
    if lost <= TOLERATED_OUTAGE:
        return NextPeriod(start_at, end_at, anchor_at, index, is_delay_credit=False)
    if rolling:
        end_at += lost
    else:
        end_on = end_at.astimezone(zone).date() + timedelta(days=ceil(lost / DAY))
        end_at = local_midnight(end_on, zone)
    return NextPeriod(applied_at, end_at, anchor_at, index, is_delay_credit=True)


def _anchor(last: Period | None, version: PlanVersion, start_at: datetime) -> tuple[datetime, int]:
    """The anchor and index of a period that starts at `start_at` behind `last`."""
    if last is None or last.end_at != start_at or last.has_delay_credit:
        return start_at, 1
    same_length = (
        last.version.validity_unit == version.validity_unit
        and last.version.validity_count == version.validity_count
        and last.version.validity_mode == version.validity_mode
    )
    return (last.anchor_at, last.chain_index + 1) if same_length else (start_at, 1)
