"""/styleguide/: every component of the pages in each of its states, on test installations only."""

from collections.abc import Iterator
from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse  # noqa: TID251 (a page, beside views)
from django.shortcuts import render  # noqa: TID251 (a page, beside views)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.charts import UsageChart
from plans.presenters import GB, Meter, Span
from plans.selectors.usage import DayOfUse

# Names of the icons in parts/icons.html.
ICONS = (
    "home",
    "usage",
    "renew",
    "bill",
    "me",
    "sim",
    "card",
    "plans",
    "gear",
    "bell",
    "check",
    "cross",
    "warn",
    "info",
    "clock",
    "turn",
    "lock",
    "plus",
    "arrow",
    "back",
    "data",
    "voice",
    "sms",
    "out",
)
# Hundredths of a GB a day for the bars, and the even pace in bytes: some days are over it.
USE = (31, 64, 12, 88, 45, 0, 71, 52, 39, 93, 27, 58, 66, 41)
PACE = 67 * GB // 100
TONES = ("ok", "warn", "bad", "off")


class ExampleForm(forms.Form):
    """A field of each kind; shown empty, and with what is wrong when it is sent so."""

    number = forms.CharField(
        label=gettext_lazy("Phone number"), help_text=gettext_lazy("With the country code")
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    plan = forms.ChoiceField(
        label=gettext_lazy("Plan"), choices=[("", "–"), ("a", "20 GB"), ("b", "60 GB")]
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Way to pay"),
        choices=[("a", gettext_lazy("Card")), ("b", gettext_lazy("Balance"))],
        widget=forms.RadioSelect,
    )
    auto = forms.BooleanField(label=gettext_lazy("Renew automatically"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Message"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


@login_not_required
@require_safe
@never_cache
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the components; 404 on any installation that is not a local test."""
    if not settings.LOCAL_TEST:
        raise Http404
    messages.success(request, _("Everything went well."))
    messages.warning(request, _("Something needs your attention."))
    messages.error(request, _("Something did not work."))
    context = {
        "section": "styleguide",
        "icons": ICONS,
        "pills": [{"tone": tone, "word": word} for tone, word in zip(TONES, _words(), strict=True)],
        "spans": [Span(total=30, left=6), Span(total=7, left=7), Span(total=365, left=1)],
        "span": Span(total=30, left=6),
        "meters": _meters(),
        "chart": UsageChart([DayOfUse(day, data=used * GB // 100) for day, used in _use()], PACE),
        "empty_form": ExampleForm(prefix="empty"),
        "wrong_form": ExampleForm({"wrong-email": "abc"}, prefix="wrong"),
        "steps": (1, 2, 3),
    }
    return render(request, "styleguide/page.html", context)


def _words() -> tuple[str, ...]:
    return _("Active"), _("Ends soon"), _("Suspended"), _("Ended")


def _use() -> Iterator[tuple[date, int]]:
    last = date(2026, 11, 21)
    for ago, used in zip(range(len(USE) - 1, -1, -1), USE, strict=True):
        yield last - timedelta(days=ago), used


def _meters() -> list[Meter]:
    rows = [
        ("data", _("Data left"), "6.8", "GB / 20", 34),
        ("voice", _("Call time"), "213", _("minutes"), 71),
        ("sms", _("Texts"), "0", "/ 100", 0),
        ("data", _("Data left"), "∞", "", 100),
    ]
    return [
        Meter(
            kind=kind,
            name=name,
            figure=figure,
            unit=unit,
            percent=percent,
            sentence=f"{name} {figure} {unit}".strip(),
            left=figure,
            granted="",
            used="",
            is_unlimited=not unit,
            measured_at=None,
        )
        for kind, name, figure, unit, percent in rows
    ]
