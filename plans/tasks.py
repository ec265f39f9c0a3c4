"""The bells of plans: a worker told to look finds what is due in the rows."""

from celery import shared_task
from django.utils import timezone

from messaging.services.delivery import deliver_due
from plans.services import reminders


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
