"""Paths below /dev/; the views answer only on a test installation."""

from django.urls import path

from messaging import views

app_name = "messaging"

urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:public_id>/", views.outbox_message, name="outbox-message"),
    path("outbox/<uuid:public_id>/html/", views.outbox_html, name="outbox-html"),
]
