"""What the console pages of every app share: read-only pages, tables of facts, words for times.

The console shows and the rules write. So nearly every page of it can only be read, and what a
page tells beyond its own row stands in sections: tables of cells that link to what they name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from messaging.formats import place
from messaging.models import Message

# Rows of a list page.
PER_PAGE = 50
# Signs that a column gives a word before it breaks it.
LONGEST_WORD = 20
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")

# Colours of unfold's labels by what a state asks of a person: nothing, patience, or a look.
GOOD, WAIT, BAD, OFF, NEWS = "success", "warning", "danger", "default", "info"

# Kept in the outbox on purpose counts as told: there is no gateway, or it is a demo.
MESSAGE_TONES = {
    Message.State.QUEUED.value: WAIT,
    Message.State.SENT.value: GOOD,
    Message.State.KEPT.value: GOOD,
    Message.State.WITHDRAWN.value: OFF,
    Message.State.DEAD.value: BAD,
}


class ReadOnly:
    """Nothing may be added, changed or deleted by hand; put before the admin class."""

    def has_add_permission(self, *_args: object) -> bool:
        return False

    def has_change_permission(self, *_args: object) -> bool:
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        return False


class ConsoleAdmin(ModelAdmin):
    """A page of the console: 50 rows, filters applied together, times in UTC and said so."""

    list_per_page = PER_PAGE
    list_filter_submit = True
    list_fullwidth = True
    # There is nothing to do with many rows at once, so no boxes to tick.
    actions = None
    # Unfold types both by their empty values.
    add_fieldsets: Any = ()
    change_form_outer_after_template: Any = None

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Lay facts out beside one another, and say in which zone their times are."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.fieldsets:
            return fieldsets
        look = {"classes": ("console-facts",), "description": _("Times in UTC.")}
        return [(name, {**options, **look}) for name, options in fieldsets]


class ReadOnlyAdmin(ReadOnly, ConsoleAdmin):
    """A page that can only be read."""


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold against Django
    """A table of rows on the page of what they belong to."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One fact of a table: its text, where it leads, and the colour of its label if it is one."""

    text: StrOrPromise
    href: str = ""
    tone: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it is an id that a narrow column must break anywhere."""
        return " " not in str(self.text) and len(str(self.text)) > LONGEST_WORD

    @property
    def moment(self) -> list[str]:
        """Day and time of a cell that is one: a line may end between them, never within."""
        return str(self.text).split() if MOMENT.fullmatch(str(self.text)) else []


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a page: its title, the heads of its columns, its rows, and words for none."""

    title: StrOrPromise
    heads: Sequence[StrOrPromise]
    rows: Sequence[Sequence[Cell]]
    note: StrOrPromise = ""
    empty: StrOrPromise = field(default=_("Nothing yet."))


def cells(*facts: "Cell | StrOrPromise | int | None") -> list[Cell]:
    """Return a row of cells; plain texts and figures become cells without a link."""
    return [fact if isinstance(fact, Cell) else Cell(_text(fact)) for fact in facts]


def _text(fact: StrOrPromise | int | None) -> StrOrPromise:
    return "–" if fact is None or fact == "" else fact if not isinstance(fact, int) else str(fact)


def link(row: Model | None, text: StrOrPromise = "") -> Cell:
    """Return a cell that leads to the console page of `row`; a dash for nothing."""
    return Cell("–") if row is None else Cell(text or str(row), href=page_of(row))


def page_of(row: Model) -> str:
    """Return the address of a row's page in the console."""
    meta = row._meta  # noqa: SLF001 (Django's documented way to a model's names)
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def label(row: Model, tones: dict[str, str], name: str = "state") -> Cell:
    """Return the state of `row` in words, in the colour that `tones` gives its value."""
    words = getattr(row, f"get_{name}_display")()
    return Cell(words, tone=tones.get(getattr(row, name), OFF))


def clock(moment: datetime | None, zone: tzinfo = UTC) -> str:
    """Return a time to the second in one fixed spelling; the zone is said beside the table."""
    if moment is None:
        return "–"
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def zone_note(zone: tzinfo) -> str:
    """Return the sentence that says in which zone the times of a table are."""
    return (
        gettext("Times in UTC.")
        if zone is UTC
        else gettext("Times in %(place)s.") % {"place": place(zone)}
    )


def utc_column(model: type[Model], name: str) -> Any:
    """Return a list column with a time of `model` to the minute, headed by its name and UTC."""
    head = getattr(model._meta.get_field(name), "verbose_name", name)  # noqa: SLF001

    @display(description=format_lazy("{name} (UTC)", name=head), ordering=name)
    def column(_admin: object, row: Model) -> str:
        moment = getattr(row, name)
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else "–"

    return column


def state_column(tones: dict[str, str], name: str = "state", head: StrOrPromise = "") -> Any:
    """Return a list column with a state in words, in the colour that `tones` gives its value."""

    @display(description=head or _("state"), label=tones, ordering=name)
    def column(_admin: object, row: Model) -> tuple[str, str]:
        return getattr(row, name), getattr(row, f"get_{name}_display")()

    return column


def joined(texts: Iterable[StrOrPromise]) -> str:
    """Return several facts as one text, empty ones left out."""
    return " / ".join(str(text) for text in texts if text)
