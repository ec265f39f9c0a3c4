"""`manage.py reconcile_stripe`: compare with Stripe now; what was missed is made good."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.services.reconciliation import reconcile_stripe


class Command(BaseCommand):
    help = "Fetch events that no webhook brought and read every open payment from Stripe."

    def handle(self, *_args: Any, **_options: Any) -> None:
        report = reconcile_stripe(now=timezone.now())
        for name, count in asdict(report).items():
            self.stdout.write(f"{name}: {count}")
        if report.unreachable:
            raise CommandError("Stripe could not be asked about everything; run it again.")
