"""When does a bought period end? Pure arithmetic on the local calendar; no database.

Rules 2 and 3 of the domain: ends are exclusive and in UTC, every end is counted from the anchor
of its chain, and a day that a month lacks is clamped to the month's last day.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UNITS = ("day", "month", "year")
MODES = ("calendar", "rolling")
MONTHS_A_YEAR = 12


def boundary(
    start_at: datetime, *, unit: str, count: int, index: int, mode: str, tz: ZoneInfo
) -> datetime:
    """Return the end (exclusive, UTC) of period `index` of a chain anchored at `start_at`.

    `index` counts from 1, each period lasts `count` units, `tz` is the brand's zone. Calendar:
    the local day of `start_at` counts as the first, so the end is a local midnight. Rolling: a
    day is 24 hours, whatever the clocks do; a month or year ends at the same local time of day.
    31 January plus one month is 28 February, plus two is 31 March: never counted from the last
    end, which would lose days for ever. A local time that the clocks skip moves forward.

    Raises ValueError for a naive `start_at`, a count or index below 1, an unknown unit or mode,
    and an end beyond the year 9999.
    """
    if start_at.tzinfo is None or start_at.utcoffset() is None:
        raise ValueError("start_at needs a time zone.")
    if count < 1 or index < 1:
        raise ValueError(f"count and index begin at 1, not {count} and {index}.")
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}, not {unit!r}.")
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}.")
    try:
        if mode == "rolling" and unit == "day":
            return start_at.astimezone(UTC) + timedelta(days=count * index)
        local = start_at.astimezone(tz)
        end_on = _date_after(local.date(), unit=unit, amount=count * index)
        end_time = local.time() if mode == "rolling" else time.min
        return _utc(datetime.combine(end_on, end_time), tz)
    except OverflowError as error:
        raise ValueError("The end lies beyond the year 9999.") from error


# No top-up carries a number further than this (rule 13).
LONGEST_VALIDITY_DAYS = 365


def topped_up_until(
    valid_until: datetime | None,
    *,
    rule: str,
    unit: str,
    count: int,
    mode: str,
    now: datetime,
    tz: ZoneInfo,
) -> datetime:
    """Return until when a number is valid (exclusive, UTC) after a top-up worth `count` units.

    Rule 13: "add" counts on from the end, or from now where that is over, and reaches at most 365
    days from now; "reset" counts from now. Never shorter than before. Raises ValueError for an
    unknown rule, and as `boundary` does.
    """
    if rule not in {"add", "reset"}:
        raise ValueError(f"rule must be add or reset, not {rule!r}.")
    current = valid_until or now
    since = max(current, now) if rule == "add" else now
    reached = boundary(since, unit=unit, count=count, index=1, mode=mode, tz=tz)
    if rule == "add":
        longest = boundary(now, unit="day", count=LONGEST_VALIDITY_DAYS, index=1, mode=mode, tz=tz)
        reached = min(reached, longest)
    return max(current, reached)


def start_of_local_day(at: datetime, tz: ZoneInfo) -> datetime:
    """Return the first moment (UTC) of the local day in which the aware `at` lies.

    Raises ValueError for a naive `at`.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("at needs a time zone.")
    return _utc(datetime.combine(at.astimezone(tz).date(), time.min), tz)


def local_midnight(on: date, tz: ZoneInfo) -> datetime:
    """Return the first moment (UTC) of a local date."""
    return _utc(datetime.combine(on, time.min), tz)


def _date_after(anchor: date, *, unit: str, amount: int) -> date:
    """Add days, or months and years with the day clamped to the month's last."""
    if unit == "day":
        return anchor + timedelta(days=amount)
    months = amount * MONTHS_A_YEAR if unit == "year" else amount
    years, month = divmod(anchor.month - 1 + months, MONTHS_A_YEAR)
    year, month = anchor.year + years, month + 1
    if year > date.max.year:
        raise OverflowError(year)
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


def _utc(local: datetime, tz: ZoneInfo) -> datetime:
    """Turn a wall-clock time into UTC: the first of two, or moved forward when skipped.

    fold=0 does both: it takes the first of an ambiguous pair, and inside a gap it reads the
    clock as it stood before the change, which lands as far behind the gap.
    """
    return local.replace(tzinfo=tz, fold=0).astimezone(UTC)


def last_local_day(end_at: datetime, tz: ZoneInfo) -> date:
    """The local day of the last moment before an exclusive end."""
    return (end_at - timedelta.resolution).astimezone(tz).date()
