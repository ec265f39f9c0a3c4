"""The bars of a line's daily data: how tall, how wide, which one stands out; no HTML here."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from babel.dates import format_date
from django.utils.translation import get_language, to_locale

from plans.presenters import fine_parts, fine_text, used_text
from plans.selectors.usage import DayOfUse, total_use

# Part of a step that is bar; the rest is gap.
BAR = 0.62
# Labels below the bars, the last one being today.
LABELS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: place and height in percent of the drawing, and what it says."""

    x: float
    height: float
    # "" or over (the even pace) or today.
    kind: str
    title: str


@dataclass(frozen=True)
class UsageChart:
    """Days of use (at least two, the last is today) against an even pace in bytes a day.

    Without a pace (unlimited data, no plan) no day is over it.
    """

    days: list[DayOfUse]
    pace: int | None = None

    @cached_property
    def _top(self) -> int:
        return max(1, self.pace or 0, *(day.data for day in self.days))

    @property
    def _step(self) -> float:
        """Distance of two bars in percent; the last one ends at the right edge."""
        return 100 / (len(self.days) - 1 + BAR)

    @property
    def width(self) -> float:
        """Width of a bar in percent."""
        return BAR * self._step

    @property
    def bars(self) -> list[Bar]:
        """Every day, oldest first."""
        step, top, pace = self._step, self._top, self.pace
        last = len(self.days) - 1
        return [
            Bar(
                x=index * step,
                height=100 * day.data / top,
                kind="over"
                if pace is not None and day.data > pace
                else "today"
                if index == last
                else "",
                title=f"{day_label(day.on, get_language() or 'en')}: {fine_text(day.data)}",
            )
            for index, day in enumerate(self.days)
        ]

    @property
    def pace_height(self) -> float | None:
        """Height of the dashed line in percent."""
        return None if self.pace is None else 100 * self.pace / self._top

    @property
    def has_days_over(self) -> bool:
        """Whether any day is over the even pace."""
        return self.pace is not None and any(day.data > self.pace for day in self.days)

    @property
    def axis(self) -> list[str]:
        """Days below the bars at even distances; today, the last one, has a word of its own."""
        last, language = len(self.days) - 1, get_language() or "en"
        places = [round(last * number / (LABELS - 1)) for number in range(LABELS - 1)]
        return [day_label(self.days[place].on, language) for place in places]

    @cached_property
    def total_text(self) -> str:
        """All days together, in words."""
        return used_text("data", total_use(self.days).data)

    @property
    def total(self) -> list[str]:
        """Figure and unit of all days together."""
        return self.total_text.split()

    @property
    def mean(self) -> tuple[str, str]:
        """Figure and unit of a day's mean, today included as far as it went."""
        return fine_parts(total_use(self.days).data // len(self.days))

    @property
    def today(self) -> tuple[str, str]:
        """Figure and unit of today."""
        return fine_parts(self.days[-1].data)

    @property
    def pace_text(self) -> str:
        """The even pace in words; empty without one."""
        return "" if self.pace is None else fine_text(self.pace)


@lru_cache(maxsize=2048)
def day_label(on: date, language: str, *, has_weekday: bool = False) -> str:
    """Return a day without its year as the language writes it: 11月21日 周六, Sat 21 Nov."""
    pattern = "M月d日" if language.startswith("zh") else "d MMM"
    if has_weekday:
        pattern = f"{pattern} EEE" if language.startswith("zh") else f"EEE {pattern}"
    return str(format_date(on, pattern, locale=to_locale(language)))


@lru_cache(maxsize=64)
def month_label(on: date, language: str) -> str:
    """Return the month of a day: 2026年11月, November 2026."""
    pattern = "yyyy年M月" if language.startswith("zh") else "MMMM yyyy"
    return str(format_date(on, pattern, locale=to_locale(language)))
