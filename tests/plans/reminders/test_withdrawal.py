"""A renewal takes back what waits about the old end, and nothing else."""

from datetime import timedelta

import pytest

from messaging.models import Message
from plans.models import Period, Plan, Reminder
from plans.services.periods import grant_period
from plans.services.reminder_scan import scan_reminders
from plans.services.reminders import send_reminders, withdraw_reminders
from tests.factories import PlanVersionFactory
from tests.plans.reminders.conftest import DAY, END, TEN, another_line, ending, renewal_of

pytestmark = pytest.mark.django_db
NOW = TEN - 7 * DAY


def states() -> tuple[set[str], set[str]]:
    """States of reminders, and of their messages."""
    return (
        set(Reminder.objects.values_list("state", flat=True)),
        set(Message.objects.values_list("state", flat=True)),
    )


def test_a_paid_renewal_withdraws_rows_and_messages_in_its_own_transaction(
    period: Period,
) -> None:
    send_reminders(now=NOW)
    assert states() == ({"queued"}, {"queued"})

    grant_period(line=period.line, version=period.version, paid_at=NOW, now=NOW)

    assert states() == ({"withdrawn"}, {"withdrawn"})
    assert send_reminders(now=NOW + timedelta(minutes=10)).found == 0


def test_a_row_that_is_only_noted_is_withdrawn_too(period: Period) -> None:
    scan_reminders(now=NOW)

    withdraw_reminders(line=period.line, period=renewal_of(period))

    assert states() == ({"withdrawn"}, set())


def test_what_was_told_stays_told(period: Period) -> None:
    send_reminders(now=NOW)
    Message.objects.filter(channel="sms").update(state="kept", sent_at=NOW)

    withdraw_reminders(line=period.line, period=renewal_of(period))

    # One channel had left already: the owner has been reminded, by that one.
    assert states() == ({"queued"}, {"kept", "withdrawn"})


def test_when_all_was_told_nothing_changes(period: Period) -> None:
    send_reminders(now=NOW)
    Message.objects.update(state="kept", sent_at=NOW)

    withdraw_reminders(line=period.line, period=renewal_of(period))

    assert states() == ({"queued"}, {"kept"})


def test_other_lines_keep_their_reminders(period: Period) -> None:
    ending(line=another_line(period), version=period.version)
    send_reminders(now=NOW)

    withdraw_reminders(line=period.line, period=renewal_of(period))

    assert Message.objects.filter(state="withdrawn").count() == 2
    assert Message.objects.filter(state="queued").count() == 2


def test_plan_and_packs_do_not_silence_one_another(period: Period) -> None:
    brand = period.line.brand
    packs = [
        PlanVersionFactory.create(
            plan__brand=brand, plan__kind=Plan.Kind.DATA_PACK, early_renewal="parallel"
        )
        for _ in range(2)
    ]
    for version in packs:
        ending(line=period.line, version=version, is_parallel=True)
    send_reminders(now=NOW)
    assert Message.objects.count() == 6

    again = ending(line=period.line, version=packs[0], is_parallel=True, end_at=END + DAY)
    withdraw_reminders(line=period.line, period=again)

    withdrawn = Reminder.objects.filter(state="withdrawn")
    assert [row.period.version for row in withdrawn] == [packs[0]]
    assert Message.objects.filter(state="withdrawn").count() == 2

    withdraw_reminders(line=period.line, period=renewal_of(period))

    left = Reminder.objects.filter(state="queued")
    assert [row.period.version for row in left] == [packs[1]]


def test_a_line_that_was_never_reminded_costs_one_query(
    period: Period, django_assert_num_queries: object
) -> None:
    renewal = renewal_of(period)
    with django_assert_num_queries(1):  # type: ignore[operator]
        withdraw_reminders(line=period.line, period=renewal)
