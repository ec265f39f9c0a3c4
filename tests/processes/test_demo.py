"""README's first command: ends in a running portal, and Ctrl-C ends all of it."""

import os
import signal
import socket
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from portal.demo_environment import SANDBOX_OFFSET
from tests.processes.harness import Process, wait_until

pytestmark = pytest.mark.processes


def free_port() -> int:
    """A port whose neighbour for the stand-in is free as well."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
        with socket.create_server(("127.0.0.1", port + SANDBOX_OFFSET)):
            return port


def status(url: str) -> int:
    with urllib.request.urlopen(url) as answer:
        return int(answer.status)


def is_open(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def test_demo_runs_by_one_command_and_ends_by_one_key(tmp_path: Path) -> None:
    port = free_port()
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    demo = Process(
        sys.executable,
        "manage.py",
        "demo",
        "--port",
        str(port),
        env={**env, "DATA_DIR": str(tmp_path)},
        log=tmp_path / "demo.log",
    )
    try:
        wait_until(lambda: demo.says("Ctrl-C ends everything"), what="the demo's greeting")
        for path in ("/", "/plans/", "/accounts/login/", "/readyz/", "/dev/outbox/"):
            assert status(f"http://localhost:{port}{path}") == 200
        assert status(f"http://localhost:{port + SANDBOX_OFFSET}/_sandbox/") == 200
        assert status(f"http://localhost:{port}/static/css/base.css") == 200
        # The portal's own page, not the one of Django that shows every address.
        with pytest.raises(HTTPError) as missing:
            status(f"http://localhost:{port}/nosuch/")
        assert missing.value.code == 404
        shown = missing.value.read().decode()
        assert "portal.urls" not in shown
        assert "css/base.css" in shown
        demo.send(signal.SIGINT)
        assert demo.wait() == 0
    finally:
        demo.kill()
    assert not is_open(port)
    assert not is_open(port + SANDBOX_OFFSET)
    said = (tmp_path / "demo.log").read_text(encoding="utf-8")
    assert f"http://localhost:{port}" in said
    assert "wang@example.com +66812345678" in said
    assert "Traceback" not in said


def test_demo_says_which_port_is_taken(tmp_path: Path) -> None:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = Process(
            sys.executable,
            "manage.py",
            "demo",
            "--port",
            str(port),
            env={**env, "DATA_DIR": str(tmp_path)},
            log=tmp_path / "demo.log",
        )
        assert demo.wait() == 1
    said = (tmp_path / "demo.log").read_text(encoding="utf-8")
    assert f"Port {port} is taken; try --port {port + 100}." in said
