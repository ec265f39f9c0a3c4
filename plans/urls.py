"""Brands and plans: open to everyone."""

from django.urls import path

from plans import views

app_name = "plans"

urlpatterns = [
    path("plans/", views.catalogue, name="catalogue"),
    path("plans/<slug:sku>/", views.plan, name="plan"),
    path("b/<slug:slug>/", views.brand, name="brand"),
]
