"""A customer's lines and orders, and the doors of Stripe and of the network."""

from django.urls import path

from billing import views, webhooks

app_name = "billing"

urlpatterns = [
    path("lines/", views.lines, name="lines"),
    path("lines/<slug:public_id>/", views.line, name="line"),
    path("lines/<slug:public_id>/usage/", views.usage, name="usage"),
    path("lines/<slug:public_id>/reminders/", views.line_reminders, name="line-reminders"),
    path("lines/<slug:public_id>/renew/", views.renew, name="renew"),
    path("r/<str:token>/", views.renewal_link, name="renewal-link"),
    path("r/<str:token>/state/", views.renewal_link_state, name="renewal-link-state"),
    path("r/<str:token>/return/", views.renewal_link_return, name="renewal-link-return"),
    path("r/<str:token>/<str:tail>", views.renewal_link_with_tail, name="renewal-link-tail"),
    path("orders/", views.orders, name="orders"),
    path("orders/export.csv", views.orders_export, name="orders-export"),
    path("orders/<slug:number>/", views.order, name="order"),
    path("orders/<slug:number>/state/", views.order_state, name="order-state"),
    path("orders/<slug:number>/return/", views.order_return, name="return"),
    path("orders/<slug:number>/pay/", views.order_pay, name="order-pay"),
    path("orders/<slug:number>/cancel/", views.order_cancel, name="order-cancel"),
    path("billing/stripe/webhook/", webhooks.stripe_webhook, name="stripe-webhook"),
    path("hooks/network/", webhooks.network_webhook, name="network-webhook"),
]
