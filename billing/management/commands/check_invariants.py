"""`manage.py check_invariants`: prints what does not add up, and 0 differences when all does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services.books import check_invariants


class Command(BaseCommand):
    help = "Check the invariants of the books on the live database."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = check_invariants()
        for difference in found:
            self.stdout.write(str(difference))
        self.stdout.write(f"{len(found)} differences")
        if found:
            raise CommandError("The books do not add up.")
