"""A customer's page: who it is, which lines and orders, what was told."""

from typing import Any, override

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.admin import UserAdmin
from accounts.models import User
from billing.console.sections import (
    claims_section,
    lines_section,
    messages_section,
    orders_section,
)
from billing.selectors.dossiers import customer_dossier


@admin.register(User)
class CustomerAdmin(UserAdmin):
    """The account, and below it the story."""

    change_form_outer_after_template: Any = "admin/parts/story.html"

    @override
    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        customer = kwargs.get("obj")
        if customer is not None:
            story = customer_dossier(customer)
            context["sections"] = [
                lines_section(story.lines),
                orders_section(story.orders),
                messages_section(story.messages),
                claims_section(story.claims),
            ]
        return super().render_change_form(request, context, *args, **kwargs)
