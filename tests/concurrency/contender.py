"""One of several processes that do the same thing at once; run by `contenders.py`.

With the arguments ACTION ID THREADS it gets ready, says so, waits for a line on its standard
input, lets THREADS threads do ACTION at once, and prints one outcome each as JSON: "ok" or the
name of the error. `--without-guard` takes the guard away, here and nowhere else.
"""

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from billing.services.settlement import settle_payment
from billing.services.stripe_events import process_stripe_event
from plans.models import Line
from plans.services.lifecycle_run import run_lifecycle
from plans.services.line_import import import_lines
from plans.services.reminders import send_reminders
from portal.sweep import sweep
from tests.processes.shop import order_renewal


def click_renew(line_id: int) -> None:
    """What the button does: the same plan once more, up to the hosted page."""
    order_renewal(Line.objects.values_list("msisdn", flat=True).get(pk=line_id))


def import_numbers(count: int) -> None:
    """An operator's file of so many lines, as the command reads it."""
    rows = [f"hongka,+6692{number:07},,,active,2026-12-31" for number in range(count)]
    text = "\n".join(["brand,msisdn,iccid,eid,state,valid_until", *rows])
    for _ in import_lines(BytesIO(text.encode()), now=timezone.now()):
        pass


# What contenders can do, by name; each takes one id.
ACTIONS: dict[str, Callable[[int], object]] = {
    "settle_payment": lambda pk: settle_payment(payment_id=pk, now=timezone.now()),
    "process_event": lambda pk: process_stripe_event(event_pk=pk, now=timezone.now()),
    "click_renew": click_renew,
    "run_lifecycle": lambda at: run_lifecycle(now=datetime.fromtimestamp(at, tz=UTC)),
    "import_lines": import_numbers,
    # Its one number is a moment, in seconds since 1970.
    "send_reminders": lambda at: send_reminders(now=datetime.fromtimestamp(at, UTC)),
    "sweep": lambda _pk: sweep(now=timezone.now()),
}


def take_guard_away() -> None:
    """Let two transactions work on one row at once.

    PostgreSQL: no row is locked. SQLite: a transaction takes the write lock only when it first
    writes, not when it begins (SQLite has no row locks; that is the guard there).
    """
    connection.settings_dict["OPTIONS"].pop("transaction_mode", None)
    QuerySet.select_for_update = lambda self, *_args, **_kwargs: self  # type: ignore[method-assign]


def attempt(act: Callable[[int], object], pk: int, outcomes: list[str]) -> None:
    """Do it once, in a thread with a database connection of its own."""
    try:
        act(pk)
    except Exception as error:  # noqa: BLE001 (every outcome is reported, whatever it is)
        outcomes.append(type(error).__name__)
    else:
        outcomes.append("ok")
    finally:
        connections.close_all()


def main() -> None:
    """Get ready, wait for the word, do it in all threads at once, report."""
    if "--without-guard" in sys.argv:
        take_guard_away()
    act = ACTIONS[sys.argv[1]]
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=attempt, args=(act, int(sys.argv[2]), outcomes))
        for _ in range(int(sys.argv[3]))
    ]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(outcomes) + "\n")


if __name__ == "__main__":
    main()
