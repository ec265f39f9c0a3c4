"""The whole beat table. A beat only says "look now": what is due is computed from stored UTC
times, so a missed or doubled beat is harmless."""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

SCHEDULE: dict[str, dict[str, Any]] = {
    # Finds rows whose bell was lost; nothing waits longer than this.
    **(
        {"sweep": {"task": "portal.sweep", "schedule": settings.SWEEP_SECONDS}}
        if settings.SWEEP_SECONDS
        else {}
    ),
    # Events that no webhook brought, payments that nobody told us about.
    "reconcile-stripe": {
        "task": "billing.reconcile_stripe",
        "schedule": settings.RECONCILE_SECONDS,
    },
    # Whose plan ends soon: every stage is due at 10:00 in its brand's zone.
    "send-reminders": {"task": "plans.send_reminders", "schedule": crontab(minute="*/10")},
    # Which line's grace, suspension or hold is over: stages end at midnight in the brand's zone.
    "advance-lines": {"task": "plans.advance_lines", "schedule": crontab(minute="*/10")},
    # Lines that the network holds otherwise than we do; differences are rows in the console.
    "reconcile-network": {
        "task": "plans.reconcile_network",
        "schedule": crontab(hour=2, minute=40),
    },
    # Alarms for work that is due and that nobody takes.
    "report-stuck-work": {"task": "portal.report_stuck_work", "schedule": crontab(minute="*/15")},
    # The books, every night: 0 differences or an alarm.
    "check-books": {"task": "portal.check_books", "schedule": crontab(hour=3, minute=10)},
}
