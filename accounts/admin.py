"""Customers for the operator's staff: found by name, e-mail, or number in any writing."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.phones import normalise_phone

# The console has no door of its own: the portal's log-in knows numbers, limits and lock-out.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class NewUserForm(auth_forms.AdminUserCreationForm[User]):
    """A new account; a number entered here is a claim until its owner proves it."""

    class Meta:
        model = User
        fields = ("email", "phone", "name")


class EditUserForm(auth_forms.UserChangeForm[User]):
    """Django's form without its user name field."""

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(auth_admin.UserAdmin[User]):
    """Accounts of customers and staff."""

    form = EditUserForm
    add_form = NewUserForm
    ordering = ("-date_joined",)
    list_display = ("pk", "name", "email", "phone", "is_active", "is_staff", "date_joined")
    list_display_links = ("pk", "name", "email", "phone")
    list_filter = ("is_active", "is_staff", "is_demo", "language")
    search_fields = ("email", "name", "phone")
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
        (_("Rights"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("name", "email", "phone", "usable_password", "password1", "password2")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:  # noqa: ARG002
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
