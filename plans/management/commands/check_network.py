"""`manage.py check_network`: does an operator's test system keep the contract of docs/network.md?"""

import re
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from plans.network.callback_listener import CallbackListener
from plans.network.conformance import Peer, Result, Verdict, run_probes
from plans.network.probes import all_probes
from plans.network.signing import Keyring


class Command(BaseCommand):
    help = "Probe an operator's test system for the network contract; non-zero on a finding."
    # The suite looks at somebody else's system: whatever is wrong with ours must not stop it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="Address in front of /v1/….")
        parser.add_argument("--key-id", required=True, help="Name of the secret.")
        parser.add_argument("--secret", required=True, help="The secret of the test system.")
        parser.add_argument(
            "--wait", type=float, default=30, help="Seconds an order may take (30)."
        )
        parser.add_argument(
            "--listen", type=int, help="Port of this machine that the operator calls back to."
        )
        parser.add_argument("--only", default="", help="Run only probes whose name holds this.")

    def handle(self, *_args: Any, **options: Any) -> None:
        url = options["url"]
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise CommandError("--url must begin with http:// or https://.")
        keys = Keyring(options["key_id"], {options["key_id"]: options["secret"]})
        peer = Peer(base_url=url, keys=keys, wait=options["wait"])
        with ExitStack() as stack:
            listener = None
            if options["listen"] is not None:
                listener = stack.enter_context(_listener(options["listen"]))
            probes = {
                name: probe
                for name, probe in all_probes(listener).items()
                if options["only"] in name
            }
            results = run_probes(peer, probes)
        self._print(results)
        findings = sum(result.verdict == Verdict.FINDING for result in results)
        if findings:
            raise CommandError(f"{findings} of {len(results)} promises are not kept.")
        self.stdout.write(f"{len(results)} promises asked about, no finding.")

    def _print(self, results: list[Result]) -> None:
        width = max((len(result.probe) for result in results), default=0)
        for result in results:
            line = f"{result.probe:<{width}}  {result.verdict.value:<8}  {result.detail}"
            # What the other side wrote must not steer our terminal.
            self.stdout.write(re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", line.rstrip()))


def _listener(port: int) -> CallbackListener:
    try:
        return CallbackListener(port)
    except OSError as error:
        raise CommandError(f"port {port} of this machine cannot be used: {error}") from error
