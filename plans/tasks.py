"""The bells of plans: a worker told to look finds what is due in the rows."""

from celery import shared_task
from django.utils import timezone

from messaging.services.delivery import deliver_due
from plans.services import line_notices, network_differences, reminders
from plans.services.lifecycle_run import run_lifecycle


@shared_task(name="plans.queue_reminder")
def queue_reminder(reminder_id: int) -> None:
    """Turn one due reminder into its messages."""
    reminders.queue_reminder(reminder_id=reminder_id, now=timezone.now())


# Seconds: the first run of a day may have much to write. Whatever a limit cuts off, the next run
# or the sweep finds; well below the broker's visibility timeout, so that nobody runs it twice.
@shared_task(name="plans.send_reminders", soft_time_limit=200, time_limit=240)
def send_reminders() -> None:
    """Find whose plan ends soon, queue the messages, and deliver a batch over one connection."""
    reminders.send_reminders(now=timezone.now())
    deliver_due(now=timezone.now())


@shared_task(name="plans.queue_line_notice")
def queue_line_notice(notice_id: int) -> None:
    """Turn one due notice about a lapsed line into its messages."""
    line_notices.queue_line_notice(notice_id=notice_id, now=timezone.now())


@shared_task(name="plans.advance_lines", soft_time_limit=200, time_limit=240)
def advance_lines() -> None:
    """Move lines on whose stage is over, and tell their owners."""
    run_lifecycle(now=timezone.now())
    deliver_due(now=timezone.now())


# Seconds, as above; a comparison that takes longer is for `manage.py reconcile_network` in cron.
@shared_task(name="plans.reconcile_network", soft_time_limit=200, time_limit=240)
def reconcile_network() -> None:
    """Compare the lines that changed at the network with ours."""
    network_differences.reconcile_network(now=timezone.now())
