"""What a due reminder becomes: one message per wanted channel, or a reason why none."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from messaging.models import Message
from messaging.rendering import render
from plans import tasks
from plans.models import Line, Period, Plan, Reminder
from plans.renewal_links import renewal_token
from plans.services.reminder_scan import scan_reminders
from plans.services.reminders import (
    Reminded,
    queue_due_reminders,
    queue_reminder,
    send_reminders,
)
from portal.sweep import ring_due, stuck_work, sweep
from tests.plans.reminders.conftest import DAY, END, TEN, ending, renewal_of

pytestmark = pytest.mark.django_db


def only_row() -> tuple[str, str]:
    return Reminder.objects.values_list("state", "error").get()


def test_a_due_stage_becomes_a_mail_and_an_sms(period: Period) -> None:
    now = TEN - 7 * DAY
    assert send_reminders(now=now) == Reminded(found=1, queued=1, skipped=0)

    assert only_row() == ("queued", "")
    sms, mail = Message.objects.order_by("-channel")
    assert (sms.channel, sms.address) == ("sms", "+66812345678")
    customer = period.line.customer
    assert (mail.channel, mail.address) == ("email", customer and customer.email)
    for message in (sms, mail):
        assert message.dedupe_key == f"reminder:{period.pk}:days_7:{message.channel}"
        assert message.subject == f"reminder:{period.line.public_id}"
        assert (message.state, message.next_try_at, message.demo) == ("queued", now, False)
        assert message.template == "period_ending"


def test_the_message_says_what_ends_when_and_how_to_renew(period: Period) -> None:
    send_reminders(now=TEN)

    with time_machine.travel(TEN, tick=False):
        text = render(Message.objects.get(channel="sms")).text
    link = f"http://localhost:8000/r/{renewal_token(period)}/"
    assert text == (
        f"【{period.line.brand.name_en}】Number ending 5678: the plan ends on 26 Nov. Renew: {link}"
        " or open our site yourself and log in. We never ask for passwords or codes."
    )
    mail = render(Message.objects.get(channel="email"))
    assert link in mail.text
    assert link in mail.html
    page = f"http://localhost:8000/lines/{period.line.public_id}/"
    assert f"You can switch reminders off on the page of your line: {page}" in mail.text
    assert Message.objects.get(channel="email").context["unsubscribe_url"] == page


def test_sending_twice_changes_nothing(period: Period) -> None:
    send_reminders(now=TEN)
    before = (list(Reminder.objects.values()), list(Message.objects.values()))

    assert send_reminders(now=TEN) == Reminded(found=0, queued=0, skipped=0)
    assert send_reminders(now=TEN + timedelta(minutes=10)) == Reminded(0, 0, 0)
    assert (list(Reminder.objects.values()), list(Message.objects.values())) == before


def test_a_handed_out_row_is_not_handed_out_again(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)
    row = Reminder.objects.get()

    assert queue_reminder(reminder_id=row.pk, now=TEN - 7 * DAY)
    assert not queue_reminder(reminder_id=row.pk, now=TEN - 7 * DAY)
    assert Message.objects.count() == 2


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_owner_reads_it_in_their_own_language(language: str) -> None:
    period = ending(line__customer__language=language)

    send_reminders(now=TEN)

    brand, version = period.line.brand, period.version
    in_english = language == "en"
    for message in Message.objects.all():
        assert message.language == language
        assert message.context["brand"] == (brand.name_en if in_english else brand.name_zh_hans)
        assert message.context["plan"] == (version.name_en if in_english else version.name_zh_hans)


@pytest.mark.parametrize("changes", [{"line__is_demo": True}, {"line__customer__is_demo": True}])
def test_a_demo_reminder_never_leaves(changes: dict[str, Any]) -> None:
    ending(**changes)

    send_reminders(now=TEN)

    assert set(Message.objects.values_list("demo", flat=True)) == {True}


def test_a_pack_is_called_a_pack() -> None:
    pack = ending(is_parallel=True, version__plan__kind=Plan.Kind.DATA_PACK)

    send_reminders(now=TEN)

    for message in Message.objects.all():
        assert message.context["is_pack"] is True
        assert message.subject == f"reminder:{pack.line.public_id}:{pack.version.plan_id}"


@pytest.mark.parametrize(
    ("changes", "channels"),
    [
        ({"line__remind_by_email": False}, ["sms"]),
        ({"line__remind_by_sms": False}, ["email"]),
        ({"line__customer__email": None, "line__customer__phone": "+66899999999"}, ["sms"]),
        # A mistyped address may be a stranger's.
        ({"line__customer__address__verified": False}, ["sms"]),
    ],
)
def test_only_the_wanted_channels_that_lead_to_the_owner_are_used(
    changes: dict[str, Any], channels: list[str]
) -> None:
    ending(**changes)

    send_reminders(now=TEN)

    assert list(Message.objects.values_list("channel", flat=True)) == channels


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"remind_by_email": False, "remind_by_sms": False}, "switched off"),
        ({"customer": None}, "line without an owner"),
        ({"is_blocked": True}, "line blocked"),
        ({"state": Line.State.SUSPENDED}, "line suspended"),
    ],
)
def test_what_changed_since_the_scan_is_respected(
    period: Period, changes: dict[str, Any], reason: str
) -> None:
    scan_reminders(now=TEN - 7 * DAY)
    Line.objects.filter(pk=period.line_id).update(**changes)

    assert queue_due_reminders(now=TEN - 7 * DAY) == {"skipped": 1}
    assert only_row() == ("skipped", reason)
    assert not Message.objects.exists()


def test_without_any_address_the_row_says_so() -> None:
    ending(line__customer__address__verified=False, line__remind_by_sms=False)

    send_reminders(now=TEN - 7 * DAY)

    assert only_row() == ("skipped", "no address")


def test_a_renewal_since_the_scan_is_seen(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)
    renewal_of(period)

    queue_due_reminders(now=TEN - 7 * DAY)

    assert only_row() == ("skipped", "renewed")
    assert not Message.objects.exists()


def test_a_cancelled_period_is_not_spoken_of(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)
    Period.objects.update(state=Period.State.CANCELLED)

    queue_due_reminders(now=TEN - 7 * DAY)

    assert only_row() == ("skipped", "period cancelled")


def test_a_row_that_lay_too_long_is_missed(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)

    queue_due_reminders(now=TEN - 6 * DAY + timedelta(seconds=1))

    assert only_row() == ("skipped", "missed")


@pytest.mark.parametrize(
    ("hour", "leaves"), [(21, "21:00 25"), (22, "08:00 26"), (23, "08:00 26"), (5, "08:00 26")]
)
def test_found_at_night_it_leaves_at_eight(hour: int, leaves: str) -> None:
    """It ends before 10:00 of the 26th, so nothing follows and it is told until then."""
    ending(end_at=TEN - timedelta(minutes=30), start_at=END - 30 * DAY)
    local = datetime(2026, 11, 25 + (hour < 10), hour, tzinfo=UTC) - timedelta(hours=7)

    send_reminders(now=local)

    row = Reminder.objects.get(stage="days_1")
    assert row.state == "queued"
    left = {
        f"{at + timedelta(hours=7):%H:%M %d}"
        for at in Message.objects.values_list("next_try_at", flat=True)
        if at
    }
    assert left == {leaves}


def test_what_would_leave_after_the_end_is_not_told(period: Period) -> None:
    send_reminders(now=END - timedelta(hours=1))

    row = Reminder.objects.get(stage="last_day")
    assert (row.state, row.error) == ("skipped", "over")
    assert not Message.objects.exists()


def test_the_command_counts_and_a_dry_run_keeps_nothing(period: Period) -> None:
    out = StringIO()
    with time_machine.travel(TEN, tick=False):
        call_command("send_reminders", "--dry-run", stdout=out)
        assert out.getvalue() == "found: 4\nNothing was kept: this was a dry run.\n"
        assert not Reminder.objects.exists()

        out = StringIO()
        call_command("send_reminders", stdout=out)
        assert out.getvalue() == "found: 4\nqueued: 1\nskipped: 0\n"


def test_the_beat_finds_queues_and_delivers(period: Period) -> None:
    with time_machine.travel(TEN, tick=False):
        tasks.send_reminders()

    mail = Message.objects.get(channel="email")
    assert (mail.state, mail.sent_at) == ("sent", TEN)


def test_the_sweep_finishes_what_a_dead_process_left(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)
    late = TEN - 7 * DAY + timedelta(minutes=16)
    assert list(stuck_work(now=late)) == [("reminders", Reminder.objects.get().pk)]
    assert ring_due(now=late) == 1

    assert sweep(now=late)["reminders"] == 1

    assert only_row() == ("queued", "")
    assert Message.objects.count() == 2


def test_the_bell_of_one_row_works_on_that_row(period: Period) -> None:
    now = timezone.now()
    Period.objects.update(end_at=now + timedelta(days=300))
    row = Reminder.objects.create(
        line=period.line, period=period, stage="days_7", due_at=now, next_try_at=now
    )

    tasks.queue_reminder(row.pk)

    # Found far too early by hand; what matters is that it was looked at.
    assert Reminder.objects.get().state == "queued"
