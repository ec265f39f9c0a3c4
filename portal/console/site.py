"""The console's site: its door, its content security policy, and its one search."""

from typing import Any, override

from allauth.account.decorators import secure_admin_login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

from billing.selectors.search import LISTED, find_anything
from portal.console.results import found_sections, may_see_customers

# Unfold compiles the expressions of its pages (Alpine) and sets its colours in a style element:
# it cannot do with less. No inline script, no other origin; pages outside /admin/ stay strict.
POLICY: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}


class ConsoleSite(UnfoldAdminSite):
    """Unfold's site with the portal's own log-in."""

    index_title = gettext_lazy("Start")

    @override
    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Give each page of the console the console's policy."""
        return csp_override(POLICY)(super().admin_view(view, cacheable))

    @override
    @method_decorator(never_cache)
    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send strangers to the portal's log-in, which knows numbers, limits and lock-out."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    @override
    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the palette, which asks with `s`, or show the page of everything `q` can mean."""
        if "s" in request.GET:
            response: HttpResponse = super().search(request, extra_context)
            return response
        if not may_see_customers(request):
            raise PermissionDenied
        found = find_anything(request.GET.get("q", ""))
        context = {
            **self.each_context(request),
            "title": _("Search"),
            "term": found.term,
            "count": found.count,
            "limit": LISTED,
            "sections": found_sections(found),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/search.html", context)
