"""System checks stop an installation that would do harm on the internet."""

import pytest
from pytest_django import Settings

from portal.checks import check_mail, check_secret_key, check_site_url

STRONG_KEY = "k9V-3bTq7LzXw2cYp5RnJ8sDf4Gh1Mu6Ea0Oi_WvUtQyBxZrNkPl"


@pytest.mark.parametrize("key", ["django-insecure-" + STRONG_KEY, STRONG_KEY[:49], "abcd" * 20])
def test_a_weak_key_is_an_error_outside_debug(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key
    found = check_secret_key(None)

    assert [message.id for message in found] == ["portal.E001"]
    assert found[0].hint
    assert key not in found[0].msg


def test_a_strong_key_passes(settings: Settings) -> None:
    settings.SECRET_KEY = STRONG_KEY

    assert check_secret_key(None) == []


@pytest.mark.parametrize("url", ["http://portal.example", "https://", "portal.example"])
def test_a_site_address_without_https_is_an_error_outside_debug(
    settings: Settings, url: str
) -> None:
    settings.SITE_URL = url
    found = check_site_url(None)

    assert [message.id for message in found] == ["portal.E002"]
    assert found[0].hint


def test_a_site_address_we_do_not_answer_for_is_a_warning(settings: Settings) -> None:
    settings.SITE_URL = "https://other.example"
    settings.ALLOWED_HOSTS = ["portal.example"]

    assert [message.id for message in check_site_url(None)] == ["portal.W002"]


def test_a_site_address_of_ours_passes(settings: Settings) -> None:
    settings.SITE_URL = "https://portal.example"
    settings.ALLOWED_HOSTS = [".example"]

    assert check_site_url(None) == []


def test_no_mail_server_is_a_warning_outside_debug(settings: Settings) -> None:
    settings.EMAIL_URL = ""

    assert [message.id for message in check_mail(None)] == ["portal.W001"]


def test_a_mail_server_passes(settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"

    assert check_mail(None) == []


def test_a_test_installation_may_have_all_of_it(settings: Settings) -> None:
    settings.LOCAL_TEST = True
    settings.SECRET_KEY = "short"
    settings.SITE_URL = "http://localhost:8000"
    settings.EMAIL_URL = ""

    assert [*check_secret_key(None), *check_site_url(None), *check_mail(None)] == []
