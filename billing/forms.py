"""The shape of what a customer chooses; whether it may be had is for the services."""

import re

from django import forms
from django.core.validators import RegexValidator

# A method and a currency, e.g. card:THB.
PAY = re.compile(r"[a-z_]{2,16}:[A-Z]{3}")


class RenewalChoice(forms.Form):
    """Plan and way to pay of the renewal in hand."""

    plan = forms.SlugField(max_length=40)
    pay = forms.CharField(max_length=20, validators=[RegexValidator(rf"\A{PAY.pattern}\Z")])
    # What the summary promised, `<total in minor units>:<last day>`; absent in a bare request.
    seen = forms.CharField(max_length=40, required=False)

    @property
    def method(self) -> str:
        """The chosen method, e.g. card."""
        return str(self.cleaned_data["pay"]).partition(":")[0]

    @property
    def currency(self) -> str:
        """The currency the method charges, e.g. THB."""
        return str(self.cleaned_data["pay"]).partition(":")[2]
