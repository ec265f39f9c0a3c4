"""The account follows the language its owner chooses, so that mails and SMS do."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.services.preferences import remember_language
from tests.accounts.conftest import LogIn
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_switch_changes_the_account(client: Client) -> None:
    user = UserFactory.create(language="zh-hans")
    client.force_login(user)
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/email/"})
    user.refresh_from_db()
    assert user.language == "en"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    user = UserFactory.create(language="zh-hans")
    client.force_login(user)
    client.post("/i18n/setlang/", {"language": "tlh", "next": "/accounts/email/"})
    remember_language(user=user, language="tlh")
    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_a_visitor_may_switch_too(client: Client) -> None:
    user = UserFactory.create(language="zh-hans")
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_log_in_takes_over_what_the_visitor_chose(client: Client, log_in: LogIn) -> None:
    user = UserFactory.create(language="zh-hans")
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"})
    log_in(user.email)
    user.refresh_from_db()
    assert user.language == "en"


def test_log_in_without_a_choice_brings_the_language_of_the_account(
    client: Client, log_in: LogIn, en: dict[str, str]
) -> None:
    user = UserFactory.create(language="zh-hans")
    log_in(user.email, **en)
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    user.refresh_from_db()
    assert user.language == "zh-hans"
