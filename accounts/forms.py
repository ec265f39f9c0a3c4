"""The forms of the ways in; allauth finds them through ACCOUNT_FORMS."""

import unicodedata
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.models import Login
from allauth.account.utils import filter_users_by_email
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.fields import UNCLEAR
from accounts.selectors import verified_phones_meant

EMAIL_ATTRS = {
    "autocomplete": "email",
    "inputmode": "email",
    "autocapitalize": "none",
    "spellcheck": "false",
}


class LoginForm(allauth_forms.LoginForm):
    """One box for number or e-mail, in any writing, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Phone number or registered e-mail")
        login.widget = forms.TextInput(
            # The keyboard for addresses has digits, letters and @.
            attrs={**EMAIL_ATTRS, "autocomplete": "username", "autofocus": True}
        )
        # The page has its own link to the reset, in sight on a phone.
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["remember"].label = _("Keep me logged in on this device")

    def clean_login(self) -> str:
        """Return the e-mail in lower case, or the one verified number that is meant.

        What means no account is passed on as it is: the password check then fails as it does for
        a wrong password, after the same time and with the same words.
        Raises ValidationError when verified numbers of several countries are meant.
        """
        text = unicodedata.normalize("NFKC", self.cleaned_data["login"]).strip()
        if "@" in text:
            return text.lower()
        numbers = verified_phones_meant(text)
        if len(numbers) > 1:
            raise ValidationError(UNCLEAR, code="unclear_phone")
        return numbers.pop() if numbers else text


class SignupForm(allauth_forms.SignupForm):
    """Opens an account with a number, an e-mail address, or both."""

    field_order = ["phone", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email_known = False
        phone, email, password = (self.fields[name] for name in self.field_order)
        phone.label = _("Phone number")
        phone.help_text = _("We send a code by SMS. Abroad: start with the country code, like +66.")
        email.label = _("E-mail address")
        email.help_text = _("A phone number or an e-mail address: one of the two is enough.")
        email.widget = forms.EmailInput(attrs=EMAIL_ATTRS)
        email.widget.is_required = False
        # Neither is optional by itself; the template pack leaves out its "optional" mark.
        phone.either_or = email.either_or = True
        password.help_text = _("At least 8 characters, not only digits, nothing easy to guess.")
        password.widget.attrs.pop("placeholder", None)

    def validate_unique_email(self, value: str) -> str:
        """Note whether the address has an account; the page never says so, a mail does."""
        if filter_users_by_email(value):
            self.email_known = self.account_already_exists = True
        return value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error("phone", _("Please give your phone number or your e-mail address."))
        if not self.errors and cleaned.get("phone"):
            # The SMS comes after the account is stored; without room for it there must be none.
            ratelimit.consume(
                allauth_context.request,
                action="verify_phone",
                key=cleaned["phone"],
                dry_run=True,
                raise_exception=True,
            )
        return cleaned

    def try_save(self, request: Any) -> tuple[Any, Any]:
        """Store the account, or answer as if, where there is one already.

        Returns (user, None) or (None, response), as allauth expects.
        """
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    stored: tuple[Any, Any] = super().try_save(request)
            except IntegrityError:
                # Two sign-ups with one address at the same moment: the later finds it taken.
                self.email_known = self.account_already_exists = True
            else:
                return stored
        email, phone = self.cleaned_data.get("email"), self.cleaned_data.get("phone")
        if self.email_known and phone:
            # The page goes on with the SMS code, so the owner of the address is told here.
            send_verification_email_at_login(request, Login(email=email, signup=True))
        response: tuple[Any, Any] = super().try_save(request)
        return response


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Asks for the address; the answer is the same whether it has an account or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Registered e-mail")
        self.fields["email"].widget = forms.EmailInput(attrs={**EMAIL_ATTRS, "autofocus": True})


class AddEmailForm(allauth_forms.AddEmailForm):
    """One more address for an account; it counts once its link was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget = forms.EmailInput(attrs=EMAIL_ATTRS)


class ChangePhoneForm(allauth_forms.ChangePhoneForm):
    """Another number for an account; it counts once the code of the SMS came back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("New phone number")


class CodeForm(allauth_forms.VerifyPhoneForm):
    """The code of an SMS: digits, filled in by the phone itself where it can."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Verification code")
        self.fields["code"].widget = forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 12}
        )
