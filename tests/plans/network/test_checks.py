"""With NETWORK=http a start without address, https or strong secrets is stopped."""

from typing import Any

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from plans.checks import check_network_settings
from portal.seed import seed_demo

GOOD = {
    "LOCAL_TEST": False,
    "NETWORK": "http",
    "NETWORK_URL": "https://ocs.operator.example/portal",
    "NETWORK_KEY_ID": "2026",
    "NETWORK_SECRETS": {"2025": "o" * 32, "2026": "n" * 32},
}


def found(settings: Settings, **changes: Any) -> list[str | None]:
    for name, value in {**GOOD, **changes}.items():
        setattr(settings, name, value)
    messages = check_network_settings()
    assert all(message.hint for message in messages)
    assert not any("ooo" in message.msg for message in messages)
    return [message.id for message in messages]


def test_good_settings_pass(settings: Settings) -> None:
    assert found(settings) == []


def test_the_simulator_needs_none(settings: Settings) -> None:
    assert found(settings, NETWORK="simulator", NETWORK_URL="", NETWORK_SECRETS={}) == []


@pytest.mark.parametrize("url", ["", "ocs.example", "https://", "ftp://x.example", "https://x?a=1"])
def test_an_address_that_leads_nowhere_is_an_error(settings: Settings, url: str) -> None:
    assert found(settings, NETWORK_URL=url) == ["plans.E001"]


def test_plain_http_is_an_error_but_on_a_desk(settings: Settings) -> None:
    url = "http://127.0.0.1:8020"

    assert found(settings, NETWORK_URL=url) == ["plans.E002"]
    assert found(settings, NETWORK_URL=url, LOCAL_TEST=True) == []


@pytest.mark.parametrize(
    "change",
    [
        {"NETWORK_SECRETS": {}},
        {"NETWORK_KEY_ID": ""},
        {"NETWORK_KEY_ID": "2024"},
        {"NETWORK_SECRETS": {"2026": "n" * 31}},
        {"NETWORK_SECRETS": {"2025": "short", "2026": "n" * 32}},
    ],
)
def test_weak_or_missing_secrets_are_an_error(settings: Settings, change: dict[str, Any]) -> None:
    assert found(settings, **change) == ["plans.E003"]


@pytest.mark.django_db
def test_demo_data_is_refused_when_a_real_network_would_hear_of_it(settings: Settings) -> None:
    settings.EMAIL_GATEWAY = False
    settings.NETWORK = "http"

    with pytest.raises(CommandError, match="NETWORK leads to an operator"):
        seed_demo(now=None)  # type: ignore[arg-type]  # refused before any clock is read
