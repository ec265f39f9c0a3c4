"""Probes tell the process's state in words, to anybody, without log-in and without detail."""

import pytest
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

HEALTH = "/healthz/"
READY = "/readyz/"


def test_a_living_process_says_so_without_asking_the_database(client: Client) -> None:
    response = client.get(HEALTH)

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_migrated_database_makes_the_portal_ready(client: Client) -> None:
    response = client.get(READY)

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "broker": "none"}


@pytest.mark.django_db
def test_a_missing_migration_makes_the_portal_not_ready(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="sessions", name="0001_initial").delete()

    response = client.get(READY)

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "migrations": "failed", "broker": "none"}


@pytest.mark.django_db
def test_a_database_that_does_not_answer_makes_the_portal_not_ready(client: Client) -> None:
    connections["default"].execute_wrappers.append(_refuse)
    try:
        response = client.get(READY)
    finally:
        connections["default"].execute_wrappers.remove(_refuse)

    assert response.status_code == 503
    assert response.json() == {"database": "failed", "migrations": "failed", "broker": "none"}


def _refuse(*args: object) -> None:
    raise OperationalError("host db.internal is gone")


@pytest.mark.django_db
def test_a_broker_away_is_told_and_does_not_count(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"

    response = client.get(READY)

    assert response.status_code == 200
    assert response.json()["broker"] == "failed"


@pytest.mark.redis
@pytest.mark.django_db
def test_a_broker_that_answers_is_told(client: Client, settings: Settings, redis_url: str) -> None:
    settings.REDIS_URL = redis_url

    assert client.get(READY).json()["broker"] == "ok"


@pytest.mark.parametrize("path", [HEALTH, READY])
def test_probes_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_probes_have_names() -> None:
    assert (reverse("healthz"), reverse("readyz")) == (HEALTH, READY)
