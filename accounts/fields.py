"""The phone field of allauth's forms: any writing in, an E.164 `str` out."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phones import normalise_phone

# One sentence for the log-in box too: several numbers of several countries look alike.
UNCLEAR = _(
    "This number can belong to more than one country. Please write it with its country code,"
    " for example +66 81 234 5678."
)
INVALID = _("This is not a valid phone number. Example: +66 81 234 5678.")


class PhoneField(forms.CharField):
    """Accepts national writings where only one of our regions can be meant.

    The cleaned value stays a plain `str`: allauth stores and compares it, and keys its limits
    by it, so all writings of one number share one limit.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return E.164, or "" for an empty optional field; raises ValidationError otherwise."""
        text = super().clean(value)
        if not text:
            return ""
        numbers = normalise_phone(text, regions=settings.PHONE_REGIONS)
        if not numbers:
            raise ValidationError(INVALID, code="invalid_phone")
        if len(numbers) > 1:
            raise ValidationError(UNCLEAR, code="unclear_phone")
        return str(get_adapter().clean_phone(numbers.pop()))
