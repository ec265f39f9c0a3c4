"""How plans, allowances and days are put into words and figures for pages; no database here."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from math import ceil

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from messaging.formats import day, day_time, last_day, with_place
from plans.models import Allowance, Bucket, Period, PlanVersion
from plans.validity import last_local_day

MB, GB = 1024**2, 1024**3
DAY = timedelta(days=1)
# A figure in GB has one decimal, never rounded up: nobody is told more than there is.
COARSE = Decimal("0.1")
# A day's use has two decimals, and is told in MB below 100 of them.
FINE = Decimal("0.01")
FINE_FROM = 100 * MB
SECONDS_A_MINUTE = 60
MINUTE = timedelta(minutes=1)
MINUTES_AN_HOUR = 60
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Meter:
    """One allowance of a running period as a ring: what is left of what was granted."""

    kind: str
    name: str
    # The large figure and the small line below it.
    figure: str
    unit: str
    # Part of the ring that is drawn, 0 to 100.
    percent: int
    # The same as a sentence, for those who do not see the ring.
    sentence: str
    left: str
    # "" when unlimited.
    granted: str
    used: str
    is_unlimited: bool
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """A period counted in days as the customer counts them, today being one of those left."""

    total: int
    left: int

    @property
    def used(self) -> int:
        """Days that are over."""
        return self.total - self.left


def data_text(amount: int) -> str:
    """Return bytes as people say them, rounded down: 6.8 GB, 512 MB, 0 MB."""
    figure, unit = _data(amount)
    return f"{figure} {unit}"


def amount_text(kind: str, amount: int) -> str:
    """Return bytes, seconds or texts as people say them: 20 GB, 60 minutes, 100 texts."""
    if kind == Allowance.Kind.DATA:
        return data_text(amount)
    if kind == Allowance.Kind.VOICE:
        minutes = amount // SECONDS_A_MINUTE
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d text", "%(count)d texts", amount) % {"count": amount}


def used_text(kind: str, amount: int) -> str:
    """Return what is used, rounded up where what is left is rounded down: they add up."""
    if kind != Allowance.Kind.DATA:
        step = SECONDS_A_MINUTE if kind == Allowance.Kind.VOICE else 1
        return amount_text(kind, -(-amount // step) * step)
    if amount < GB:
        return f"{-(-amount // MB)} MB"
    return f"{_in_gb(amount, ROUND_UP)} GB"


def fine_text(amount: int) -> str:
    """Return what a day used, or a forecast says, to two decimals: 0.62 GB; little in MB."""
    figure, unit = fine_parts(amount)
    return f"{figure} {unit}"


def fine_parts(amount: int) -> tuple[str, str]:
    """Return the same as figure and unit."""
    if amount < FINE_FROM:
        return str(_half_up(Decimal(amount) / MB)), "MB"
    return f"{(Decimal(amount) / GB).quantize(FINE, rounding=ROUND_HALF_UP):f}", "GB"


def allowance_text(allowance: Allowance) -> str:
    """Return one allowance of a plan: 20 GB of data, 60 minutes, unlimited texts."""
    if not allowance.is_unlimited:
        return amount_text(allowance.kind, allowance.amount)
    return {
        Allowance.Kind.DATA: _("unlimited data"),
        Allowance.Kind.VOICE: _("unlimited calls"),
        Allowance.Kind.SMS: _("unlimited texts"),
    }[Allowance.Kind(allowance.kind)]


def validity_text(version: PlanVersion) -> str:
    """Return how long a plan lasts: 30 days, 1 month, 1 year."""
    count = version.validity_count
    words = {
        PlanVersion.Unit.DAY: ngettext("%(count)d day", "%(count)d days", count),
        PlanVersion.Unit.MONTH: ngettext("%(count)d month", "%(count)d months", count),
        PlanVersion.Unit.YEAR: ngettext("%(count)d year", "%(count)d years", count),
    }[PlanVersion.Unit(version.validity_unit)]
    return words % {"count": count}


def meter(*buckets: Bucket) -> Meter:
    """Return one ring for buckets of one kind that can be used at the same time; at least one."""
    kind = Allowance.Kind(buckets[0].kind)
    name = {
        Allowance.Kind.DATA: _("Data left"),
        Allowance.Kind.VOICE: _("Call time"),
        Allowance.Kind.SMS: _("Texts"),
    }[kind]
    granted = sum(bucket.granted for bucket in buckets)
    left = sum(bucket.left for bucket in buckets)
    used = sum(bucket.used for bucket in buckets)
    is_unlimited = any(bucket.is_unlimited for bucket in buckets)
    used_words = used_text(kind, used)
    granted_words = "" if is_unlimited else amount_text(kind, granted)
    if is_unlimited:
        figure, left_words = _("Unlimited"), _("Unlimited")
        unit = _("%(amount)s used") % {"amount": used_words} if used else ""
        sentence = _("%(name)s: unlimited") % {"name": name}
    else:
        figure, unit = _figure_and_unit(kind, left, granted)
        left_words = amount_text(kind, left)
        sentence = _("%(name)s: %(left)s of %(granted)s left") % {
            "name": name,
            "left": left_words,
            "granted": granted_words,
        }
    percent = 100 * left // granted if granted else 0
    measured = [bucket.measured_at for bucket in buckets if bucket.measured_at]
    return Meter(
        kind=kind.value,
        name=name,
        figure=figure,
        unit=unit,
        percent=100 if is_unlimited else percent,
        sentence=sentence,
        left=left_words,
        granted=granted_words,
        used=used_words,
        is_unlimited=is_unlimited,
        measured_at=min(measured, default=None),
    )


def span(period: Period, *, now: datetime, until: datetime | None = None) -> Span:
    """Count the days of a running period: local days for calendar plans, 24-hour days for rolling.

    `until` is the end of what was stacked behind it, where that is later than its own.
    """
    end_at = until or period.end_at
    total = _days_between(period, period.start_at, end_at)
    return Span(total=total, left=min(total, _days_between(period, now, end_at)))


def days_until_end(period: Period, *, now: datetime) -> int:
    """Return how many days a period still reaches, today included: local days for calendar
    plans, 24-hour days begun for rolling ones."""
    return _days_between(period, now, period.end_at)


def _days_between(period: Period, start_at: datetime, end_at: datetime) -> int:
    if period.version.validity_mode == PlanVersion.Mode.ROLLING:
        return ceil((end_at - start_at) / DAY)
    zone = period.line.brand.zone
    return (last_local_day(end_at, zone) - start_at.astimezone(zone).date()).days + 1


def date_text(at: datetime, tz: tzinfo, *, now: datetime) -> str:
    """Return the local day of a moment without its weekday: 11月26日, 26 Nov."""
    return last_day(at + timedelta.resolution, tz, now=now)


def until_text(end_at: datetime, tz: tzinfo, *, now: datetime) -> str:
    """Return the last minute before an exclusive end with its weekday and the zone's city:
    11月26日 周四 23:59（伦敦）, Thu 26 Nov 23:59 (London)."""
    last = end_at - timedelta.resolution
    return with_place(f"{day(last, tz, now=now)} {last.astimezone(tz):%H:%M}", tz)


def ago_text(at: datetime, tz: tzinfo, *, now: datetime) -> str:
    """Return how old a figure is: updated 2 minutes ago, an hour ago, at 20 Nov 14:05."""
    minutes = int((now - at) / MINUTE)
    if minutes < 1:
        return _("Updated just now")
    if minutes < MINUTES_AN_HOUR:
        words = ngettext("Updated %(count)d minute ago", "Updated %(count)d minutes ago", minutes)
        return words % {"count": minutes}
    hours = minutes // MINUTES_AN_HOUR
    if hours < HOURS_A_DAY:
        words = ngettext("Updated %(count)d hour ago", "Updated %(count)d hours ago", hours)
        return words % {"count": hours}
    return _("Updated %(time)s") % {"time": day_time(at, tz, now=now)}


def per_day_minor(version: PlanVersion, amount_minor: int) -> int | None:
    """Return the price of one day in minor units, or None where a month has no fixed length."""
    days = {PlanVersion.Unit.DAY: 1, PlanVersion.Unit.YEAR: 365}
    unit = days.get(PlanVersion.Unit(version.validity_unit))
    return (
        None if unit is None else _half_up(Decimal(amount_minor) / (unit * version.validity_count))
    )


def shortest_days(version: PlanVersion) -> int:
    """Return how many days a plan lasts at the least: a month may have 28, a year 365."""
    count, unit = version.validity_count, PlanVersion.Unit(version.validity_unit)
    months = {PlanVersion.Unit.MONTH: count, PlanVersion.Unit.YEAR: 12 * count}.get(unit)
    if months is None:
        return count
    return months // 12 * 365 + months % 12 * 28


def per_gb_minor(allowances: list[Allowance], amount_minor: int) -> int | None:
    """Return the price of one GB in minor units, or None for unlimited data or none at all."""
    amount = next((a.amount for a in allowances if a.kind == Allowance.Kind.DATA), 0)
    return _half_up(Decimal(amount_minor) * GB / amount) if amount else None


def zone_names(zones: list[str]) -> list[str]:
    """Return where a plan works, in the reader's language, sorted as listed."""
    names = {"WORLD": _("worldwide"), "EU": _("European Union")}
    territories = _locale().territories
    return [names.get(zone) or territories.get(zone, zone) for zone in zones]


def _figure_and_unit(kind: Allowance.Kind, left: int, granted: int) -> tuple[str, str]:
    if kind == Allowance.Kind.DATA:
        scale = "GB" if granted >= GB else "MB"
        figure, unit = _data(left)
        whole = _data(granted)[0]
        return figure, f"{unit} / {whole}" if unit == scale else f"{unit} / {whole} {scale}"
    if kind == Allowance.Kind.VOICE:
        allowed = granted // SECONDS_A_MINUTE
        return str(left // SECONDS_A_MINUTE), _("min / %(granted)d") % {"granted": allowed}
    return str(left), _("texts / %(granted)d") % {"granted": granted}


def _data(amount: int) -> tuple[str, str]:
    if amount < GB:
        return str(amount // MB), "MB"
    return _in_gb(amount, ROUND_DOWN), "GB"


def _in_gb(amount: int, rounding: str) -> str:
    figure = (Decimal(amount) / GB).quantize(COARSE, rounding=rounding)
    return f"{figure.normalize():f}"


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
