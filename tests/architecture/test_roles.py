"""Anonymous, stranger, owner and staff at every address: each gets what the table says."""

import re

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.architecture.pairs import our_models
from tests.architecture.roles import (
    LOGIN,
    TABLE,
    Access,
    Answer,
    World,
    everyone,
    make_world,
    nothing,
)
from tests.architecture.routes import Route, all_routes
from tests.architecture.test_factories import factories
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# The console's rule is one for all its pages: nobody but staff.
CONSOLE = "/admin/"
CONSOLE_LOGIN = f"{CONSOLE}login/"
# Django's own pages about a row: guarded like the others, not worth the time to be looked at.
PLAIN = ("_history", "_delete", "/\\Z")
# Pages of the console that are for everybody, by their nature.
CONSOLE_DOORS = {"admin:login", "admin:logout"}
HEADING = re.compile(rb"<h1\b")
SERVER_ERROR = 500


def browser(visitor: User | None) -> Client:
    """A browser in which the visitor is logged in, or nobody."""
    client = Client(raise_request_exception=False)
    if visitor is not None:
        client.force_login(visitor)
    return client


def visit(client: Client, path: str, access: Access | None = None) -> tuple[Answer, bytes]:
    """What a browser gets, LOGIN for being sent there; and the page."""
    if access is not None and access.method == "post":
        response = client.post(path, access.form)
    else:
        response = client.get(path)
    to = response.headers.get("Location", "")
    if to.startswith((f"{resolve_url(settings.LOGIN_URL)}?", f"{CONSOLE_LOGIN}?")):
        return LOGIN, b""
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    whole = is_page and b"<html" in getattr(response, "content", b"")
    return response.status_code, response.content if whole else b""


def wrong_answers(path: str, access: Access, world: World) -> dict[str, str]:
    """Visitor → what they got instead of what the table says."""
    visitors = {
        "anonymous": None,
        "stranger": world.stranger,
        "owner": world.owner,
        "staff": world.staff,
    }
    wrong: dict[str, str] = {}
    for name, visitor in visitors.items():
        answer, page = visit(browser(visitor), path, access)
        if answer != getattr(access, name):
            wrong[name] = f"{answer} instead of {getattr(access, name)}"
        elif page and len(HEADING.findall(page)) != 1:
            wrong[name] = f"{len(HEADING.findall(page))} headings instead of 1"
    return wrong


def is_console(route: Route) -> bool:
    return route.path.startswith(CONSOLE)


def path_of(name: str, access: Access, world: World) -> str:
    """The address of the owner's objects; of a page without objects, one that reaches it."""
    if access.arguments is not nothing:
        return reverse(name, kwargs=access.arguments(world))
    return next(route.path for route in all_routes() if route.name == name)


@pytest.mark.parametrize("name", TABLE)
def test_each_visitor_gets_what_the_table_says(name: str) -> None:
    world = make_world()

    assert wrong_answers(path_of(name, TABLE[name], world), TABLE[name], world) == {}


def test_every_route_stands_in_the_table() -> None:
    names = {route.name for route in all_routes() if not is_console(route)}

    assert sorted(names - set(TABLE)) == []
    assert sorted(set(TABLE) - names) == []


def test_a_wrong_answer_would_be_found() -> None:
    world = make_world()
    path = path_of("billing:line", TABLE["billing:line"], world)

    assert set(wrong_answers(path, everyone(200), world)) == {"anonymous", "stranger", "staff"}


def console_paths() -> dict[str, str]:
    """Every page of the console, those of a row with a real row of the factories."""
    found = {
        route.name: route.path
        for route in all_routes()
        if is_console(route) and route.name not in CONSOLE_DOORS
    }
    for model in our_models():
        for page in ("change", "history", "delete"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            if name in found:
                found[name] = reverse(name, args=[factories()[model].create().pk])
    return found


def test_the_console_is_for_staff_alone() -> None:
    nobody, customer = browser(None), browser(UserFactory.create())
    doors_open = {
        name: answers
        for name, path in console_paths().items()
        if (answers := {visit(nobody, path)[0], visit(customer, path)[0]}) - {LOGIN, 403, 404}
    }

    assert doors_open == {}


def test_no_page_of_the_console_fails_for_staff() -> None:
    staff = browser(UserFactory.create(is_staff=True, is_superuser=True))
    broken = {
        name: answer
        for name, path in console_paths().items()
        if not name.endswith(PLAIN)
        and ((answer := visit(staff, path)[0]) == LOGIN or int(answer) >= SERVER_ERROR)
    }

    assert broken == {}
