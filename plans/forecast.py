"""Will the data last? Arithmetic on what is left and on the last days' use; no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.formats import last_day
from plans.presenters import data_text, fine_text

# Whole days before today whose use makes the speed, and how many of them must be known.
LOOK_BACK_DAYS = 7
FEWEST_DAYS = 3


class Verdict(StrEnum):
    """What can be said about the data of a line."""

    USED_UP = "used_up"
    # Too few days are known to tell a speed.
    UNKNOWN = "unknown"
    # Nothing was used lately, so nothing will run out at this speed.
    IDLE = "idle"
    ENOUGH = "enough"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Portion:
    """Bytes left that can be used until `ends_at` (exclusive)."""

    left: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the data runs out, or what is left of it at the end."""

    verdict: Verdict
    ends_at: datetime
    # Days whose use was known.
    known: int = 0
    # Bytes a day, and what is left at the end at that speed.
    per_day: int = 0
    left_at_end: int = 0
    # At the mean speed, at that of the busier half of the days, and of the quieter half.
    runs_out_at: datetime | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A forecast in words; `tone` is ok, warn or off."""

    tone: str
    text: str


def forecast(portions: Sequence[Portion], days: Sequence[int], *, now: datetime) -> Forecast:
    """Return how far `portions` (at least one) last at the speed of `days`.

    `days` holds the bytes of the known whole days before today, at most the last seven. What ends
    first is used first, and what is not used by its end is lost. The range comes from the mean of
    the busier and of the quieter half of those days, the middle one counting in both (G08).
    """
    ends_at = max(portion.ends_at for portion in portions)
    if not any(portion.left for portion in portions):
        return Forecast(Verdict.USED_UP, ends_at)
    if len(days) < FEWEST_DAYS:
        return Forecast(Verdict.UNKNOWN, ends_at)
    if not any(days):
        left = sum(portion.left for portion in portions if portion.ends_at == ends_at)
        return Forecast(Verdict.IDLE, ends_at, known=len(days), left_at_end=left)
    half = len(days) // 2 + 1
    quiet, mean, busy = sorted(days)[:half], days, sorted(days)[-half:]
    latest_at, _quiet_rest = _course(portions, _mean(quiet), now)
    runs_out_at, left_at_end = _course(portions, _mean(mean), now)
    earliest_at, _busy_rest = _course(portions, _mean(busy), now)
    return Forecast(
        verdict=Verdict.ENOUGH if runs_out_at is None else Verdict.SHORT,
        ends_at=ends_at,
        known=len(days),
        per_day=round(_mean(mean)),
        left_at_end=left_at_end,
        runs_out_at=runs_out_at,
        earliest_at=earliest_at,
        latest_at=latest_at,
    )


def forecast_note(found: Forecast, tz: tzinfo, *, now: datetime, after_limit: str = "") -> Note:
    """Return the forecast as sentences of the page; days are those of `tz`.

    `after_limit` says what happens to data once it is used up, as the plan's terms put it.
    """
    if found.verdict == Verdict.USED_UP:
        text = (
            _("The data of this period is used up: it %(rule)s.")
            if after_limit
            else _("The data of this period is used up.")
        )
        return Note("warn", text % {"rule": after_limit})
    if found.verdict == Verdict.UNKNOWN:
        return Note("off", _("Too few days of use are known yet for a forecast."))
    if found.verdict == Verdict.IDLE:
        text = _("No data was used in the last %(days)s days; %(left)s will be left at the end.")
        return Note("ok", text % {"days": found.known, "left": data_text(found.left_at_end)})
    words = {"days": found.known, "pace": fine_text(found.per_day)}
    if found.runs_out_at is not None:
        return Note("warn", _short(found, words, tz, now))
    text = _(
        "At the speed of the last %(days)s days (%(pace)s a day), about %(left)s will be left at"
        " the end: enough."
    )
    text %= words | {"left": fine_text(found.left_at_end)}
    if found.earliest_at is not None:
        text += " " + _("With many busy days it could run out on %(day)s.") % {
            "day": last_day(found.earliest_at, tz, now=now)
        }
    return Note("ok", text)


def _short(found: Forecast, words: dict[str, object], tz: tzinfo, now: datetime) -> str:
    assert found.runs_out_at is not None  # noqa: S101 (the verdict is SHORT)
    words["day"] = last_day(found.runs_out_at, tz, now=now)
    words["early"] = early = _days_early(found.ends_at, found.runs_out_at, tz)
    text = ngettext(
        "At the speed of the last %(days)s days (%(pace)s a day), the data runs out on %(day)s,"
        " %(early)s day before the end.",
        "At the speed of the last %(days)s days (%(pace)s a day), the data runs out on %(day)s,"
        " %(early)s days before the end.",
        early,
    )
    if not early:
        text = _(
            "At the speed of the last %(days)s days (%(pace)s a day), the data runs out on the"
            " last day, %(day)s."
        )
    return text % words + _range(found, tz, now)


def _range(found: Forecast, tz: tzinfo, now: datetime) -> str:
    """From the earliest plausible day to the latest; open where the quieter days would do."""
    words = {"first": last_day(found.earliest_at or found.ends_at, tz, now=now)}
    if found.latest_at is None:
        return " " + _("At the earliest on %(first)s; with quiet days not at all.") % words
    words["last"] = last_day(found.latest_at, tz, now=now)
    if words["first"] == words["last"]:
        return ""
    return " " + _("It may be from %(first)s to %(last)s.") % words


def _days_early(ends_at: datetime, runs_out_at: datetime, tz: tzinfo) -> int:
    last_on = (ends_at - timedelta.resolution).astimezone(tz).date()
    return (last_on - (runs_out_at - timedelta.resolution).astimezone(tz).date()).days


def _course(
    portions: Sequence[Portion], per_day: float, now: datetime
) -> tuple[datetime | None, int]:
    """Use the portions up at a steady speed: when all is gone, or None with the rest at the end."""
    at, rest = now, 0
    for portion in sorted(portions, key=lambda portion: portion.ends_at):
        could_use = per_day * max((portion.ends_at - at) / timedelta(days=1), 0)
        if could_use < portion.left:
            rest, at = round(portion.left - could_use), max(at, portion.ends_at)
        else:
            rest, at = 0, at + timedelta(days=portion.left / per_day if per_day else 0)
    ends_at = max(portion.ends_at for portion in portions)
    return (None, rest) if at >= ends_at else (at, 0)


def _mean(days: Sequence[int]) -> float:
    return sum(days) / len(days)
