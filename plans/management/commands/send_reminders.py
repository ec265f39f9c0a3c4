"""`manage.py send_reminders`: remind whoever's plan ends soon, with no broker at all (for cron)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from plans.services.reminder_scan import count_unnoted_stages
from plans.services.reminders import send_reminders


class Command(BaseCommand):
    help = "Find the reminders that are due and put their messages into the outbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; keep nothing.")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(f"found: {count_unnoted_stages(now=now)}")
            self.stdout.write("Nothing was kept: this was a dry run.")
            return
        done = send_reminders(now=now)
        self.stdout.write(f"found: {done.found}")
        self.stdout.write(f"queued: {done.queued}")
        self.stdout.write(f"skipped: {done.skipped}")
