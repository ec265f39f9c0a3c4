"""The usage page of one line: every day, and sums by period and by calendar month, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from accounts.models import User
from billing.selectors.lines import own_line
from messaging.formats import place
from plans.charts import UsageChart, day_label, month_label
from plans.models import Allowance, Line
from plans.presenters import fine_text, used_text
from plans.selectors.lines import line_view
from plans.selectors.usage import DayOfUse, UseTotal, monthly_use, periods_use, usage_history

Kind = Allowance.Kind
# Days that the page can show, the first one unasked.
SPANS = (30, 90)


@dataclass(frozen=True, slots=True)
class UseRow:
    """One row of a table: what it is about, and what was used, in words."""

    label: str
    data: str
    voice: str
    sms: str
    # First and last day, for a sum.
    within: str = ""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """What one line used."""

    line: Line
    chart: UsageChart
    is_empty: bool
    # Where the days are counted.
    place: str
    # The newest first, all of them.
    days: list[UseRow]
    periods: list[UseRow]
    months: list[UseRow]


def usage_page(customer: User, public_id: str, *, days: int, now: datetime) -> UsagePage | None:
    """The use of one line in the last `days` days, or None for no such line; four queries."""
    line = own_line(customer, public_id)
    if line is None:
        return None
    usage = usage_history(line, days=days, now=now)
    language = get_language() or "en"
    return UsagePage(
        line=line,
        chart=UsageChart(usage.days, pace=line_view(line, now=now).even_pace),
        is_empty=usage.is_empty,
        place=place(line.brand.zone),
        days=[_day_row(day, language) for day in reversed(usage.days)],
        periods=[
            _sum_row(one.total, one.period.version.name, language)
            for one in periods_use(line, usage.days)
        ],
        months=[
            _sum_row(total, month_label(total.first_on, language), language)
            for total in monthly_use(usage.days)
        ],
    )


def _day_row(day: DayOfUse, language: str) -> UseRow:
    return UseRow(
        label=day_label(day.on, language, has_weekday=True),
        data=fine_text(day.data),
        voice=used_text(Kind.VOICE, day.voice),
        sms=str(day.sms),
    )


def _sum_row(total: UseTotal, label: str, language: str) -> UseRow:
    first, last = day_label(total.first_on, language), day_label(total.last_on, language)
    return UseRow(
        label=label,
        data=used_text(Kind.DATA, total.data),
        voice=used_text(Kind.VOICE, total.voice),
        sms=used_text(Kind.SMS, total.sms),
        within=f"{first} – {last}",
    )
