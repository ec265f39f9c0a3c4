"""What a run of the clock writes: states, history, numbers; and that a second one writes nothing."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from messaging.models import Message
from plans.models import Line, LineHistory, LineNotice, NumberAssignment
from plans.services import lifecycle
from plans.services.lifecycle import advance_lines, count_lines_to_move
from plans.services.numbers import assign_numbers, free_numbers
from plans.services.periods import grant_period
from portal.sweep import sweep
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
SUSPENDED, QUARANTINE, TERMINATED = END + 15 * DAY, END + 60 * DAY, END + 150 * DAY


def line_until(valid_until: datetime | None = END, **fields: Any) -> Line:
    return LineFactory.create(valid_until=valid_until, **fields)


def steps(line: Line) -> list[tuple[str, str, datetime]]:
    """The line's history, oldest first."""
    rows = LineHistory.objects.filter(line=line).order_by("pk")
    return [(row.from_state, row.to_state, row.at) for row in rows]


def state(line: Line) -> str:
    line.refresh_from_db()
    return line.state


def test_validity_that_runs_out_begins_the_grace() -> None:
    line = line_until()

    assert advance_lines(now=END - timedelta(seconds=1)) == {}
    assert state(line) == "active"
    assert advance_lines(now=END) == {"grace": 1}

    assert state(line) == "grace"
    row = LineHistory.objects.get()
    assert (row.line, row.from_state, row.to_state) == (line, "active", "grace")
    assert (row.at, row.by, row.reason, row.created_at) == (END, "clock", "validity_over", END)


def test_a_second_run_changes_nothing() -> None:
    line_until()
    advance_lines(now=SUSPENDED)
    before = list(LineHistory.objects.values())

    assert advance_lines(now=SUSPENDED) == {}
    assert list(LineHistory.objects.values()) == before


def test_a_run_that_is_late_takes_a_line_through_every_state_at_its_time() -> None:
    line = line_until()

    moved = advance_lines(now=TERMINATED + 3 * DAY)

    assert moved == {"grace": 1, "suspended": 1, "quarantine": 1, "terminated": 1}
    assert state(line) == "terminated"
    assert steps(line) == [
        ("active", "grace", END),
        ("grace", "suspended", SUSPENDED),
        ("suspended", "quarantine", QUARANTINE),
        ("quarantine", "terminated", TERMINATED),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "pre_active"},
        {"state": "terminated"},
        {"valid_until": None},
        {"valid_until": END + 400 * DAY},
        {"state": "suspended", "valid_until": END + 400 * DAY},
    ],
)
def test_what_has_no_end_of_stage_stays(fields: dict[str, Any]) -> None:
    line = LineFactory.create(**{"valid_until": END, **fields})

    assert advance_lines(now=TERMINATED) == {}
    assert line.state == state(line)
    assert not LineHistory.objects.exists()


def test_a_blocked_line_ages_and_stays_blocked() -> None:
    line = line_until(is_blocked=True)
    advance_lines(now=END)
    assert (state(line), line.is_blocked) == ("grace", True)


def test_each_brand_has_its_own_days_and_midnight() -> None:
    london = BrandFactory.create(
        time_zone="Europe/London", grace_days=0, suspended_days=30, quarantine_days=0
    )
    silent = BrandFactory.create(grace_days=0, suspended_days=0, quarantine_days=0)
    british, forever = line_until(brand=london), line_until(brand=silent)

    advance_lines(now=END)
    assert (state(british), state(forever)) == ("suspended", "active")
    # 17:00 in London: the rest of that day is given.
    advance_lines(now=datetime(2027, 1, 1, tzinfo=UTC) - timedelta(seconds=1))
    assert state(british) == "suspended"
    assert advance_lines(now=datetime(2027, 1, 1, tzinfo=UTC)) == {"terminated": 1}
    assert steps(british)[-1] == ("suspended", "terminated", datetime(2027, 1, 1, tzinfo=UTC))
    assert state(forever) == "active"


def test_pages_are_walked_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "PAGE", 3)
    brand = BrandFactory.create()
    # Seven end together, others days and hours apart.
    ends = [END] * 7 + [END - hours * timedelta(hours=5) for hours in range(1, 20)]
    for end in ends:
        line_until(end, brand=brand)

    assert advance_lines(now=SUSPENDED) == {"grace": 26, "suspended": 26}
    assert LineHistory.objects.count() == 52
    assert set(Line.objects.values_list("state", flat=True)) == {"suspended"}


def test_a_renewal_wakes_the_line_and_is_noted() -> None:
    version = PlanVersionFactory.create()
    line = line_until(brand=version.plan.brand)
    advance_lines(now=SUSPENDED)
    line.refresh_from_db()
    paid_at = SUSPENDED + DAY

    grant_period(line=line, version=version, paid_at=paid_at, now=paid_at)

    assert state(line) == "active"
    row = LineHistory.objects.latest("pk")
    assert (row.from_state, row.to_state, row.at) == ("suspended", "active", paid_at)
    assert (row.by, row.reason) == ("payment", "renewed")
    assert advance_lines(now=paid_at) == {}


