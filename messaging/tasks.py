"""The bell of the outbox; the row is the queue, and a lost ring costs one sweep."""

from celery import shared_task
from django.utils import timezone

from messaging.services import delivery


@shared_task(name="messaging.deliver_message")
def deliver_message(message_id: int) -> None:
    """Deliver one message if it is still due."""
    delivery.deliver_message(message_id, now=timezone.now())
