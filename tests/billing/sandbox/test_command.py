"""`manage.py stripe_sandbox`: on this machine, in development, and it ends when told to."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

import billing.sandbox
from billing.management.commands.stripe_sandbox import Command
from billing.sandbox.listener import is_loopback
from billing.sandbox.server import SandboxServer

PROJECT = Path(billing.sandbox.__file__).parents[2]
FOLDER = Path(billing.sandbox.__file__).parent


@pytest.fixture
def _development(settings: Settings) -> None:
    settings.LOCAL_TEST = True
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox_xuka"
    settings.STRIPE_WEBHOOK_SECRET = "whsec_sandbox_xuka"


def test_it_refuses_production(settings: Settings) -> None:
    settings.LOCAL_TEST = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command(Command(), port=0)


@pytest.mark.usefixtures("_development")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_it_refuses_every_address_but_loopback(host: str) -> None:
    with pytest.raises(CommandError, match="loopback addresses only"):
        call_command(Command(), host=host, port=0)
    with pytest.raises(ValueError, match="loopback addresses only"):
        SandboxServer(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_has_several_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.usefixtures("_development")
def test_it_refuses_a_live_key_without_repeating_it(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_abcdef"
    with pytest.raises(CommandError, match="must be a test key") as refused:
        call_command(Command(), port=0)
    assert "abcdef" not in str(refused.value)


@pytest.mark.usefixtures("_development")
def test_it_refuses_an_empty_webhook_secret(settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(CommandError, match="STRIPE_WEBHOOK_SECRET is empty"):
        call_command(Command(), port=0)


@pytest.mark.usefixtures("_development")
@pytest.mark.parametrize("option", ["webhook_url", "public_url"])
def test_it_refuses_an_address_that_is_none(option: str) -> None:
    with pytest.raises(CommandError, match="not a web address"):
        call_command(Command(), port=0, **{option: "localhost:8000"})


@pytest.mark.usefixtures("_development")
def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Cannot listen on 127.0.0.1:{port}"):
            call_command(Command(), port=port)


@pytest.mark.usefixtures("_development")
def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("not a database, but long enough to be looked at" * 9)
    for data in (tmp_path / "no" / "folder.sqlite3", tmp_path / "letter.txt"):
        with pytest.raises(CommandError, match="Cannot open"):
            call_command(Command(), port=0, data=str(data))


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    env = os.environ | {"DEBUG": "yes", "DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    env["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    order = [sys.executable, "manage.py", "stripe_sandbox", "--port", "0"]
    with subprocess.Popen(
        order, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found, first
        with urllib.request.urlopen(f"{found[0]}/_sandbox/") as page:
            assert "不是 Stripe" in page.read().decode()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "ended" in out
    assert "Traceback" not in err


def test_stopping_twice_or_before_starting_is_harmless() -> None:
    server = SandboxServer()
    server.stop()
    server.stop()


def test_the_server_imports_the_standard_library_and_itself_only() -> None:
    found = set()
    for file in FOLDER.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, file
                found.add(str(node.module))
    ours = {name for name in found if name.startswith("billing.sandbox")}
    foreign = {name.partition(".")[0] for name in found - ours} - sys.stdlib_module_names
    assert foreign == set()
    assert ours
