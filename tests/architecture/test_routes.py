"""Every address answers a stranger: most by asking to log in, the listed ones by a page."""

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client

from tests.architecture.roles import LOGIN, TABLE
from tests.architecture.routes import Route, all_routes

# Routes a visitor may see without log-in. A new public route fails until it stands here.
PUBLIC = {
    "portal:home",
    "portal:theme",
    "portal:robots",
    "portal:manifest",
    # 404 but in a test installation.
    "portal:styleguide",
    "set_language",
    "plans:catalogue",
    "plans:compare",
    "plans:plan",
    "plans:brand",
    # The signature in the address is what lets in; a wrong one is a 404.
    "billing:renewal-link",
    "billing:renewal-link-return",
    "billing:renewal-link-state",
    "billing:renewal-link-tail",
    # Verified by its signature, not by a session.
    "billing:stripe-webhook",
    "billing:network-webhook",
    "plans:usage-hook",
    "healthz",
    "readyz",
    # 404 but in a test installation.
    "messaging:outbox",
    "messaging:outbox-message",
    "messaging:outbox-html",
    # The ways in, and the steps between them.
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_confirm_login_code",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_verify_phone",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
# The console sends strangers to a log-in of its own.
CONSOLE = "/admin/"
REDIRECTS = {301, 302}
ANSWERS = {200, 404, 405}


def asks_to_log_in(response_url: str) -> bool:
    return response_url.startswith((f"{resolve_url(settings.LOGIN_URL)}?", f"{CONSOLE}login/?"))


@pytest.mark.django_db
def test_a_stranger_is_asked_to_log_in_everywhere_but_on_listed_routes(client: Client) -> None:
    client.raise_request_exception = False
    wrong: dict[str, str] = {}
    for route in all_routes():
        response = client.get(route.path)
        to = response.headers.get("Location", "")
        if response.status_code in REDIRECTS and asks_to_log_in(to):
            if route.name in PUBLIC:
                wrong[route.name] = f"{route.path} is listed as public and asks to log in"
        elif route.name not in PUBLIC:
            wrong[route.name] = f"{route.path} answers {response.status_code} {to} and is unlisted"
        elif response.status_code not in ANSWERS | REDIRECTS:
            wrong[route.name] = f"{route.path} answers {response.status_code}"

    assert wrong == {}


def test_every_listed_route_exists() -> None:
    assert PUBLIC - {route.name for route in all_routes()} == set()


def test_the_table_of_roles_opens_the_same_routes_to_everyone() -> None:
    assert {name for name, access in TABLE.items() if access.anonymous != LOGIN} == PUBLIC


def test_an_address_is_made_for_each_route_with_values() -> None:
    assert Route("healthz", "/healthz/") in all_routes()
