"""`manage.py sweep`: do all due work in this process, with no broker at all (for cron)."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.sweep import sweep


class Command(BaseCommand):
    help = "Do everything that is due and not done, here and now."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for name, count in sweep(now=timezone.now()).items():
            self.stdout.write(f"{name}: {count}")
