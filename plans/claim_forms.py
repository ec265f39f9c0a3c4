"""The forms by which a line is added: a number, a card with its code, and the code of the SMS."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import INVALID
from plans.claim_codes import read_operator_code, read_sms_code
from plans.identifiers import parse
from plans.selectors.claims import numbers_meant

# Neither spelling help nor capitals where somebody copies digits from a card.
PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


class NumberForm(forms.Form):
    """The number of the line, in any writing; `numbers` is what it can mean, in E.164."""

    number = forms.CharField(
        label=_("Number of the line"),
        help_text=_("Any writing. From abroad with the country code, like +66 81 234 5678."),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers: set[str] = set()

    def clean_number(self) -> str:
        """Return the writing as it came."""
        text = str(self.cleaned_data["number"])
        self.numbers = numbers_meant(text)
        if not self.numbers:
            raise ValidationError(INVALID, code="invalid_phone")
        return text


class CardForm(forms.Form):
    """The number printed on the card, and the code the operator gave out with it."""

    iccid = forms.CharField(
        label=_("Card number (ICCID)"),
        help_text=_(
            "18 to 20 digits beginning with 89, printed on the card or shown by the phone."
        ),
        max_length=60,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"}),
    )
    code = forms.CharField(
        label=_("Code from the operator"),
        help_text=_("10 letters and digits; blanks, dashes and small letters do not matter."),
        max_length=60,
        widget=forms.TextInput(attrs=PLAIN),
    )

    def clean_iccid(self) -> str:
        """Return the stored spelling."""
        try:
            return parse("iccid", self.cleaned_data["iccid"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_code(self) -> str:
        """Return the ten signs."""
        try:
            return read_operator_code(self.cleaned_data["code"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class ClaimCodeForm(forms.Form):
    """The code of the SMS; the phone fills it in by itself where it can."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """Return the six digits."""
        try:
            return read_sms_code(self.cleaned_data["code"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
