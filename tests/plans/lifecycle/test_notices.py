"""Who is told of a lapse, once, where, and why somebody is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.models import Message
from plans.models import Line, LineNotice
from plans.services.blocking import block_line
from plans.services.lifecycle import advance_lines, note_coming_losses
from plans.services.lifecycle_run import run_lifecycle
from plans.services.line_notices import queue_line_notice, queue_line_notices
from plans.services.periods import grant_period
from tests.factories import (
    BrandFactory,
    LineFactory,
    LineNoticeFactory,
    PlanVersionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Midnight that closes 1 December in Bangkok; the factory's brand has 15, 45 and 90 days.
END = datetime(2026, 12, 1, 17, tzinfo=UTC)
SUSPENDED, QUARANTINE = END + 15 * DAY, END + 60 * DAY
# 08:00 in Bangkok, when the night's messages leave.
MORNING = timedelta(hours=8)


def lapsing(**fields: Any) -> Line:
    return LineFactory.create(valid_until=END, **fields)


def told() -> list[tuple[str, str, str]]:
    """Stage, channel and address of each message, in the order they were queued."""
    rows = Message.objects.filter(template="line_stage").order_by("pk")
    return [(row.context["stage"], row.channel, row.address) for row in rows]


def reasons() -> dict[str, str]:
    return dict(LineNotice.objects.values_list("stage", "error"))


def test_entering_grace_is_told_once_by_mail_and_sms_in_the_morning() -> None:
    line = lapsing()
    run = run_lifecycle(now=END)
    assert (run.moved, run.queued, run.skipped) == ({"grace": 1}, 1, 0)
    for hours in range(1, 48, 5):
        assert run_lifecycle(now=END + timedelta(hours=hours)).queued == 0

    owner = line.customer
    assert owner is not None
    assert told() == [("grace", "email", owner.email), ("grace", "sms", line.msisdn)]
    message = Message.objects.first()
    assert message is not None
    # 1 December 24:00 lies in the night.
    assert message.next_try_at == END + MORNING
    assert message.language == owner.language
    assert message.context["number_lost_at"] == QUARANTINE.isoformat()
    assert message.context["money_lost_at"] == (END + 150 * DAY).isoformat()
    assert message.context["fee_minor"] == 0


def test_suspension_and_coming_loss_are_told_where_the_owner_can_read_them() -> None:
    owner = UserFactory.create(phone="+66898765432")
    lapsing(customer=owner)
    for day in range(70):
        run_lifecycle(now=END + day * DAY)

    assert [row for row in told() if row[0] != "grace"] == [
        ("suspended", "email", owner.email),
        ("suspended", "sms", "+66898765432"),
        ("number_loss", "email", owner.email),
        ("number_loss", "sms", "+66898765432"),
    ]
    losses = LineNotice.objects.get(stage="number_loss")
    assert losses.due_at == QUARANTINE - 7 * DAY
    assert Message.objects.filter(context__stage="suspended", context__fee_minor=10_000).exists()


def test_a_suspended_line_itself_gets_no_texts() -> None:
    number = "+66812345678"
    line = lapsing(msisdn=number, customer=UserFactory.create(phone=number))
    advance_lines(now=SUSPENDED)
    queue_line_notices(now=SUSPENDED)
    owner = line.customer
    assert owner is not None
    assert told() == [("suspended", "email", owner.email)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"remind_by_email": False, "remind_by_sms": False}, "switched off"),
        ({"customer__address__verified": False, "remind_by_sms": False}, "no address"),
    ],
)
def test_who_cannot_or_will_not_be_told_is_skipped(fields: dict[str, Any], reason: str) -> None:
    lapsing(**fields)
    assert run_lifecycle(now=END).skipped == 1
    assert (told(), reasons()) == ([], {"grace": reason})


@pytest.mark.parametrize("fields", [{"customer": None}, {"is_blocked": True}])
def test_a_line_without_owner_or_blocked_is_moved_and_nobody_is_told(
    fields: dict[str, Any],
) -> None:
    lapsing(**fields)
    assert run_lifecycle(now=END).moved == {"grace": 1}
    assert not LineNotice.objects.exists()


def test_a_block_in_between_stops_the_message() -> None:
    line = lapsing()
    advance_lines(now=END)
    block_line(line_id=line.pk)
    queue_line_notices(now=END)
    assert (told(), reasons()) == ([], {"grace": "line blocked"})


def test_a_late_run_tells_only_what_is_still_true() -> None:
    lapsing()
    run = run_lifecycle(now=SUSPENDED + 3 * DAY)
    assert (run.queued, run.skipped) == (1, 1)
    assert {row[0] for row in told()} == {"suspended"}
    assert reasons() == {"grace": "line suspended", "suspended": ""}


def test_what_is_found_a_week_late_is_no_news() -> None:
    lapsing()
    run_lifecycle(now=END + 7 * DAY + timedelta(seconds=1))
    assert (told(), reasons()) == ([], {"grace": "missed"})


def test_a_renewal_takes_back_what_has_not_left() -> None:
    version = PlanVersionFactory.create()
    line = lapsing(brand=version.plan.brand)
    run_lifecycle(now=END)
    line.refresh_from_db()
    assert line.state == "grace"
    grant_period(line=line, version=version, paid_at=END + DAY, now=END + DAY)

    assert set(Message.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert LineNotice.objects.get().state == "withdrawn"


def test_a_renewal_before_the_message_was_written_leaves_nothing_to_tell() -> None:
    version = PlanVersionFactory.create()
    line = lapsing(brand=version.plan.brand)
    advance_lines(now=END)
    line.refresh_from_db()
    grant_period(line=line, version=version, paid_at=END + DAY, now=END + DAY)
    assert LineNotice.objects.get().state == "withdrawn"
    assert queue_line_notices(now=END + DAY) == {}
    assert told() == []


def test_what_was_told_stays_told_after_a_renewal() -> None:
    version = PlanVersionFactory.create()
    line = lapsing(brand=version.plan.brand)
    run_lifecycle(now=END)
    Message.objects.update(state="sent", sent_at=END)
    line.refresh_from_db()
    grant_period(line=line, version=version, paid_at=END + DAY, now=END + DAY)
    assert LineNotice.objects.get().state == "queued"


def test_a_second_lapse_is_told_again() -> None:
    line = lapsing()
    run_lifecycle(now=END)
    again = END + 60 * DAY
    Line.objects.filter(pk=line.pk).update(state="active", valid_until=again)
    run_lifecycle(now=again)
    assert [row[0] for row in told()] == ["grace", "grace", "grace", "grace"]


@pytest.mark.parametrize(("days", "noted"), [(6, 0), (7, 0), (8, 1)])
def test_a_brand_that_keeps_a_lapsed_line_for_a_week_only_has_no_second_warning(
    days: int, noted: int
) -> None:
    lapsing(brand=BrandFactory.create(grace_days=days, suspended_days=0))
    advance_lines(now=END + DAY)
    assert note_coming_losses(now=END + DAY) == noted


def test_warning_begins_at_the_local_midnight_seven_days_before() -> None:
    lapsing(state="suspended")
    warned_at = QUARANTINE - 7 * DAY
    assert note_coming_losses(now=warned_at - timedelta(seconds=1)) == 0
    assert note_coming_losses(now=warned_at) == 1
    assert note_coming_losses(now=warned_at + timedelta(hours=1)) == 0


def test_a_bell_for_what_is_done_does_nothing() -> None:
    notice = LineNoticeFactory.create()
    now = notice.due_at
    assert queue_line_notice(notice_id=notice.pk, now=now)
    assert not queue_line_notice(notice_id=notice.pk, now=now)


def test_messages_of_a_demo_line_are_the_demo_s() -> None:
    lapsing(is_demo=True)
    run_lifecycle(now=END)
    assert set(Message.objects.values_list("demo", flat=True)) == {True}
