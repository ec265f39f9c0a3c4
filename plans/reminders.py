"""When is somebody reminded that a period ends? Pure arithmetic on the local calendar; no database.

Stages lie 7, 3 and 1 days before the last local day and on that day, at 10:00 in the brand's zone.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plans.models import PlanVersion, Reminder
from plans.validity import last_local_day, local_midnight

# Days from each stage to the last local day, in the order in which they come.
DAYS_BEFORE = {
    Reminder.Stage.DAYS_7: 7,
    Reminder.Stage.DAYS_3: 3,
    Reminder.Stage.DAYS_1: 1,
    Reminder.Stage.LAST_DAY: 0,
}
# Local time of day of every stage.
DUE_TIME = time(10)
# Local hours in which nobody is woken.
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
# A stage found later than this, or so shortly before the next one, would only confuse.
LATEST = timedelta(hours=24)
BEFORE_NEXT = timedelta(hours=12)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """Periods that end after `after` and not after `until` share one stage's due moment.

    `is_told` says whether the stage may still be told, or is stale and only noted as missed.
    """

    after: datetime
    until: datetime
    due_at: datetime
    is_told: bool


def has_stage(stage: str, *, unit: str, count: int) -> bool:
    """Whether a plan that lasts `count` units is long enough for the stage.

    A stage at or beyond half of the validity says nothing new: a 7-day pack has no 7-day
    reminder. Months and years are always long enough.
    """
    return unit != PlanVersion.Unit.DAY or count > longest_without(stage)


def longest_without(stage: str) -> int:
    """Plans of so many days or fewer do not have the stage; 0 where all have it."""
    return 2 * _days(stage)


def due_moment(stage: str, *, end_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the stage of a period with this exclusive end is due (UTC).

    None when that would not be before the end: a rolling period that ends before 10:00 has
    nothing on its last day.
    """
    due_at = _at(last_local_day(end_at, zone) - DAY * _days(stage), DUE_TIME, zone)
    return due_at if due_at < end_at else None


def latest_telling(stage: str, *, end_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The last moment at which a stage that was found late is still told (UTC).

    A day after it was due, but 12 hours before the next stage of the period; None where the
    period has no such stage.
    """
    due_at = due_moment(stage, end_at=end_at, zone=zone)
    if due_at is None:
        return None
    following = [
        moment - BEFORE_NEXT
        for other in DAYS_BEFORE
        if _days(other) < _days(stage)
        and (moment := due_moment(other, end_at=end_at, zone=zone)) is not None
    ]
    return min([due_at + LATEST, *following])


def after_quiet_hours(now: datetime, zone: ZoneInfo) -> datetime:
    """`now`, or 08:00 local when it lies between 22:00 and 08:00 (UTC)."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return now
    morning = local.date() + (DAY if local.time() >= QUIET_FROM else timedelta())
    return _at(morning, QUIET_UNTIL, zone)


def slices(stage: str, *, now: datetime, zone: ZoneInfo) -> list[Slice]:
    """Which ends make the stage due by `now`, of periods that are not over; earliest first.

    The slices follow one another without a gap; no end outside of them has the stage due.
    """
    today = now.astimezone(zone).date()
    found: list[Slice] = []
    for days in range(_days(stage) + 1):
        midnight, morning, next_midnight = _bounds(today + DAY * days, zone)
        for after, until in ((midnight, morning), (morning, next_midnight)):
            due_at = due_moment(stage, end_at=until, zone=zone)
            latest = latest_telling(stage, end_at=until, zone=zone)
            if due_at is None or latest is None or due_at > now or until <= now:
                continue
            _append(found, Slice(max(after, now), until, due_at, is_told=now <= latest))
    return found


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime, datetime]:
    """Midnight, 10:00 and the next midnight: on one side of 10:00, all ends have equal stages."""
    return local_midnight(day, zone), _at(day, DUE_TIME, zone), local_midnight(day + DAY, zone)


def _append(found: list[Slice], piece: Slice) -> None:
    """Add a slice, as part of the one before it where nothing but the ends differs."""
    if found and (found[-1].due_at, found[-1].is_told) == (piece.due_at, piece.is_told):
        found[-1] = replace(found[-1], until=piece.until)
    else:
        found.append(piece)


def _days(stage: str) -> int:
    return DAYS_BEFORE[Reminder.Stage(stage)]


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
