"""`manage.py advance_lines`: the clock of lines, with no broker at all (for cron)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from plans.services.lifecycle import count_lines_to_move
from plans.services.lifecycle_run import run_lifecycle


class Command(BaseCommand):
    help = "Move lines on whose validity, grace, suspension or hold is over, and tell their owners."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; keep nothing.")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            for state, count in count_lines_to_move(now=now).items():
                self.stdout.write(f"leaving {state}: {count}")
            self.stdout.write("Nothing was kept: this was a dry run.")
            return
        done = run_lifecycle(now=now)
        for state, count in done.moved.items():
            self.stdout.write(f"{state}: {count}")
        self.stdout.write(f"moved: {done.total}")
        self.stdout.write(f"queued: {done.queued}")
        self.stdout.write(f"skipped: {done.skipped}")
