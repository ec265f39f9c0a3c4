"""What the tests of accounts share: doing as a visitor does, and reading the outbox."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from messaging.models import Message
from tests.accounts.factories import PASSWORD

# A response of the test client, which also knows its context.
LogIn = Callable[..., Any]


@pytest.fixture
def log_in(client: Client) -> LogIn:
    """Post the log-in form as a visitor does."""

    def post(login: str, password: str = PASSWORD, **headers: str) -> Any:
        return client.post(
            "/accounts/login/", {"login": login, "password": password}, headers=headers
        )

    return post


def is_logged_in(client: Client) -> bool:
    """Whether the session belongs to somebody."""
    return "_auth_user_id" in client.session


def last_code(phone: str) -> str:
    """The code of the newest SMS to this number."""
    message = Message.objects.filter(channel="sms", address=phone).latest("pk")
    return str(message.context["code"])


def last_link(address: str) -> str:
    """The path of the link in the newest mail to this address."""
    message = Message.objects.filter(channel="email", address=address).latest("pk")
    found = re.search(r"http://testserver(/\S+)", message.context["text"])
    assert found, message.context["text"]
    return found[1]
