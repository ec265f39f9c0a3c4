"""A process that is killed at one exact point of its work; run by test_crashes.

With the arguments `MODULE:FUNCTION:before|after` and `sweep|webhook` it sweeps once, or answers one
webhook (body and signature come as JSON on standard input), and dies by SIGKILL just before or
just after that function is called for the first time.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.test import Client
from django.utils import timezone

from portal.sweep import sweep
from tests.processes.harness import WEBHOOK


def die_at(point: str) -> None:
    """Replace the function, in this process only, by one that kills the process."""
    path, function, moment = point.split(":")
    owner, _, name = function.rpartition(".")
    module = import_module(path)
    holder = getattr(module, owner) if owner else module
    real: Callable[..., Any] = getattr(holder, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if moment == "after":
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

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
    die_at(sys.argv[1])
    if sys.argv[2] == "webhook":
        answer_webhook()
    else:
        sweep(now=timezone.now())
    sys.exit("still alive")


if __name__ == "__main__":
    main()