def test_a_renewal_of_a_living_line_changes_no_state() -> None:
    version = PlanVersionFactory.create()
    line = line_until(brand=version.plan.brand)
    grant_period(line=line, version=version, paid_at=END - DAY, now=END - DAY)
    assert not LineHistory.objects.exists()


def test_a_closed_line_lets_go_of_its_number() -> None:
    line = line_until()
    assign_numbers(lines=[line], now=END - 30 * DAY)

    advance_lines(now=QUARANTINE)
    assert NumberAssignment.objects.get().to_at is None
    advance_lines(now=TERMINATED + 5 * DAY)

    held = NumberAssignment.objects.get()
    assert (held.msisdn, held.from_at, held.to_at) == (line.msisdn, END - 30 * DAY, TERMINATED)
    # The number can be given out again, and the stretches do not overlap.
    other = LineFactory.create(msisdn=line.msisdn, brand=line.brand)
    assign_numbers(lines=[other], now=TERMINATED + 5 * DAY)
    assert NumberAssignment.objects.latest("pk").from_at == TERMINATED + 5 * DAY


def test_a_number_noted_later_than_it_ended_has_no_length() -> None:
    line = line_until()
    assign_numbers(lines=[line], now=TERMINATED + DAY)
    advance_lines(now=TERMINATED + DAY)
    held = NumberAssignment.objects.get()
    assert held.from_at == held.to_at == TERMINATED + DAY


def text_to(number: str, key: str) -> Message:
    return Message.objects.create(
        channel="sms",
        address=number,
        language="en",
        template="verification_code",
        context={"code": "402917"},
        dedupe_key=key,
        secret=True,
        next_try_at=END,
    )


def test_the_new_holder_of_a_number_gets_no_text_of_the_old_one() -> None:
    line = line_until()
    assign_numbers(lines=[line], now=END - 30 * DAY)
    advance_lines(now=TERMINATED)
    late, own = text_to(line.msisdn, "late"), text_to("+66812345678", "own")

    new = LineFactory.create(msisdn=line.msisdn, brand=line.brand)
    assign_numbers(lines=[new, LineFactory.create(msisdn="+66812345678")], now=TERMINATED)

    late.refresh_from_db()
    own.refresh_from_db()
    assert (late.state, late.context, own.state) == ("withdrawn", {}, "queued")


def test_the_clock_reads_by_its_partial_index() -> None:
    line = line_until()
    given: dict[str, Any] = {
        "brand": line.brand_id,
        "from_state": "active",
        "until": connection.ops.adapt_datetimefield_value(END),
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table of one row is read as a whole unless that is forbidden.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + lifecycle.FIRST, given)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + lifecycle.FIRST, given)
        plan = str(cursor.fetchall())
    assert "plans_line_aging" in plan
    assert "TEMP B-TREE" not in plan


def proved(number: str, **fields: Any) -> User:
    return UserFactory.create(phone=number, phone_verified_at=END, **fields)


def test_nobody_logs_in_by_the_number_of_a_closed_line() -> None:
    line = line_until()
    owner, other = proved(line.msisdn), proved("+66812345678")
    UserFactory.create(phone=line.msisdn, phone_verified_at=None)
    text_to(line.msisdn, "code")

    advance_lines(now=QUARANTINE)
    owner.refresh_from_db()
    assert owner.phone == line.msisdn
    advance_lines(now=TERMINATED)

    assert not User.objects.filter(phone=line.msisdn).exists()
    assert [one.pk for one in User.objects.filter(phone_verified_at__isnull=False)] == [other.pk]
    told = Message.objects.get(template="phone_released")
    assert (told.channel, told.address) == ("email", owner.email)
    assert told.context["phone"] == f"…{line.msisdn[-4:]}"
    code = Message.objects.get(dedupe_key="code")
    assert (code.state, code.context) == ("withdrawn", {})


def test_letting_go_again_tells_nobody_again() -> None:
    proved("+66812345678")
    free_numbers(numbers=["+66812345678"])
    free_numbers(numbers=["+66812345678"])
    free_numbers(numbers=[])
    assert Message.objects.count() == 1


def test_command_moves_lines_and_says_how_many() -> None:
    line = line_until()
    out = StringIO()
    with time_machine.travel(SUSPENDED, tick=False):
        call_command("advance_lines", "--dry-run", stdout=out)
        assert out.getvalue().splitlines() == [
            "leaving active: 1",
            "Nothing was kept: this was a dry run.",
        ]
        assert state(line) == "active"
        assert count_lines_to_move(now=SUSPENDED) == {"active": 1}
        out = StringIO()
        call_command("advance_lines", stdout=out)
    assert out.getvalue().splitlines()[:3] == ["grace: 1", "suspended: 1", "moved: 2"]
    assert state(line) == "suspended"


def test_sweep_does_the_clock_s_work_without_a_broker() -> None:
    line = line_until()
    notice = LineNoticeFactory.create()
    done = sweep(now=END)
    assert (done["lines"], state(line)) == (1, "grace")
    notice.refresh_from_db()
    assert notice.state != LineNotice.State.DUE
