"""Starts the portal's real processes around a database of their own, and always ends them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_django import DjangoDbBlocker

from tests.processes.databases import Database
from tests.processes.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
# Seconds that anything may take before a test gives up; far more than it needs.
PATIENCE = 60.0
WEBHOOK = "/billing/stripe/webhook/"
# Seconds after which the work of a killed worker is free again.
LEASE_SECONDS = 2


def wait_until[Found](look: Callable[[], Found | None], *, what: str) -> Found:
    """Look again and again until something true is found, and return it; fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain: {what}")


class Process:
    """One started command with its children, in a process group of its own."""

    def __init__(
        self, *command: str, env: dict[str, str], log: Path, keep: tuple[int, ...] = ()
    ) -> None:
        self.log = log
        self._killed = False
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=keep,
                start_new_session=True,
            )

    def says(self, words: str) -> bool:
        """Whether the log holds `words` by now; fails when the process has ended instead."""
        text = self.log.read_text(errors="replace")
        if words in text:
            return True
        assert self._popen.poll() is None, f"ended with {self._popen.returncode}:\n{text}"
        return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def kill(self) -> None:
        """`kill -9` for the whole group: no chance to finish or to tidy up."""
        # Once only: the number of a group that is gone may belong to somebody else by now.
        if not self._killed:
            self.send(signal.SIGKILL)
            self._popen.wait()
        self._killed = True

    def wait(self) -> int:
        """Wait for its own end and return the exit code (negative: killed by that signal)."""
        return self._popen.wait(PATIENCE)


class Web:
    """A running gunicorn and its address."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    @property
    def webhook(self) -> str:
        """Where Stripe's events go."""
        return self.url + WEBHOOK


class Installation:
    """A folder, a database, an environment, and the processes started in it."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        blocker: DjangoDbBlocker,
        **changed: str,
    ) -> None:
        self.folder = folder
        self.database = database
        self._blocker = blocker
        self._started: list[Process] = []
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = {
            **kept,
            "DEBUG": "yes",
            "SECRET_KEY": "processes-of-a-test-installation",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database.url,
            "SITE_URL": "http://127.0.0.1",
            "STRIPE_SECRET_KEY": "sk_test_sandbox_xuka",
            "STRIPE_WEBHOOK_SECRET": "whsec_sandbox_xuka",
            # Nobody, until a test names somebody.
            "STRIPE_API_BASE": "http://127.0.0.1:9",
            "STRIPE_PUBLIC_BASE": "http://127.0.0.1:9",
            "WORK_LEASE_SECONDS": str(LEASE_SECONDS),
            "SIMULATOR_SECONDS": "0",
            "SWEEP_SECONDS": "0",
            **changed,
        }

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let this process's ORM and services work on the installation's database."""
        with self.database.opened(self._blocker):
            yield

    def start(self, *command: str, name: str, keep: tuple[int, ...] = ()) -> Process:
        """Start a command of the virtual environment; ended with the installation."""
        process = Process(
            sys.executable, *command, env=self.env, log=self.folder / f"{name}.log", keep=keep
        )
        self._started.append(process)
        return process

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it said; fails when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def web(self, *, workers: int = 1) -> Web:
        """Start gunicorn on a free port and wait for its first answer."""
        # Bound here and handed over: nobody else can take the port in between.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            process = self.start(
                *("-m", "gunicorn", "portal.wsgi", "--workers", str(workers)),
                *("--bind", f"fd://{listener.fileno()}", "--no-control-socket"),
                name="web",
                keep=(listener.fileno(),),
            )
        web = Web(process, port)
        wait_until(lambda: Visitor(web.url).answers("/healthz/"), what="gunicorn's first answer")
        return web

    def worker(self) -> Process:
        """Start `celery -A portal worker` and wait until it takes work."""
        # A log of its own each time, so that "ready" is never an earlier one's.
        name = f"worker-{len(self._started)}"
        process = self.start("-m", "celery", "-A", "portal", "worker", name=name)
        wait_until(lambda: process.says("ready."), what="the worker")
        return process

    def beat(self) -> Process:
        """Start `celery -A portal beat`."""
        return self.start("-m", "celery", "-A", "portal", "beat", name="beat")

    def end(self) -> None:
        """Kill what still runs and drop the database."""
        for process in self._started:
            process.kill()
        self.database.drop()
