"""What a line used day by day: for the bars, the forecast, and the usage page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from plans.forecast import LOOK_BACK_DAYS
from plans.models import Line, Period, UsageDay
from plans.validity import last_local_day

# A calendar month has 31 days at most; so many are read for the dashboard.
MONTH_DAYS = 31


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What one line used on one local day: bytes, seconds, texts."""

    on: date
    data: int = 0
    voice: int = 0
    sms: int = 0


@dataclass(frozen=True, slots=True)
class UseTotal:
    """What was used from one local day to another, both included."""

    first_on: date
    last_on: date
    data: int
    voice: int
    sms: int


@dataclass(frozen=True)
class UsageHistory:
    """The last days of a line, each of them there, oldest first; the last one is today."""

    days: list[DayOfUse]
    # The first day of them that anything is known about; None for none.
    known_since: date | None

    @property
    def today(self) -> DayOfUse:
        """The local day that is not over yet."""
        return self.days[-1]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known of these days."""
        return self.known_since is None

    def last(self, count: int) -> list[DayOfUse]:
        """The last `count` days, today being the last."""
        return self.days[-count:]

    @cached_property
    def this_month(self) -> UseTotal:
        """What was used since the first of the local month."""
        return self.since(self.today.on.replace(day=1))

    def since(self, first_on: date) -> UseTotal:
        """What was used from a local day on, as far as these days reach."""
        return total_use([day for day in self.days if day.on >= first_on])

    @cached_property
    def recent_data(self) -> list[int]:
        """Bytes of the known whole days before today, at most seven: what a forecast goes by."""
        since = self.known_since
        whole = self.days[-1 - LOOK_BACK_DAYS : -1]
        return [day.data for day in whole if since is not None and day.on >= since]


def usage_history(line: Line, *, days: int, now: datetime) -> UsageHistory:
    """The last `days` local days of a line, those without use among them; one query."""
    today = now.astimezone(line.brand.zone).date()
    first_on = today - timedelta(days=days - 1)
    rows = UsageDay.objects.filter(line=line, on__gte=first_on, on__lte=today).values_list(
        "on", "data_bytes", "voice_seconds", "sms_count"
    )
    found = {on: DayOfUse(on, data, voice, sms) for on, data, voice, sms in rows.order_by()}
    every = (first_on + timedelta(days=number) for number in range(days))
    return UsageHistory(
        days=[found.get(on) or DayOfUse(on) for on in every],
        known_since=min(found, default=None),
    )


def total_use(days: list[DayOfUse]) -> UseTotal:
    """What these days (at least one, oldest first) used together."""
    return UseTotal(
        first_on=days[0].on,
        last_on=days[-1].on,
        data=sum(day.data for day in days),
        voice=sum(day.voice for day in days),
        sms=sum(day.sms for day in days),
    )


def monthly_use(days: list[DayOfUse]) -> list[UseTotal]:
    """The same days summed by calendar month, the newest first."""
    months: dict[date, list[DayOfUse]] = {}
    for day in days:
        months.setdefault(day.on.replace(day=1), []).append(day)
    return [total_use(own) for own in reversed(months.values())]


@dataclass(frozen=True, slots=True)
class PeriodUse:
    """What was used within one plan period, as far as the days that were asked for reach."""

    period: Period
    total: UseTotal


def periods_use(line: Line, days: list[DayOfUse]) -> list[PeriodUse]:
    """The same days summed by plan period, the newest first; one query.

    A day on which one period ends and the next begins counts to the next, as whole days do.
    """
    zone = line.brand.zone
    periods = line.periods.chain().select_related("version").order_by("-start_at")
    found, before = [], date.max
    for period in periods:
        first_on = period.start_at.astimezone(zone).date()
        last_on = min(last_local_day(period.end_at, zone), before - timedelta(days=1))
        own = [day for day in days if first_on <= day.on <= last_on]
        if own:
            found.append(PeriodUse(period, total_use(own)))
        before = first_on
        if first_on <= days[0].on:
            break
    return found
