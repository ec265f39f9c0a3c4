"""Every address of the portal, by the app that answers it."""

from django.contrib import admin
from django.urls import include, path

from portal import health, styleguide, views

portal_patterns = (
    [
        path("", views.home, name="home"),
        path("theme/", views.theme, name="theme"),
        path("robots.txt", views.robots, name="robots"),
        path("manifest.webmanifest", views.manifest, name="manifest"),
        path("styleguide/", styleguide.styleguide, name="styleguide"),
    ],
    "portal",
)

urlpatterns = [
    path("", include(portal_patterns)),
    path("", include("plans.urls")),
    path("", include("billing.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("dev/", include("messaging.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
]
