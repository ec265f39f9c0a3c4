"""`manage.py check_ledger`: prints what does not add up, and 0 differences when all does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services.books import check_ledger


class Command(BaseCommand):
    help = "Re-add every ledger account from its entries and compare."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = check_ledger()
        for difference in found:
            self.stdout.write(str(difference))
        self.stdout.write(f"{len(found)} differences")
        if found:
            raise CommandError("The books do not add up.")
