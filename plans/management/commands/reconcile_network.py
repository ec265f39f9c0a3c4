"""`manage.py reconcile_network`: compare our lines with the network's now."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plans.services.network_differences import reconcile_network


class Command(BaseCommand):
    help = "Compare the lines that changed at the network with ours; differences become rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            help="Lines changed since this day or time (ISO, UTC without a zone); without it,"
            " since the last complete comparison.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        run = reconcile_network(now=timezone.now(), since=_moment(options["since"]))
        self.stdout.write(f"changed since: {run.changed_since:%Y-%m-%d %H:%M} UTC")
        self.stdout.write(f"lines: {run.line_count}")
        self.stdout.write(f"differences found: {run.found_count}")
        self.stdout.write(f"differences gone: {run.closed_count}")
        if not run.is_complete:
            raise CommandError(f"The network could not be asked to the end: {run.error}")


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--since is no day and no time: {text!r}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
