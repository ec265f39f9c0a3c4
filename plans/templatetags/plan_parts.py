"""Drawings made on the server: rings and the validity strip, as SVG by attributes alone."""

from django import template

from plans.presenters import Meter, Span

register = template.Library()

# More ticks than this cannot be told apart on a phone; then one tick stands for several days.
MOST_TICKS = 92


@register.inclusion_tag("parts/ring.html")
def ring(meter: Meter) -> dict[str, object]:
    """`{% ring meter %}`: the ring with its figure inside and its name below."""
    return {"meter": meter}


@register.inclusion_tag("parts/strip.html")
def strip(span: Span) -> dict[str, object]:
    """`{% strip span %}`: one tick a day, used, today, left."""
    days_a_tick = -(-span.total // MOST_TICKS)
    total = -(-span.total // days_a_tick)
    today = min(span.used // days_a_tick, total - 1)
    step = 100 / total
    kinds = ["used"] * today + ["now"] + ["left"] * (total - today - 1)
    return {
        "span": span,
        "width": f"{step * 0.66:.3f}%",
        "ticks": [(f"{index * step:.3f}%", kind) for index, kind in enumerate(kinds)],
    }
