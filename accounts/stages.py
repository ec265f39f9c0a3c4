"""What stands between a right password and being logged in: one proved way to reach somebody.

allauth's own settings know only "e-mail must be verified" (locks out customers with a number
only) or "may be" (lets in anybody's address); an account here needs either of the two.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.stages import EmailVerificationStage, PhoneVerificationStage
from allauth.account.utils import has_verified_email

from accounts.selectors import awaits_confirmation


class PhoneStage(PhoneVerificationStage):
    """Asks for the code of the SMS at sign-up, and later only where nothing else is proved."""

    def handle(self) -> tuple[Any, bool]:
        # A mistyped number must not lock out somebody who proved the e-mail address.
        if not self.login.signup and has_verified_email(self.login.user):
            return None, True
        response: tuple[Any, bool] = super().handle()  # type: ignore[no-untyped-call] # allauth
        return response


class EmailStage(EmailVerificationStage):
    """Holds the log-in until the link of the mail was opened, unless the number is proved."""

    def handle(self) -> tuple[Any, bool]:
        user: Any = self.login.user
        # No user: somebody signs up with an address that has an account; the answer must be the
        # same, only the mail differs.
        if user is None or awaits_confirmation(user):
            send_verification_email_at_login(self.request, self.login)
            return get_adapter().respond_email_verification_sent(self.request, user), True
        if self.login.signup and not has_verified_email(user):
            send_verification_email_at_login(self.request, self.login)
        return None, True
