"""The life of a line by its dates: which state it is in, and when each worse one begins. No database.

active → grace → suspended → quarantine → terminated, by the validity of the number and the brand's
days of each stage, counted in whole local days. `pre_active` waits for its activation; the block is a
flag beside the state and stops no clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plans.models import Brand, Line
from plans.validity import last_local_day, local_midnight

State = Line.State
# In the order in which time takes a line through them.
STAGES = (State.ACTIVE, State.GRACE, State.SUSPENDED, State.QUARANTINE, State.TERMINATED)
# Stages that time ends.
PASSING = STAGES[:-1]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many days a brand keeps a line in each stage, and the zone in which it counts them."""

    grace_days: int
    suspended_days: int
    quarantine_days: int
    zone: ZoneInfo

    @property
    def is_set(self) -> bool:
        """Whether the brand lets time end a line at all.

        A brand that has no days of any kind has not said what becomes of its lines: they stay.
        """
        return any(self._lengths.values())

    def days_through(self, stage: str) -> int:
        """Days from the end of the validity to the end of a stage."""
        stages = STAGES[: STAGES.index(State(stage)) + 1]
        return sum(self._lengths.get(one, 0) for one in stages)

    def after(self, stage: str) -> Line.State:
        """The stage that follows; those of no days are passed over."""
        rest = STAGES[STAGES.index(State(stage)) + 1 :]
        return next((one for one in rest if self._lengths.get(one)), State.TERMINATED)

    @property
    def _lengths(self) -> dict[Line.State, int]:
        return {
            State.GRACE: self.grace_days,
            State.SUSPENDED: self.suspended_days,
            State.QUARANTINE: self.quarantine_days,
        }


@dataclass(frozen=True, slots=True)
class StageDates:
    """When a line whose validity is not extended enters each worse state (UTC)."""

    grace_at: datetime
    suspended_at: datetime
    # The number can no longer be renewed.
    quarantine_at: datetime
    # The line is closed; what is left of its balance goes with it.
    terminated_at: datetime


def ladder_of(brand: Brand) -> Ladder:
    """The brand's days of each stage."""
    return Ladder(brand.grace_days, brand.suspended_days, brand.quarantine_days, brand.zone)


def stage_end(stage: str, *, valid_until: datetime, ladder: Ladder) -> datetime:
    """When a stage ends for a line with this validity (exclusive, UTC).

    Active ends with the validity itself. The others end at a local midnight and have at least as
    many whole days as the brand says: the day in which the validity ends is a gift.
    """
    days = ladder.days_through(stage)
    if not days:
        return valid_until
    return local_midnight(last_local_day(valid_until, ladder.zone) + DAY * (1 + days), ladder.zone)


def stage_dates(*, valid_until: datetime, ladder: Ladder) -> StageDates:
    """When each worse state begins; a stage of no days begins where the next one does."""
    ends = [stage_end(stage, valid_until=valid_until, ladder=ladder) for stage in PASSING]
    return StageDates(*ends)


def state_at(
    *, state: str, valid_until: datetime | None, ladder: Ladder, now: datetime
) -> Line.State:
    """The state in which time has put a line by `now`, which was in `state` at some time before.

    Time only goes forward: what wakes a line is a renewal, never its dates. A line without a
    validity, one that is not activated, and lines of a brand without days stay as they are.
    """
    current = State(state)
    while current in PASSING and valid_until is not None and ladder.is_set:
        if stage_end(current, valid_until=valid_until, ladder=ladder) > now:
            break
        current = ladder.after(current)
    return current


def leaves_by(stage: str, *, ladder: Ladder, now: datetime) -> datetime:
    """Lines whose validity ends not after this moment leave the stage by `now`.

    The other side of `stage_end`: one comparison for all lines of a brand.
    """
    days = ladder.days_through(stage)
    return now if not days else same_day_before(days, ladder=ladder, now=now)


def same_day_before(days: int, *, ladder: Ladder, now: datetime) -> datetime:
    """The local midnight that opened the day `days` before today."""
    return local_midnight(now.astimezone(ladder.zone).date() - DAY * days, ladder.zone)


def end_of_local_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The local midnight at or after a moment: all ends until then count as the same day's."""
    return local_midnight(last_local_day(at, zone) + DAY, zone)


def stage_ends_at(line: Line) -> datetime | None:
    """When grace, suspension or hold ends and the next, worse state begins; None for others."""
    worse = (State.GRACE, State.SUSPENDED, State.QUARANTINE)
    if line.state not in worse or line.valid_until is None:
        return None
    return stage_end(line.state, valid_until=line.valid_until, ladder=ladder_of(line.brand))
