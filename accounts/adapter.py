"""How allauth talks to our accounts and to the outbox; see docs on each method in allauth."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.errors import PhoneTakenError
from accounts.fields import PhoneField
from accounts.models import User
from accounts.services import contact, preferences
from messaging.services.outbox import queue_message

# One text whatever was wrong: it must not tell who has an account here.
MISMATCH = _("The phone number, the e-mail address or the password is not right.")
# What a mail's context holds when the mail lets somebody in.
SECRETS = frozenset({"password_reset_url", "activate_url", "key", "code"})


class AccountAdapter(DefaultAccountAdapter):
    """E-mail or phone are equal ways in; messages go through the outbox, never from a request."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "phone_taken": _("This phone number belongs to another account."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Please try again later, or reset your password."
        ),
        "incorrect_code": _("This code is not right. Please check the latest message."),
    }

    def save_user(
        self,
        request: HttpRequest,
        user: Any,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002 (allauth's shape)
    ) -> Any:
        """Store a new account in the language its owner signed up in."""
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit)

    def get_login_stages(self) -> list[str]:
        """Name what follows the password: the SMS code, then the mail's link, where needed."""
        return ["accounts.stages.PhoneStage", "accounts.stages.EmailStage"]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Bring page and account to one language: the visitor's choice, else the account's."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen:
            preferences.remember_language(user=user, language=chosen)
        else:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path=settings.LANGUAGE_COOKIE_PATH,
                domain=settings.LANGUAGE_COOKIE_DOMAIN,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type] # a plain str
            )
        return response

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Mark an address as proved; a claim of somebody who did not prove it gives way."""
        contact.release_email_claims(email=email_address.email, owner=email_address.user)
        return bool(super().confirm_email(request, email_address))

    # Phone numbers: always E.164 `str`, allauth compares and encodes them.

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:  # noqa: FBT001
        if verified:
            self.set_phone_verified(user, phone)
        else:
            contact.claim_phone(user=user, phone=phone)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Hand the number over and tell the old number (SMS) and the main address (mail)."""
        request = allauth_context.request
        try:
            old = contact.verify_phone(user=user, phone=phone, now=timezone.now())
        except PhoneTakenError as error:
            # Lost by a split second, after allauth's own check: say so instead of failing.
            messages.error(request, str(self.error_messages["phone_taken"]))
            page = "account_change_phone" if request.user.is_authenticated else "account_login"
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse(page))) from error
        if old:
            self.send_notification_mail("account/email/phone_changed", user)

    def get_user_by_phone(self, phone: str) -> User | None:
        return selectors.user_by_verified_phone(phone)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **_more: Any) -> None:
        contact.send_phone_code(user=user, phone=phone, code=code)

    def send_unknown_account_sms(self, phone: str, **_more: Any) -> None:
        """Send nothing: an SMS costs money and a stranger could have them sent to anybody."""

    def send_account_already_exists_sms(self, phone: str) -> None:
        owner = selectors.user_by_verified_phone(phone)
        contact.send_account_exists_sms(
            phone=phone,
            language=owner.language if owner else translation.get_language(),
            demo=bool(owner and owner.is_demo),
        )

    # Mail

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render allauth's mail in its reader's language and leave it in the outbox."""
        user = context.get("user") or selectors.user_by_email(email)
        request = allauth_context.request
        language = user.language if user else translation.get_language()
        with translation.override(language):
            site = RequestSite(request)
            site.name = gettext("Xuka")
            mail = self.render_mail(
                template_prefix,
                email,
                {"request": request, "email": email, "current_site": site, **context},
            )
        queue_message(
            channel="email",
            address=email,
            language=language,
            template="rendered",
            context={"subject": mail.subject, "text": mail.body, "html": ""},
            dedupe_key=f"account:mail:{uuid.uuid4()}",
            demo=bool(user and user.is_demo),
            secret=not SECRETS.isdisjoint(context),
        )

    # Limits

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's key knows e-mail and user name only: all phone log-ins would share one
        # bucket, and five wrong passwords on any numbers would lock out everybody.
        ways = ("email", "username", "phone")
        login = next((credentials[way] for way in ways if credentials.get(way)), "")
        return f"{request.get_host()}:{login.lower()}"

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        # After a reset the phone must be free again too, not only the address of the link.
        super()._delete_login_attempts_cached_email(request, **credentials)
        user = selectors.user_by_email(credentials.get("email", ""))
        if user is not None and user.phone:
            key = self._get_login_attempts_cache_key(request, phone=user.phone)
            ratelimit.clear(request, action="login_failed", key=key)
