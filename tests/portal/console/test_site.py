"""Who may enter the console, by which door, under which policy, and how it looks."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
POLICY = "Content-Security-Policy"
PAGES = ["/admin/", "/admin/search/?q=5678", "/admin/billing/order/", "/admin/plans/brand/"]


def directives(client: Client, url: str) -> dict[str, str]:
    """The policy of a page, by directive."""
    parts = client.get(url).headers[POLICY].split("; ")
    return {name: values for name, _blank, values in (part.partition(" ") for part in parts)}


@pytest.mark.parametrize("url", PAGES)
def test_the_console_has_a_policy_of_its_own(staff: Client, url: str) -> None:
    policy = directives(staff, url)

    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == policy["form-action"] == policy["font-src"] == "'self'"


@pytest.mark.parametrize("url", ["/", "/plans/", "/accounts/login/", "/admin/no-such-page/"])
def test_the_portal_keeps_its_strict_policy(staff: Client, url: str) -> None:
    staff.logout()
    policy = Client().get(url).headers[POLICY]

    assert "unsafe" not in policy


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_is_led_to_the_portals_log_in(client: Client, url: str) -> None:
    first = client.get(url)
    assert first.status_code == 302

    last = client.get(url, follow=True)
    assert last.status_code == 200
    assert last.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert last.resolver_match.url_name == "account_login"


def test_the_consoles_own_log_in_leads_to_the_portals(client: Client) -> None:
    page = client.get("/admin/login/", follow=True)

    assert page.status_code == 200
    assert page.resolver_match.url_name == "account_login"


def test_whoever_logs_in_from_there_arrives(client: Client) -> None:
    user = UserFactory.create(is_staff=True, is_superuser=True)
    form = {"login": user.email, "password": "a-long-enough-secret"}

    page = client.post("/accounts/login/?next=/admin/login/", form, follow=True)

    assert page.status_code == 200
    assert page.request["PATH_INFO"] == reverse("admin:index")


@pytest.mark.parametrize("url", [*PAGES, "/admin/login/"])
def test_a_customer_may_not_enter(client: Client, url: str) -> None:
    client.force_login(UserFactory.create())

    assert client.get(url, follow=True).status_code == 403


def test_staff_without_rights_see_nothing_of_anybody(client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True))

    start = client.get("/admin/")
    entries = [item for group in start.context["sidebar_navigation"] for item in group["items"]]

    assert start.status_code == 200
    assert "sections" not in start.context
    assert [str(item["link"]) for item in entries if item["has_permission"]] == ["/admin/"]
    assert client.get("/admin/billing/order/").status_code == 403
    assert client.get("/admin/search/?q=5678").status_code == 403
    assert "5678" not in client.get("/admin/search/?s=5678").content.decode()


def test_a_role_that_may_see_messages_finds_them_in_the_sidebar(client: Client) -> None:
    user = UserFactory.create(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(user)

    groups = client.get("/admin/").context["sidebar_navigation"]
    entries = [item for group in groups for item in group["items"] if item["has_permission"]]

    assert [str(item["link"]) for item in entries] == ["/admin/", "/admin/messaging/message/"]
    assert client.get("/admin/messaging/message/").status_code == 200


@pytest.mark.parametrize(("language", "label"), [("zh-hans", "测试模式"), ("en", "Test mode")])
def test_every_page_says_that_this_is_test_mode(staff: Client, language: str, label: str) -> None:
    staff.cookies["django_language"] = language
    page = staff.get("/admin/billing/order/")

    assert [str(part) for part in page.context["environment"]][1] == "warning"
    assert page.context["site_title"] == "Xuka"
    assert 'action="/i18n/setlang/"' in page.content.decode()
    assert 'href="/"' in page.content.decode()


def test_every_entry_of_the_sidebar_leads_somewhere(staff: Client) -> None:
    groups = staff.get("/admin/").context["sidebar_navigation"]
    urls = [str(item["link"]) for group in groups for item in group["items"]]

    assert {url: staff.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_every_list_is_in_the_sidebar(staff: Client) -> None:
    groups = staff.get("/admin/").context["sidebar_navigation"]
    urls = {str(item["link"]) for group in groups for item in group["items"]}
    lists = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    }

    assert lists - urls == set()
