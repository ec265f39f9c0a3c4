"""Customers for the operator's staff: found by name, e-mail, or number in any writing.

`billing.admin` puts the page of a customer into the console: it also knows the lines and orders.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, RangeDateFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import User
from accounts.phones import normalise_phone
from messaging.console import ConsoleAdmin, ReadOnlyAdmin, utc_column


class NewUserForm(UserCreationForm):
    """A new account; a number entered here is a claim until its owner proves it."""

    class Meta:
        model = User
        fields = ("email", "phone", "name")


class EditUserForm(UserChangeForm):
    """Django's form without its user name field."""

    class Meta:
        model = User
        fields = "__all__"


class UserAdmin(auth_admin.UserAdmin[User], ConsoleAdmin):
    """Accounts of customers and staff."""

    form = EditUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-date_joined",)
    list_display = ("who", "phone", "is_active", "is_staff", "joined")
    list_display_links = ("who",)
    list_filter = (
        ("is_active", BooleanRadioFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_demo", BooleanRadioFilter),
        ("date_joined", RangeDateFilter),
    )
    search_fields = ("email", "name", "phone")
    search_help_text = _("Name, e-mail or number in any spelling")
    # A number changes by proof of its owner only, never by hand.
    readonly_fields = (
        "phone",
        "phone_verified_at",
        "identity_verified_at",
        "is_demo",
        "last_login",
        "date_joined",
    )
    fieldsets = (
        (None, {"fields": ("name", "email", "phone", "phone_verified_at", "language", "password")}),
        (_("State"), {"fields": ("is_active", "identity_verified_at", "is_demo")}),
        (
            _("Rights"),
            {
                "fields": ("is_staff", "is_superuser", "groups", "user_permissions"),
                "classes": ("collapse",),
            },
        ),
        (
            _("Times"),
            {"fields": ("last_login", "date_joined"), "description": _("Times in UTC.")},
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("name", "email", "phone", "usable_password", "password1", "password2")}),
    )

    joined = utc_column(User, "date_joined")

    def has_delete_permission(self, *_args: object) -> bool:
        """An account is switched off: orders and messages name it for ever."""
        return False

    @display(description=_("customer"), header=True, ordering="name")
    def who(self, user: User) -> list[str]:
        """Name and address, one above the other."""
        return [user.name or str(user), user.email or "–"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:  # noqa: ARG002 (Django's shape)
        """Let a number be written into a new account only."""
        return self.readonly_fields if obj else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Find a number in any writing, besides what the words find."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        numbers = normalise_phone(search_term, regions=settings.PHONE_REGIONS)
        if numbers:
            found = found | queryset.filter(phone__in=numbers)
        return found, duplicates


admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin, ConsoleAdmin):
    """Roles of the staff."""


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Which addresses were proved; only a link in a mail proves one."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = (("verified", BooleanRadioFilter), ("primary", BooleanRadioFilter))
    list_select_related = ("user",)
    search_fields = ("email", "user__name")
