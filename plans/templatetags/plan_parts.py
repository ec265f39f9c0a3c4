"""Drawings made on the server: rings, validity strip and bars, as SVG by attributes alone."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from html import escape

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from plans.charts import UsageChart
from plans.models import Brand
from plans.presenters import Meter, Span

register = template.Library()

# More ticks than this cannot be told apart on a phone; then one tick stands for several days.
MOST_TICKS = 92
# Part of a step that is tick; the rest is gap.
TICK = 0.66
PACE = '<line class="bars__pace" x1="0" x2="100%" y1="{0}%" y2="{0}%"/>'


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a line icon of parts/icons.html; decoration, silent when read out."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def maintenance_end(brand: Brand | None) -> datetime | None:
    """`{% with ends_at=brand|maintenance_end %}`: when the brand's maintenance ends, while on."""
    return brand.maintenance_end(timezone.now()) if brand else None


@register.simple_tag
def facts(values: Iterable[str]) -> SafeString:
    """`{% facts card.includes %}`: short facts in a row, parted by dots that begin no line."""
    *firsts, last = values or [""]
    return format_html(
        '{}<span class="nw">{}</span>',
        format_html_join(
            "", '<span class="nw">{}<i class="sep"></i></span><wbr>', ((one,) for one in firsts)
        ),
        last,
    )


@register.simple_tag
def ring(meter: Meter) -> SafeString:
    """`{% ring meter %}`: the ring with its figure inside and its name below."""
    value = (
        format_html(
            '<circle class="ring__value" cx="60" cy="60" r="52" pathLength="100"'
            ' stroke-dasharray="{} 100" transform="rotate(-90 60 60)"/>',
            meter.percent,
        )
        if meter.percent
        else ""
    )
    return format_html(
        '<div class="meter"><div class="meter__dial">'
        '<svg class="ring ring--{}" viewBox="0 0 120 120" role="img" aria-label="{}">'
        '<circle class="ring__track" cx="60" cy="60" r="52"/>{}</svg>'
        '<p class="meter__txt{}" aria-hidden="true"><b>{}</b>{}</p></div>'
        '<p class="meter__n meter__n--{}">{}{}</p></div>',
        meter.kind,
        meter.sentence,
        value,
        " meter__txt--word" if meter.is_unlimited else "",
        meter.figure,
        format_html("<span>{}</span>", meter.unit) if meter.unit else "",
        meter.kind,
        icon(meter.kind),
        meter.name,
    )


@register.simple_tag
def strip(span: Span) -> SafeString:
    """`{% strip span %}`: one tick a day, used, today, left."""
    words = {"left": span.left, "total": span.total}
    label = _("%(left)s of %(total)s days left, today included") % words
    return format_html(
        '<svg class="strip" role="img" aria-label="{}">{}</svg>', label, _ticks(span)
    )


@lru_cache(maxsize=512)
def _ticks(span: Span) -> SafeString:
    ticks = strip_ticks(span)
    width = f"{TICK * _step(len(ticks)):.3f}%"
    return format_html_join(
        "",
        '<rect class="tick--{}" x="{}" width="{}" height="100%" rx="2"/>',
        ((kind, x, width) for x, kind in ticks),
    )


@register.simple_tag
def bars(chart: UsageChart, label: str) -> SafeString:
    """`{% bars chart label %}`: a bar a day, those over the even pace in another colour.

    No viewBox and every length in percent, so that it stretches and its corners stay round.
    """
    pace = chart.pace_height
    width = f"{chart.width:.2f}"
    rects = "".join(
        f'<rect class="bar{bar.kind and f" bar--{bar.kind}"}" x="{bar.x:.2f}%"'
        f' y="{100 - bar.height:.1f}%" width="{width}%" height="{bar.height:.1f}%" rx="3">'
        f"<title>{escape(bar.title)}</title></rect>"
        for bar in chart.bars
    )
    line = "" if pace is None else PACE.format(f"{100 - pace:.1f}")
    return format_html(
        '<svg class="bars" role="img" aria-label="{}">'
        '<line class="bars__grid" x1="0" x2="100%" y1="33%" y2="33%"/>'
        '<line class="bars__grid" x1="0" x2="100%" y1="66%" y2="66%"/>{}</svg>',
        label,
        # Figures of our own, and titles that are escaped: a call for each would take longest.
        mark_safe(rects + line),  # noqa: S308 (see above)
    )


def strip_ticks(span: Span) -> list[tuple[str, str]]:
    """Return (x in percent, used | now | left) per tick; several days a tick for long plans."""
    days_a_tick = -(-span.total // MOST_TICKS)
    total = -(-span.total // days_a_tick)
    today = min(span.used // days_a_tick, total - 1)
    step = _step(total)
    kinds = ["used"] * today + ["now"] + ["left"] * (total - today - 1)
    return [(f"{index * step:.3f}%", kind) for index, kind in enumerate(kinds)]


def _step(total: int) -> float:
    """Distance of two ticks in percent; the last tick ends at the right edge."""
    return 100 / (total - 1 + TICK)
