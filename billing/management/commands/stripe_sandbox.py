"""`manage.py stripe_sandbox`: run the stand-in for Stripe until it is told to stop."""

import signal
import sqlite3
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing.sandbox.listener import is_loopback
from billing.sandbox.params import is_web_address
from billing.sandbox.server import SandboxServer

DEFAULT_WEBHOOK = "http://127.0.0.1:8000/billing/stripe/webhook/"


class Command(BaseCommand):
    """A checkout without money for development and the demo; never for production."""

    help = "Run the simulated checkout (not Stripe) on this machine, for development only."
    # It needs two settings and no database: it comes up even while the portal is being repaired.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address, the store, and the two addresses others know us by."""
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
        parser.add_argument("--port", type=int, default=8010)
        parser.add_argument("--data", default=":memory:", help="a file that outlives a restart")
        parser.add_argument("--webhook-url", default=DEFAULT_WEBHOOK)
        parser.add_argument("--public-url", help="what the browser is sent to")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, listen, and wait for the signal to end."""
        self._refuse_unsafe(options)
        ended = threading.Event()
        server = self._server(options)
        with server, _ending_by_signal(ended):
            self.stdout.write(f"模拟收银台（不是 Stripe） Simulated checkout: {server.base_url}")
            self.stdout.write(f"Control page: {server.base_url}/_sandbox/")
            self.stdout.write(f"Webhooks go to {options['webhook_url']}")
            self.stdout.flush()
            ended.wait()
        self.stdout.write("Simulated checkout ended.")

    def _refuse_unsafe(self, options: dict[str, Any]) -> None:
        if not settings.LOCAL_TEST:
            raise CommandError("The simulated checkout runs with DEBUG on only.")
        if not is_loopback(options["host"]):
            message = f"Refusing to listen on {options['host']}: loopback addresses only."
            raise CommandError(message)
        if not settings.STRIPE_SECRET_KEY.startswith("sk_test_"):
            raise CommandError("STRIPE_SECRET_KEY must be a test key (sk_test_…).")
        if not settings.STRIPE_WEBHOOK_SECRET:
            raise CommandError("STRIPE_WEBHOOK_SECRET is empty.")
        for name in ("webhook_url", "public_url"):
            if options[name] and not is_web_address(options[name]):
                message = f"--{name.replace('_', '-')} is not a web address: {options[name]}"
                raise CommandError(message)

    def _server(self, options: dict[str, Any]) -> SandboxServer:
        port = options["port"]
        # By name, because that is how the portal's own address is written in the demo; port 0
        # (any free one) is known only after binding, so there the stand-in names itself.
        public_url = options["public_url"] or (f"http://localhost:{port}" if port else None)
        try:
            return SandboxServer(
                host=options["host"],
                port=port,
                data=options["data"],
                secret_key=settings.STRIPE_SECRET_KEY,
                # While a secret is being changed there are two; either is accepted.
                webhook_secret=settings.STRIPE_WEBHOOK_SECRET.split(",")[0],
                webhook_url=options["webhook_url"] or None,
                public_url=public_url,
            )
        except (OSError, OverflowError) as error:
            message = f"Cannot listen on {options['host']}:{options['port']}: {error}"
            raise CommandError(message) from error
        except sqlite3.Error as error:
            raise CommandError(f"Cannot open {options['data']}: {error}") from error


@contextmanager
def _ending_by_signal(ended: threading.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set `ended`; both are given back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        # Python lets only the main thread take signals; elsewhere the caller has its own way.
        yield
        return
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: ended.set()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
