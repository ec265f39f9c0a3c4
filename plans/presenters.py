"""How plans, allowances and days are put into words and figures for pages; no database here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from math import ceil

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from plans.models import Allowance, Bucket, Period, PlanVersion
from plans.validity import last_local_day

MB, GB = 1024**2, 1024**3
DAY = timedelta(days=1)
# A figure in GB has one decimal, never rounded up: nobody is told more than there is.
COARSE = Decimal("0.1")
SECONDS_A_MINUTE = 60


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


def meter(bucket: Bucket) -> Meter:
    """Return the ring of one bucket."""
    kind = Allowance.Kind(bucket.kind)
    name = {
        Allowance.Kind.DATA: _("Data left"),
        Allowance.Kind.VOICE: _("Call time"),
        Allowance.Kind.SMS: _("Texts"),
    }[kind]
    used = used_text(kind, bucket.used)
    if bucket.is_unlimited:
        figure, left = _("Unlimited"), _("Unlimited")
        unit = _("%(amount)s used") % {"amount": used} if bucket.used else ""
        sentence = _("%(name)s: unlimited") % {"name": name}
    else:
        figure, unit = _figure_and_unit(kind, bucket)
        left = amount_text(kind, bucket.left)
        sentence = _("%(name)s: %(left)s of %(granted)s left") % {
            "name": name,
            "left": left,
            "granted": amount_text(kind, bucket.granted),
        }
    percent = 100 * bucket.left // bucket.granted if bucket.granted else 0
    return Meter(
        kind=kind.value,
        name=name,
        figure=figure,
        unit=unit,
        percent=100 if bucket.is_unlimited else percent,
        sentence=sentence,
        left=left,
        used=used,
        is_unlimited=bucket.is_unlimited,
        measured_at=bucket.measured_at,
    )


def span(period: Period, *, now: datetime) -> Span:
    """Count a running period's days: local days for calendar plans, 24-hour days for rolling."""
    if period.version.validity_mode == PlanVersion.Mode.ROLLING:
        total = ceil((period.end_at - period.start_at) / DAY)
    else:
        total = days_until_end(period, now=period.start_at)
    return Span(total=total, left=min(total, days_until_end(period, now=now)))


def days_until_end(period: Period, *, now: datetime) -> int:
    """Return how many days a period still reaches, today included: local days for calendar
    plans, 24-hour days begun for rolling ones."""
    if period.version.validity_mode == PlanVersion.Mode.ROLLING:
        return ceil((period.end_at - now) / DAY)
    zone = period.line.brand.zone
    return (last_local_day(period.end_at, zone) - now.astimezone(zone).date()).days + 1


def per_day_minor(version: PlanVersion, amount_minor: int) -> int | None:
    """Return the price of one day in minor units, or None where a month has no fixed length."""
    days = {PlanVersion.Unit.DAY: 1, PlanVersion.Unit.YEAR: 365}
    unit = days.get(PlanVersion.Unit(version.validity_unit))
    return (
        None if unit is None else _half_up(Decimal(amount_minor) / (unit * version.validity_count))
    )


def per_gb_minor(allowances: list[Allowance], amount_minor: int) -> int | None:
    """Return the price of one GB in minor units, or None for unlimited data or none at all."""
    amount = next((a.amount for a in allowances if a.kind == Allowance.Kind.DATA), 0)
    return _half_up(Decimal(amount_minor) * GB / amount) if amount else None


def zone_names(zones: list[str]) -> list[str]:
    """Return where a plan works, in the reader's language, sorted as listed."""
    names = {"WORLD": _("worldwide"), "EU": _("European Union")}
    territories = _locale().territories
    return [names.get(zone) or territories.get(zone, zone) for zone in zones]


def _figure_and_unit(kind: Allowance.Kind, bucket: Bucket) -> tuple[str, str]:
    if kind == Allowance.Kind.DATA:
        scale = "GB" if bucket.granted >= GB else "MB"
        figure, unit = _data(bucket.left)
        granted = _data(bucket.granted)[0]
        return figure, f"{unit} / {granted}" if unit == scale else f"{unit} / {granted} {scale}"
    if kind == Allowance.Kind.VOICE:
        minutes = bucket.left // SECONDS_A_MINUTE
        allowed = bucket.granted // SECONDS_A_MINUTE
        return str(minutes), _("min / %(granted)d") % {"granted": allowed}
    return str(bucket.left), _("texts / %(granted)d") % {"granted": bucket.granted}


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
