"""The nightly checks find a lost reminder and a message that nothing explains (I8, I9)."""

from datetime import timedelta

import pytest
import time_machine

from billing.services.books import check_invariants
from messaging.models import Message
from plans.models import Period, Reminder
from plans.services.reminder_scan import scan_reminders
from plans.services.reminders import send_reminders
from tests.plans.reminders.conftest import TEN

pytestmark = pytest.mark.django_db
LATE = TEN + timedelta(minutes=15, seconds=1)


def differences() -> list[str]:
    with time_machine.travel(LATE, tick=False):
        return [str(difference) for difference in check_invariants()]


def test_reminders_that_were_sent_or_skipped_add_up(period: Period) -> None:
    send_reminders(now=TEN)

    assert set(Reminder.objects.values_list("state", flat=True)) == {"queued", "skipped"}
    assert differences() == []


def test_a_reminder_that_nobody_works_on_is_found(period: Period) -> None:
    scan_reminders(now=TEN)
    row = Reminder.objects.get(state="due")
    assert differences() == [f"I9 {row}: still due"]

    Reminder.objects.filter(pk=row.pk).update(leased_until=LATE + timedelta(seconds=30))
    assert differences() == []


def test_a_reminder_whose_messages_are_gone_is_found(period: Period) -> None:
    send_reminders(now=TEN)
    Message.objects.filter(channel="sms").delete()
    assert differences() == []

    Message.objects.all().delete()
    assert differences() == [f"I9 {Reminder.objects.get(state='queued')}: has no message"]


def test_a_message_without_its_reminder_is_found(period: Period) -> None:
    send_reminders(now=TEN)
    Reminder.objects.all().delete()

    assert differences() == ["I8 reminders: 2 messages without a row"]
