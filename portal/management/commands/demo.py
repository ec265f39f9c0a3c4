"""`manage.py demo`: the whole portal on one machine, without keys, network or other services."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.utils import timezone

from portal.demo_environment import DEFAULT_PORT, SANDBOX_OFFSET
from portal.embedded import EmbeddedCelery
from portal.seed import CUSTOMERS, OPERATOR, PASSWORD, seed_demo
from portal.sweep import sweep
from portal.wsgi import application

MANAGE = Path(settings.BASE_DIR) / "manage.py"
# Seconds for the stand-in to answer its first connection.
PATIENCE = 20


class Command(BaseCommand):
    help = "Migrate, seed, and run web, worker, beat and the Stripe stand-in until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=DEFAULT_PORT)

    def handle(self, *_args: Any, port: int, **_options: Any) -> None:
        if not settings.LOCAL_TEST:
            raise CommandError("The demo is a local test installation: it needs DEBUG=yes.")
        Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
        server = self._listen(port)
        call_command("migrate", verbosity=0)
        seed_demo(now=timezone.now())
        sandbox = self._start_sandbox(port) if settings.STRIPE_API_BASE else None
        # What the seed, or an earlier run, left to do.
        sweep(now=timezone.now())
        celery = EmbeddedCelery()
        celery.start()
        self._greet(port, with_sandbox=sandbox is not None)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("\nEnding …")
        finally:
            server.server_close()
            celery.stop()
            if sandbox is not None:
                sandbox.terminate()
                sandbox.wait(timeout=10)

    def _listen(self, port: int) -> ThreadedWSGIServer:
        try:
            server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
        except OSError as error:
            raise CommandError(f"Port {port} is taken; try --port {port + 100}.") from error
        server.set_app(application)
        return server

    def _start_sandbox(self, port: int) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(  # noqa: S603 (our own command, nothing from outside)
            [
                sys.executable,
                str(MANAGE),
                "stripe_sandbox",
                "--port",
                str(port + SANDBOX_OFFSET),
                "--data",
                str(Path(settings.DATA_DIR) / "stand-in.sqlite3"),
                "--webhook-url",
                f"http://127.0.0.1:{port}/billing/stripe/webhook/",
                "--public-url",
                settings.STRIPE_PUBLIC_BASE,
            ]
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port + SANDBOX_OFFSET), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return process
        process.terminate()
        raise CommandError(f"The Stripe stand-in did not start on port {port + SANDBOX_OFFSET}.")

    def _greet(self, port: int, *, with_sandbox: bool) -> None:
        lane = (
            f"stand-in on http://localhost:{port + SANDBOX_OFFSET}"
            if with_sandbox
            else "Stripe test mode (your key)"
        )
        self.stdout.write(
            "\n".join(
                [
                    "",
                    f"  Xuka 续卡台    http://localhost:{port}",
                    f"  Operator       http://localhost:{port}/admin/",
                    f"  Mails and SMS  http://localhost:{port}/dev/outbox/",
                    f"  Payments       {lane}",
                    "",
                    "  Log-ins        "
                    + "\n                 ".join(
                        f"{customer.email} {customer.phone}".rstrip() for customer in CUSTOMERS
                    ),
                    f"                 {OPERATOR} (operator; second factor is off in the demo)",
                    f"  Password       {PASSWORD}",
                    "",
                    "  Test card      4242 4242 4242 4242 · no real money moves",
                    "  Ctrl-C ends everything.",
                    "",
                ]
            )
        )
        self.stdout.flush()


def _interrupt(_number: int, _frame: object) -> None:
    """End once: `uv run` passes a signal on that the terminal has sent to us already."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
