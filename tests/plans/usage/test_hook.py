"""The signed door for usage records: a forged request leaves no row, a repeated one no second."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from plans.models import UsageFile, UsageRecord
from plans.network.signing import Keyring
from tests.plans.usage.rows import NOW, csv_file, everything, json_file, row, wangs_line

SECRETS = {"ocs1": "the-first-secret-of-the-operator-", "ocs2": "the-secret-that-comes-after-that"}
BODY = csv_file([row("u-1"), row("u-2", units="-5")])

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def door(settings: Any) -> None:
    settings.USAGE_HOOK_SECRETS = SECRETS
    wangs_line()


def headers(body: bytes, *, key: str = "ocs1", seconds: float = 0) -> dict[str, str]:
    """What a rightful sender adds to the body, whose clock is so many seconds ahead."""
    return Keyring(key, SECRETS).sign(body, at=NOW + timedelta(seconds=seconds))


def post(client: Client, body: bytes, given: dict[str, str]) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.post("/hooks/usage/", data=body, content_type="text/csv", headers=given)


def test_signed_records_are_imported_and_every_row_is_answered(client: Client) -> None:
    response = post(client, BODY, headers(BODY))

    assert response.status_code == 200
    assert json.loads(response.content) == {
        "accepted": 1,
        "duplicate": 0,
        "conflict": 0,
        "rejected": 1,
        "gaps": [],
        "rows": [
            {"line": 2, "record_id": "u-1", "verdict": "accept", "reason": ""},
            {
                "line": 3,
                "record_id": "u-2",
                "verdict": "reject",
                "reason": "negative without corrects",
            },
        ],
    }
    assert UsageRecord.objects.get().record_id == "u-1"


def test_the_same_request_again_changes_nothing(client: Client) -> None:
    post(client, BODY, headers(BODY))
    before = everything()

    response = post(client, BODY, headers(BODY))

    assert json.loads(response.content)["duplicate"] == 1
    assert everything() == before


@pytest.mark.parametrize("seconds", [-300, 300])
def test_either_secret_and_clocks_within_five_minutes_are_taken(
    client: Client, seconds: int
) -> None:
    body = json_file([row("u-1")])

    assert post(client, body, headers(body, key="ocs2", seconds=seconds)).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Signature": "v1=" + "0" * 64},
        {"X-Signature": "v1=é"},
        {"X-Signature": headers(BODY)["X-Signature"].removeprefix("v1=")},
        {"X-Signature": headers(BODY + b" ")["X-Signature"]},
        {"X-Key-Id": "ocs2"},
        {"X-Key-Id": "nobody"},
        {"X-Timestamp": "1"},
        {"X-Timestamp": "9" * 13},
        {"X-Timestamp": "soon"},
        headers(BODY, seconds=-301),
        headers(BODY, seconds=301),
    ],
)
def test_a_forged_or_stale_request_leaves_no_row(client: Client, forged: dict[str, str]) -> None:
    response = post(client, BODY, headers(BODY) | forged)

    assert (response.status_code, json.loads(response.content)) == (400, {"error": "refused"})
    assert (UsageRecord.objects.count(), UsageFile.objects.count()) == (0, 0)


@pytest.mark.parametrize("missing", ["X-Key-Id", "X-Timestamp", "X-Signature"])
def test_a_request_that_lacks_a_header_leaves_no_row(client: Client, missing: str) -> None:
    given = headers(BODY)
    del given[missing]

    assert post(client, BODY, given).status_code == 400
    assert UsageRecord.objects.count() == 0


def test_without_secrets_the_door_is_shut(client: Client, settings: Any) -> None:
    settings.USAGE_HOOK_SECRETS = {}

    assert post(client, BODY, headers(BODY)).status_code == 400


def test_what_is_no_list_of_records_is_told(client: Client) -> None:
    body = b"name,age\nWang,30\n"

    response = post(client, body, headers(body))

    assert response.status_code == 422
    assert json.loads(response.content)["error"].startswith("The header lacks record_id, source")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    body = BODY + b"\n" * 2**20

    assert post(client, body, headers(body)).status_code == 413
    assert UsageRecord.objects.count() == 0


def test_a_visitor_gets_no_page(client: Client) -> None:
    assert client.get("/hooks/usage/").status_code == 405
