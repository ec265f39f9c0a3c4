"""The browser lane works: a real browser, the live server, and the database beside them."""

import pytest
from django.contrib.contenttypes.models import ContentType
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_opens_the_portal_beside_the_database(
    page: Page, live_server: LiveServer
) -> None:
    response = page.goto(f"{live_server.url}/healthz/")

    assert response is not None
    assert response.status == 200
    assert page.inner_text("body") == "ok"
    assert ContentType.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db
def test_the_browser_does_not_disturb_a_test_without_one() -> None:
    assert ContentType.objects.exists()
