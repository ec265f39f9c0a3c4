"""A process that is killed at one exact point of its work; run by test_crashes.

With the arguments `MODULE:FUNCTION:before|after` and `sweep|webhook` it sweeps once, or answers one
webhook (body and signature come as JSON on standard input), and dies by SIGKILL just before or
just after that function is called for the first time. With `import_usage FILE` it imports usage
records and dies at the second call: in the middle of a file of several chunks.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.sweep import sweep
from tests.processes.harness import WEBHOOK


def die_at(point: str, *, call: int = 1) -> None:
    """Replace the function, in this process only, by one that kills the process at that call."""
    path, function, moment = point.split(":")
    owner, _, name = function.rpartition(".")
    module = import_module(path)
    holder = getattr(module, owner) if owner else module
    real: Callable[..., Any] = getattr(holder, name)

    calls = count(1)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(calls) < call:
            return real(*args, **kwargs)
        if moment == "after":
            real(*args, **kwargs)
        return os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, dying)


def answer_webhook() -> None:
    """Let the web's own code answer one POST of Stripe."""
    said = json.load(sys.stdin)
    Client().post(
        WEBHOOK,
        said["body"],
        content_type="application/json",
        headers={"Stripe-Signature": said["signature"]},
    )


def main() -> None:
    """Set the trap, do the work, and say so if nothing snapped."""
    work, *rest = sys.argv[2:]
    die_at(sys.argv[1], call=2 if work == "import_usage" else 1)
    if work == "webhook":
        answer_webhook()
    elif work == "import_usage":
        call_command("import_usage", *rest)
    else:
        sweep(now=timezone.now())
    sys.exit("still alive")


if __name__ == "__main__":
    main()
