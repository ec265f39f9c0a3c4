"""Four processes remind the same lines at the same moment: each stage is told once per channel."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Message
from plans.models import Line, Period, Reminder
from plans.services.reminders import send_reminders
from tests.concurrency.contenders import contending
from tests.processes.fixtures import Install

pytestmark = pytest.mark.processes

LINES = 300
# 10:00 in Bangkok, three days before the last day of every line.
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
END = datetime(2026, 11, 26, 17, tzinfo=UTC)
TOLD = {(channel, LINES) for channel in Message.Channel.values}


def make_lines() -> None:
    """Lines of one seeded customer, with the plan of a seeded line; nobody else is reminded."""
    Period.objects.update(state=Period.State.ENDED)
    Reminder.objects.all().delete()
    Message.objects.all().delete()
    seeded = Period.objects.filter(line__brand__slug="hongka", is_parallel=False).first()
    assert seeded is not None
    lines = Line.objects.bulk_create(
        Line(
            brand=seeded.line.brand,
            customer=seeded.line.customer,
            msisdn=f"+6681{number:07}",
            is_demo=True,
        )
        for number in range(LINES)
    )
    Period.objects.bulk_create(
        Period(
            line=line,
            version=seeded.version,
            sequence=1,
            start_at=END - timedelta(days=30),
            anchor_at=END - timedelta(days=30),
            end_at=END,
            state=Period.State.ACTIVE,
        )
        for line in lines
    )


def told_once() -> set[tuple[str, int]]:
    """Messages per channel; the unique key makes two of one impossible to store."""
    channels = Message.objects.filter(template="period_ending").values_list("channel", flat=True)
    found = list(channels)
    return {(channel, found.count(channel)) for channel in set(found)}


def test_four_processes_at_once_tell_each_stage_once(install: Install) -> None:
    installation = install()
    with installation.opened():
        make_lines()
    with contending(installation, "send_reminders", int(NOW.timestamp()), count=4) as contenders:
        ended = contenders.outcomes()

    with installation.opened():
        # Lines that one process held were left alone by the others; nothing was left behind.
        send_reminders(now=NOW)
        assert ended == {"ok": 4}
        states = set(Reminder.objects.values_list("stage", "state", "error"))
        assert states == {("days_7", "skipped", "missed"), ("days_3", "queued", "")}
        assert Reminder.objects.count() == 2 * LINES
        assert told_once() == TOLD


def test_one_process_that_dies_in_the_middle_leaves_no_line_out(install: Install) -> None:
    installation = install()
    with installation.opened():
        make_lines()
    with contending(installation, "send_reminders", int(NOW.timestamp()), count=4) as contenders:
        contenders.end()

    with installation.opened():
        send_reminders(now=NOW)
        assert told_once() == TOLD
        assert Reminder.objects.filter(state="queued").count() == LINES
