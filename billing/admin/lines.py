"""A line's page: whose it is, until when, what is queued, why it can or cannot be renewed."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, override

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.console.sections import (
    claims_section,
    entries_section,
    messages_section,
    orders_section,
)
from billing.selectors.dossiers import LineDossier, line_dossier
from messaging.console import Cell, Section, cells, clock, joined, label, link, zone_note
from plans.admin.lines import LineAdmin
from plans.console import NETWORK_TONES, PERIOD_TONES, REMINDER_TONES
from plans.models import Bucket, Line, Period, Reminder, ServiceOrder
from plans.presenters import amount_text, used_text


@admin.register(Line)
class LineStoryAdmin(LineAdmin):
    """The line, and below it the story."""

    change_form_outer_after_template: Any = "admin/parts/story.html"

    @override
    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        line = kwargs.get("obj")
        if line is not None:
            context["sections"] = line_sections(line_dossier(line, now=timezone.now()))
        return super().render_change_form(request, context, *args, **kwargs)


def line_sections(story: LineDossier) -> list[Section]:
    """The story of a line as tables, times in the brand's zone."""
    zone = story.line.brand.zone
    return [
        _renewing(story, zone),
        _periods(story.periods, zone),
        orders_section(story.orders, zone),
        _network(story.network, zone),
        messages_section(story.messages, zone),
        _reminders(story.reminders, zone),
        claims_section(story.claims, zone),
        entries_section(story.entries, zone),
    ]


def _renewing(story: LineDossier, zone: tzinfo) -> Section:
    return Section(
        _("As the customer sees it"),
        [_("state"), _("paid until"), _("queued periods"), _("can be renewed now")],
        [
            cells(
                Cell(story.view.status.word, tone=_tone(story.view.status.tone)),
                clock(story.view.covered_until, zone),
                sum(period.start_at > story.view.now for period in _standing(story)),
                _refusal(story),
            )
        ],
        note=zone_note(zone),
    )


def _standing(story: LineDossier) -> list[Period]:
    return [period for period in story.periods if period.state != Period.State.CANCELLED]


def _tone(tone: str) -> str:
    return {"ok": "success", "warn": "warning", "bad": "danger"}.get(tone, "default")


def _refusal(story: LineDossier) -> Cell:
    if story.refusal is None:
        return Cell(_("Yes"), tone="success")
    return Cell(f"{_('No')}: {story.refusal.message} {story.refusal.next_step}")


def _periods(periods: list[Period], zone: tzinfo) -> Section:
    return Section(
        _("Periods"),
        [
            "#",
            _("plan"),
            _("state"),
            _("start"),
            _("end (not included)"),
            _("how it lies"),
            _("allowances left"),
        ],
        [
            cells(
                Cell(str(period.sequence), href=link(period).href),
                period.version.name,
                label(period, PERIOD_TONES),
                clock(period.start_at, zone),
                clock(period.end_at, zone),
                joined(_where(period)),
                joined(_left(bucket) for bucket in period.buckets.all()),
            )
            for period in periods
        ],
        note=zone_note(zone),
    )


def _where(period: Period) -> Iterator[str]:
    """Beside the chain or in it, and what moved it."""
    yield _("beside the plan") if period.is_parallel else _("in the chain")
    if period.is_stacked:
        yield _("added to the period before")
    if period.has_delay_credit:
        yield _("moved for our delay")


def _left(bucket: Bucket) -> str:
    name = bucket.get_kind_display()
    if bucket.is_unlimited:
        used = used_text(bucket.kind, bucket.used)
        return f"{name}: {_('Unlimited')} ({_('%(amount)s used') % {'amount': used}})"
    granted = amount_text(bucket.kind, bucket.granted)
    left = amount_text(bucket.kind, bucket.left)
    return _("%(name)s: %(left)s of %(granted)s left") % {
        "name": name,
        "left": left,
        "granted": granted,
    }


def _network(orders: list[ServiceOrder], zone: tzinfo) -> Section:
    return Section(
        _("Network orders"),
        [
            _("created at"),
            _("action"),
            _("state"),
            _("attempts"),
            _("next try"),
            _("completed at"),
            _("error"),
        ],
        [
            cells(
                link(order, clock(order.created_at, zone)),
                order.get_action_display(),
                label(order, NETWORK_TONES),
                order.attempts,
                clock(order.next_try_at, zone),
                clock(order.completed_at, zone),
                order.error,
            )
            for order in orders
        ],
        note=zone_note(zone),
    )


def _reminders(reminders: list[Reminder], zone: tzinfo) -> Section:
    return Section(
        _("Reminders"),
        [_("due at"), _("of the period ending"), _("stage"), _("state"), _("reason")],
        [
            cells(
                link(reminder, clock(reminder.due_at, zone)),
                clock(reminder.period.end_at, zone),
                reminder.get_stage_display(),
                label(reminder, REMINDER_TONES),
                reminder.error,
            )
            for reminder in reminders
        ],
        note=zone_note(zone),
    )
