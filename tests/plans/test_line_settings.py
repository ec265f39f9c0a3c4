"""The owner's switches: each writes its own channel, and nobody else's press counts."""

import pytest

from plans.services.line_settings import set_reminders
from tests.factories import LineFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_owner_switches_one_channel_and_the_other_stays() -> None:
    line = LineFactory.create()
    assert line.customer is not None
    assert set_reminders(line=line, by=line.customer, by_sms=False)
    line.refresh_from_db()
    assert (line.remind_by_email, line.remind_by_sms) == (True, False)
    assert set_reminders(line=line, by=line.customer, by_email=False, by_sms=True)
    line.refresh_from_db()
    assert (line.remind_by_email, line.remind_by_sms) == (False, True)


def test_somebody_else_changes_nothing() -> None:
    line = LineFactory.create()
    assert not set_reminders(line=line, by=UserFactory.create(), by_sms=False)
    line.refresh_from_db()
    assert (line.remind_by_email, line.remind_by_sms) == (True, True)


def test_no_channel_named_changes_nothing() -> None:
    line = LineFactory.create()
    assert line.customer is not None
    assert not set_reminders(line=line, by=line.customer)
    line.refresh_from_db()
    assert (line.remind_by_email, line.remind_by_sms) == (True, True)
