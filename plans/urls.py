"""Brands and plans, open to everyone; adding a line, for customers."""

from django.urls import path

from plans import claim_views, usage_webhooks, views

app_name = "plans"

urlpatterns = [
    path("plans/", views.catalogue, name="catalogue"),
    # Before the page of a plan: no SKU is written in small letters.
    path("plans/compare/", views.compare, name="compare"),
    path("plans/<slug:sku>/", views.plan, name="plan"),
    path("b/<slug:slug>/", views.brand, name="brand"),
    # Before `lines/<id>/` of billing: no line's id is in small letters.
    path("lines/add/", claim_views.line_add, name="line-add"),
    path("lines/add/code/", claim_views.line_add_code, name="line-add-code"),
    # The operator's own system posts here.
    path("hooks/usage/", usage_webhooks.usage_hook, name="usage-hook"),
]
