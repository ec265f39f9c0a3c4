"""The start page of the console: how the shop stands, and what needs a person."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from billing.console.states import reason_words
from billing.models import Order
from billing.selectors import figures
from messaging.console import Cell, Section, cells, clock, page_of
from messaging.formats import money_exact, msisdn
from messaging.models import Message
from plans.models import Line
from portal.console.results import may_see_customers

# Seconds for which the sidebar's figures are kept: they are on every page of the console.
BADGE_SECONDS = 30
BADGES = "console:badges"
# Unfold's own options would count in fractions and draw bars as thin as a hair.
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": False}},
        "scales": {
            "x": {"grid": {"display": False}, "ticks": {"color": "#7c8a84", "maxRotation": 0}},
            "y": {"beginAtZero": True, "grid": {}, "ticks": {"color": "#7c8a84", "precision": 0}},
        },
    }
)


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill in the start page; about two dozen queries, none of them per row.

    Staff who may not see customers and money get an empty page, with the sidebar of their rights.
    """
    context["is_open"] = may_see_customers(request)
    if not context["is_open"]:
        return context
    now = timezone.now()
    brands = figures.renewals_per_brand(now=now)
    counts = figures.attention(now=now)
    return {
        **context,
        "counts": _counts(counts),
        "tasks": _tasks(figures.tasks(now=now)),
        "sections": [*_takings(now), _lines([brand for brand, _count in brands], now=now)],
        "chart_options": CHART_OPTIONS,
        "orders_chart": _chart(_("Orders"), figures.orders_per_day(now=now), short=True),
        "renewals_chart": _chart(_("Renewals"), [(str(brand), count) for brand, count in brands]),
    }


def _counts(counts: figures.Attention) -> list[dict[str, Any]]:
    """The figures on top, each red as soon as there is one."""
    return [
        {"name": name, "count": count}
        for name, count in (
            (_("Orders hanging"), counts.hanging),
            (_("Orders in review"), counts.in_review),
            (_("Refused by the network"), counts.refused),
            (_("Refunds failed"), counts.refunds_failed),
            (_("Messages not deliverable"), counts.dead_messages),
        )
    ]


def _takings(now: datetime) -> Iterable[Section]:
    titles = {"today": _("Today"), "week": _("Last 7 days"), "month": _("Last 30 days")}
    heads = [
        _("currency"),
        _("money in"),
        _("money back"),
        _("what stayed"),
        _("orders"),
        _("renewals effective"),
    ]
    for key, rows in figures.takings(now=now).items():
        yield Section(
            titles[key],
            heads,
            [
                cells(
                    row.currency,
                    money_exact(row.paid_minor, row.currency),
                    money_exact(row.refunded_minor, row.currency),
                    money_exact(row.net_minor, row.currency),
                    row.orders,
                    row.renewals,
                )
                for row in rows
            ],
            note=_("Days in UTC."),
        )


def _lines(brands: list[Any], *, now: datetime) -> Section:
    return Section(
        _("Lines"),
        [_("brand"), *(state.label for state in Line.State), _("plan ends within 7 days")],
        [
            cells(
                Cell(str(row.brand), href=page_of(row.brand)),
                *(row.states.get(state.value, 0) for state in Line.State),
                row.ending,
            )
            for row in figures.lines_per_brand(brands, now=now)
        ],
    )


def _tasks(tasks: list[figures.Task]) -> Section:
    kinds: dict[str, StrOrPromise] = {
        "refused": _("Refused by the network"),
        "hanging": _("Paid, not effective"),
        "in_review": _("In review"),
        "refund_failed": _("Refund failed"),
        "dead": _("Message not deliverable"),
    }
    return Section(
        _("What needs a person"),
        [_("since"), _("what"), _("which"), _("about"), _("reason")],
        [
            cells(
                clock(task.since, UTC),
                Cell(kinds[task.kind], tone="warning" if task.kind == "hanging" else "danger"),
                Cell(*_named(task.row), page_of(task.row)),
                _about(task.row),
                reason_words(task.reason),
            )
            for task in tasks
        ],
        note=_("Newest first. Times in UTC."),
        empty=_("Nothing: everything that was paid is in service, and every message has left."),
    )


def _named(row: Order | Message) -> tuple[str]:
    return (row.number if isinstance(row, Order) else row.template,)


def _about(row: Order | Message) -> str:
    if isinstance(row, Message):
        return row.address
    return f"{row.line.brand} {msisdn(row.line.msisdn)}"


def _chart(name: str, bars: list[tuple[str, int]], *, short: bool = False) -> str:
    """Data of a bar chart as unfold's component wants it; days lose their year."""
    return json.dumps(
        {
            "labels": [label[5:] if short else label for label, _count in bars],
            "datasets": [
                {
                    "label": name,
                    "data": [count for _label, count in bars],
                    "backgroundColor": "var(--color-primary-600)",
                    "borderRadius": 4,
                    "maxBarThickness": 28,
                }
            ],
        }
    )


def hanging_badge(_request: HttpRequest) -> str | None:
    """How many orders hang, for the sidebar; nothing for none."""
    return _badge("hanging")


def review_badge(_request: HttpRequest) -> str | None:
    """How many orders are in review, for the sidebar; nothing for none."""
    return _badge("in_review")


def _badge(name: str) -> str | None:
    counts = cache.get_or_set(BADGES, _badge_counts, BADGE_SECONDS) or {}
    return str(counts[name]) if counts.get(name) else None


def _badge_counts() -> dict[str, int]:
    return {
        "hanging": figures.hanging_orders(now=timezone.now()).count(),
        "in_review": figures.orders_in_review().count(),
    }


def environment(_request: HttpRequest) -> list[StrOrPromise]:
    """The label of every page: there is no other mode."""
    return [_("Test mode"), "warning"]


def is_review_list(request: HttpRequest) -> bool:
    """Whether the list of orders is open with those in review only."""
    return request.GET.getlist("state__exact") == [Order.State.IN_REVIEW.value]
