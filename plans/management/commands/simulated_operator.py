"""`manage.py simulated_operator`: an operator's system on loopback, to see the contract at work."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from plans.network.operator_book import Book, Defect, Fault
from plans.network.signing import Keyring
from plans.network.simulated_operator import SimulatedOperator

KEY_ID = "test"
SECRET = "simulated-operator-test-secret-0001"  # noqa: S105 (published; loopback only)

# How long an order is delayed by a fault, and how long a busy network asks to wait.
FAULT_SECONDS = 20


class Command(BaseCommand):
    help = "Run a simulated operator on 127.0.0.1 until Ctrl-C; it forgets everything then."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8020)
        parser.add_argument("--key-id", default=KEY_ID)
        parser.add_argument("--secret", default=SECRET)
        parser.add_argument("--seconds", type=float, default=1, help="Until an order completes.")
        parser.add_argument("--callback-url", default="", help="Where events are sent.")
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            choices=[fault.value for fault in Fault],
            help="Let this go wrong once, for the next call; may be given again.",
        )
        parser.add_argument(
            "--defect",
            action="append",
            default=[],
            choices=[defect.value for defect in Defect],
            help="Break the contract in this way; may be given again.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        defects = frozenset(Defect(name) for name in options["defect"])
        book = Book(seconds=options["seconds"], defects=defects)
        for name in options["fault"]:
            book.fail(Fault(name), seconds=FAULT_SECONDS)
        keys = Keyring(options["key_id"], {options["key_id"]: options["secret"]})
        try:
            operator = SimulatedOperator(
                keys, book=book, port=options["port"], callback_url=options["callback_url"]
            )
        except OSError as error:
            raise CommandError(f"port {options['port']} cannot be used: {error}") from error
        with operator:
            self.stdout.write(f"{operator.base_url} (Ctrl-C ends it)")
            self.stdout.write(f"NETWORK=http NETWORK_URL={operator.base_url}")
            self.stdout.write(f"NETWORK_KEY_ID={keys.key_id} NETWORK_SECRETS=… as given")
            self._wait()

    def _wait(self) -> None:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stdout.write("stopped")
