"""The shape of what a customer chooses; whether it may be had is for the services."""

import re
from collections.abc import Iterable

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from billing.selectors.history import GROUPS, OrderFilter
from messaging.formats import masked
from plans.models import Line

# A method and a currency, e.g. card:THB.
PAY = re.compile(r"[a-z_]{2,16}:[A-Z]{3}")


class PayChoice(forms.Form):
    """How to pay, and what the page had promised."""

    pay = forms.CharField(max_length=20, validators=[RegexValidator(rf"\A{PAY.pattern}\Z")])
    # What the summary promised, as `promise_text` writes it; absent in a bare request.
    seen = forms.CharField(max_length=40, required=False)
    # Ticked: the rest of the running period may be lost.
    agree = forms.BooleanField(required=False)

    @property
    def method(self) -> str:
        """The chosen method, e.g. card."""
        return str(self.cleaned_data["pay"]).partition(":")[0]

    @property
    def currency(self) -> str:
        """The currency the method charges, e.g. THB."""
        return str(self.cleaned_data["pay"]).partition(":")[2]


class RenewalChoice(PayChoice):
    """Plan and way to pay of the renewal in hand."""

    plan = forms.SlugField(max_length=40)


class OrderFilterForm(forms.Form):
    """Which of the customer's orders to list: of one line, in one state, of one year."""

    line = forms.ChoiceField(required=False, label=_("Line"))
    state = forms.ChoiceField(required=False, label=_("State"))
    year = forms.TypedChoiceField(required=False, label=_("Year"), coerce=int, empty_value=None)

    def __init__(self, *args: object, lines: Iterable[Line], years: Iterable[int]) -> None:
        super().__init__(*args)  # type: ignore[arg-type] # what Django's form takes
        # Not `required`, so that an address without a filter is as good as an empty choice.
        self._offer("line", _("All lines"), ((one.public_id, _line_name(one)) for one in lines))
        self._offer("state", _("All states"), ((key, one.label) for key, one in GROUPS.items()))
        self._offer("year", _("All years"), ((year, str(year)) for year in years))

    def _offer(
        self, name: str, everything: object, choices: Iterable[tuple[object, object]]
    ) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [("", everything), *choices]

    @property
    def wanted(self) -> OrderFilter:
        """The filter of a valid form; of an invalid one nothing is filtered."""
        data = self.cleaned_data if self.is_valid() else {}
        return OrderFilter(
            line=data.get("line", ""), group=data.get("state", ""), year=data.get("year")
        )


def _line_name(line: Line) -> str:
    return f"{line.brand.name} {masked(line.msisdn)}"
