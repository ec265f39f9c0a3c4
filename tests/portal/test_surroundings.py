"""The suite itself: nothing leaves this machine, and a missing service is never a silent pass."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import translation
from django.utils.translation import gettext
from pytest_socket import SocketConnectBlockedError

from billing.models.ledger import LedgerAccount, LedgerEntry
from billing.triggers import missing_triggers
from tests.portal.production import ROOT

# A block kept for documentation (RFC 5737): even unblocked, nobody would answer.
STRANGER = ("203.0.113.1", 80)

TRIAL = """
import pytest

@pytest.mark.redis
def test_with_redis():
    pass

@pytest.mark.browser
def test_with_browser():
    pass
"""


def test_a_connection_to_another_machine_is_blocked() -> None:
    with closing(socket.socket()) as stranger, pytest.raises(SocketConnectBlockedError):
        stranger.connect(STRANGER)


def test_a_connection_within_this_machine_is_allowed() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as server,
        closing(socket.create_connection(server.getsockname(), timeout=5)) as visitor,
    ):
        assert visitor.getpeername() == server.getsockname()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_with_an_empty_cache(turn: int) -> None:
    assert cache.get("turn") is None
    cache.set("turn", turn)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_test_begins_with_the_default_language(language: str) -> None:
    assert translation.get_language() == settings.LANGUAGE_CODE
    translation.activate(language)


def test_the_language_fixtures_speak_and_ask_for_their_language(en: dict[str, str]) -> None:
    assert (translation.get_language(), en) == ("en", {"Accept-Language": "en"})


def test_chinese_is_spoken_on_request(zh: dict[str, str]) -> None:
    assert zh == {"Accept-Language": "zh-hans"}
    assert gettext("Sunday") == "星期日"


@pytest.mark.django_db
def test_workers_do_not_share_a_database(worker_id: str) -> None:
    assert worker_id == "master" or connection.settings_dict["NAME"].endswith(f"_{worker_id}")


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_test_that_empties_its_tables_leaves_the_append_only_triggers(turn: int) -> None:
    assert missing_triggers() == set()
    accounts = [
        LedgerAccount.objects.create(code=code, kind=LedgerAccount.Kind.GRANT, currency="THB")
        for code in ("one", "other")
    ]
    entry = LedgerEntry.objects.create(
        key="trial", debit=accounts[0], credit=accounts[1], amount_minor=turn, currency="THB"
    )

    with pytest.raises(DatabaseError):
        entry.delete()


def run_trial(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one redis and one browser test under our conftest, without either service."""
    for name in ("PORTAL_CHROMIUM", "REDIS_TEST_URL", "CI_REQUIRE_ALL"):
        variables.setdefault(name, "")
    (folder / "test_trial.py").write_text(TRIAL, encoding="utf-8")
    options = ["-n0", "-rs", "-p", "tests.conftest", f"--rootdir={ROOT}", "-cpyproject.toml"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.processes
def test_without_a_service_its_tests_are_skipped_with_the_reason(tmp_path: Path) -> None:
    result = run_trial(tmp_path)

    assert result.returncode == 0
    assert "redis test: REDIS_TEST_URL is not set" in result.stdout
    assert "browser test: PORTAL_CHROMIUM is not set" in result.stdout
    assert "2 skipped" in result.stdout


@pytest.mark.processes
def test_where_everything_is_required_a_missing_service_fails(tmp_path: Path) -> None:
    result = run_trial(tmp_path, CI_REQUIRE_ALL="1")

    assert result.returncode == 1
    assert "redis test: REDIS_TEST_URL is not set, and CI_REQUIRE_ALL=1" in result.stdout
    assert "2 failed" in result.stdout or "2 errors" in result.stdout
