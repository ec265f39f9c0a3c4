"""Drawings made on the server: rings and the validity strip, as SVG by attributes alone."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plans.presenters import Meter, Span

register = template.Library()

# More ticks than this cannot be told apart on a phone; then one tick stands for several days.
MOST_TICKS = 92
# Part of a step that is tick; the rest is gap.
TICK = 0.66


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a line icon of parts/icons.html; decoration, silent when read out."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.inclusion_tag("parts/facts.html")
def facts(values: list[str]) -> dict[str, object]:
    """`{% facts card.includes %}`: short facts in a row, parted by dots."""
    return {"values": values}


@register.inclusion_tag("parts/ring.html")
def ring(meter: Meter) -> dict[str, object]:
    """`{% ring meter %}`: the ring with its figure inside and its name below."""
    return {"meter": meter}


@register.inclusion_tag("parts/strip.html")
def strip(span: Span) -> dict[str, object]:
    """`{% strip span %}`: one tick a day, used, today, left."""
    ticks = strip_ticks(span)
    return {"span": span, "width": f"{TICK * _step(len(ticks)):.3f}%", "ticks": ticks}


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
