"""`manage.py seed_demo`: the demo's brands, customers and lines; a second run changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.seed import CUSTOMERS, OPERATOR, PASSWORD, seed_demo


class Command(BaseCommand):
    help = "Write the demo's data and print its log-ins."

    def handle(self, *_args: Any, **_options: Any) -> None:
        seed_demo(now=timezone.now())
        for customer in CUSTOMERS:
            self.stdout.write(f"{customer.email} {customer.phone}".rstrip())
        self.stdout.write(f"{OPERATOR} (operator)")
        self.stdout.write(f"password for all: {PASSWORD}")
