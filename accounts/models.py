"""Who a customer is: one account, reached by e-mail, by phone number, or by both."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def normalise_email(value: str | None) -> str | None:
    """The one stored spelling of an address: no blanks around, lower case, None for nothing.

    Mail providers treat capitals alike; two accounts that differ by a capital would be a trap.
    """
    return (value or "").strip().lower() or None


class UserManager(BaseUserManager["User"]):
    """Makes accounts and finds them by e-mail in any case."""

    def create_user(
        self,
        email: str | None = None,
        phone: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """Create an account from an e-mail, an E.164 phone number, or both.

        Without a password the account has an unusable one, to be set by a link.
        Raises ValueError when neither e-mail nor phone is given.
        """
        if not (email or phone):
            raise ValueError("An account needs an e-mail address or a phone number.")
        user = self.model(email=email, phone=phone, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a member of staff who may do everything; asked for by `createsuperuser`."""
        return self.create_user(
            email=email, password=password, **{"is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by e-mail in any case; raises User.DoesNotExist."""
        return self.get(email=normalise_email(username) or "")


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff.

    Anyone may write down any number; only the account that proved it by a code owns it, so the
    number is unique where it is verified and nowhere else.
    """

    # None, never "": the column is unique, and two accounts may both lack an address.
    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    # None, never "": "no number" has one spelling, and a constraint keeps it so.
    phone = models.CharField(_("phone number"), max_length=16, null=True, blank=True)  # noqa: DJ001
    phone_verified_at = models.DateTimeField(_("phone verified at"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    identity_verified_at = models.DateTimeField(_("identity verified at"), null=True, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Messages to a demo customer never leave the outbox, whatever gateways are configured.
    is_demo = models.BooleanField(_("demo"), default=False)
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(
                name="accounts_user_email_lower_case",
                condition=Q(email__isnull=True) | (Q(email=Lower("email")) & ~Q(email="")),
            ),
            models.CheckConstraint(
                name="accounts_user_phone_e164",
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{5,14}$"),
                violation_error_message=_("Write the number with its country code: +66812345678."),
            ),
            models.CheckConstraint(
                name="accounts_user_verified_phone_present",
                condition=Q(phone_verified_at__isnull=True) | Q(phone__isnull=False),
                violation_error_message=_("Only a number that is given can be verified."),
            ),
            models.UniqueConstraint(
                name="accounts_user_verified_phone_unique",
                fields=["phone"],
                condition=Q(phone_verified_at__isnull=False),
                violation_error_message=_("Another account has verified this number."),
            ),
        ]
        indexes = [models.Index(fields=["phone"], name="accounts_user_by_phone")]

    def __str__(self) -> str:
        # Shown as "signed in as …": must be text even for an account with a number only.
        return self.name or self.email or self.phone or f"customer {self.pk}"

    def clean(self) -> None:
        """Bring e-mail and phone to their stored spelling before the constraints look."""
        self.email = normalise_email(self.email)
        self.phone = self.phone or None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the one spelling, whoever wrote the other: allauth assigns "" for no e-mail."""
        self.clean()
        super().save(*args, **kwargs)

    @property
    def has_verified_channel(self) -> bool:
        """True when the customer proved the phone number or any e-mail address (one query)."""
        return (
            self.phone_verified_at is not None
            or EmailAddress.objects.filter(user=self.pk, verified=True).exists()
        )

    @property
    def is_identity_verified(self) -> bool:
        """True when the identity check of this customer was passed."""
        return self.identity_verified_at is not None
