"""What a page says about a line: its state in one word, and the dates that follow from it."""

from datetime import UTC, datetime, timedelta

import pytest

from plans.models import Line, Period
from plans.selectors.lines import LineView, line_view, line_views, lines_of
from tests.factories import BucketFactory, LineFactory, PeriodFactory, PlanVersionFactory

pytestmark = pytest.mark.django_db

# Saturday noon in Bangkok.
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
GB = 1024**3
MIDNIGHT = datetime(2026, 11, 20, 17, tzinfo=UTC)


def view(line: Line) -> LineView:
    return line_view(line, now=NOW)


def running(line: Line, *, left: int) -> Period:
    """A period of 30 days with `left` days to go, today included."""
    end_at = MIDNIGHT + timedelta(days=left)
    version = PlanVersionFactory.create(plan__brand=line.brand)
    return PeriodFactory.create(
        line=line, version=version, start_at=end_at - timedelta(days=30), end_at=end_at
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("active", "no_plan"),
        ("grace", "grace"),
        ("suspended", "suspended"),
        ("quarantine", "quarantine"),
        ("terminated", "terminated"),
        ("pre_active", "pre_active"),
    ],
)
def test_every_state_of_a_line_has_a_word_and_a_meaning(state: str, code: str) -> None:
    status = view(LineFactory.create(state=state)).status
    assert status.code == code
    assert all((status.word, status.headline, status.meaning))


def test_block_is_told_before_everything_else() -> None:
    line = LineFactory.create(is_blocked=True)
    running(line, left=20)
    assert view(line).status.code == "blocked"


@pytest.mark.parametrize(("left", "code"), [(8, "active"), (7, "ending"), (1, "ending")])
def test_plan_ends_soon_from_seven_days_on(left: int, code: str) -> None:
    line = LineFactory.create()
    running(line, left=left)
    assert view(line).status.code == code


def test_plan_with_another_behind_it_does_not_end_soon() -> None:
    line = LineFactory.create()
    first = running(line, left=2)
    second = PeriodFactory.create(line=line, version=first.version, start_at=first.end_at)
    found = view(line)
    assert found.status.code == "active"
    assert found.queued == [second]
    assert found.covered_until == second.end_at


def test_stored_state_of_a_period_does_not_matter_its_times_do() -> None:
    line = LineFactory.create()
    period = running(line, left=5)
    Period.objects.update(state=Period.State.QUEUED)
    assert view(line).running == period


def test_stacked_period_belongs_to_the_running_stretch_and_a_queued_one_waits() -> None:
    line = LineFactory.create()
    first = running(line, left=2)
    second = PeriodFactory.create(
        line=line, version=first.version, start_at=first.end_at, is_stacked=True
    )
    third = PeriodFactory.create(line=line, version=first.version, start_at=second.end_at)
    fourth = PeriodFactory.create(
        line=line, version=first.version, start_at=third.end_at, is_stacked=True
    )
    found = view(line)
    assert found.stretch == [first, second]
    assert found.queued == [third, fourth]
    assert found.stretch_end == second.end_at
    assert (found.span and (found.span.total, found.span.left)) == (60, 32)
    assert found.covered_until == fourth.end_at


def test_buckets_that_can_be_used_now_add_up_by_kind(en: object) -> None:
    line = LineFactory.create()
    first = running(line, left=2)
    second = PeriodFactory.create(
        line=line, version=first.version, start_at=first.end_at, is_stacked=True
    )
    waiting = PeriodFactory.create(line=line, version=first.version, start_at=second.end_at)
    BucketFactory.create(period=first, used=19 * GB)
    BucketFactory.create(period=second, valid_from=NOW - timedelta(days=1))
    BucketFactory.create(period=second, kind="sms", granted=60, valid_from=NOW)
    BucketFactory.create(period=waiting)
    found = view(line)
    assert [(one.kind, one.left) for one in found.meters] == [
        ("data", "21 GB"),
        ("sms", "60 texts"),
    ]
    assert found.even_pace == 40 * GB // found.span.total if found.span else None
    assert [portion.ends_at for portion in found.data_portions] == [first.end_at, second.end_at]


def test_pack_is_no_part_of_the_chain_and_stands_for_itself() -> None:
    line = LineFactory.create()
    own = running(line, left=5)
    later = PeriodFactory.create(line=line, start_at=NOW + timedelta(days=1), is_parallel=True)
    pack = PeriodFactory.create(
        line=line, start_at=NOW, end_at=NOW + timedelta(days=40), is_parallel=True
    )
    for period in (own, pack, later):
        BucketFactory.create(period=period)
    found = view(line)
    assert [one.period for one in found.packs] == [pack]
    assert [one.granted for one in found.packs[0].meters] == ["20 GB"]
    assert (found.covered_until, found.queued) == (own.end_at, [])
    # What the pack has left after the plan's end helps nobody before it.
    assert [portion.ends_at for portion in found.data_portions] == [own.end_at, own.end_at]


@pytest.mark.parametrize(
    ("limit", "code"), [("throttle", "throttled"), ("stop", "used_up"), ("pay", "active")]
)
def test_used_up_data_is_a_state_unless_more_is_paid_for(limit: str, code: str) -> None:
    line = LineFactory.create()
    version = PlanVersionFactory.create(plan__brand=line.brand, after_limit=limit)
    start_at = NOW - timedelta(days=1)
    BucketFactory.create(
        period=PeriodFactory.create(line=line, version=version, start_at=start_at), used=20 * GB
    )
    assert view(line).status.code == code


def test_line_between_two_periods_waits_for_the_next() -> None:
    line = LineFactory.create()
    PeriodFactory.create(line=line, start_at=NOW + timedelta(days=1))
    assert view(line).status.code == "waiting"


def test_cancelled_period_is_nowhere() -> None:
    line = LineFactory.create()
    running(line, left=5)
    Period.objects.update(state=Period.State.CANCELLED)
    assert (view(line).running, view(line).status.code) == (None, "no_plan")


def test_last_known_plan_is_the_one_to_repeat() -> None:
    line = LineFactory.create(state="grace")
    ended = running(line, left=-3)
    found = view(line)
    assert (found.running, found.latest, found.covered_until) == (None, ended, None)


@pytest.mark.parametrize(("state", "days"), [("grace", 15), ("suspended", 60), ("quarantine", 150)])
def test_number_is_kept_for_the_stages_of_the_brand(state: str, days: int) -> None:
    valid_until = MIDNIGHT - timedelta(days=3)
    line = LineFactory.create(state=state, valid_until=valid_until)
    assert view(line).stage_ends_at == valid_until + timedelta(days=days)


def test_living_line_has_no_end_of_stage() -> None:
    assert view(LineFactory.create(valid_until=NOW)).stage_ends_at is None
    assert view(LineFactory.create(state="grace")).stage_ends_at is None


def test_measuring_time_is_the_oldest_of_the_meters() -> None:
    line = LineFactory.create()
    period = running(line, left=5)
    early = NOW - timedelta(hours=2)
    BucketFactory.create(period=period, kind="sms", granted=60, measured_at=NOW)
    BucketFactory.create(period=period, kind="data", measured_at=early)
    found = view(line)
    assert [one.kind for one in found.meters] == ["data", "sms"]
    assert found.measured_at == early


def test_list_of_lines_shows_each_its_own_periods() -> None:
    first = LineFactory.create()
    second = LineFactory.create(customer=first.customer)
    LineFactory.create()
    own = running(second, left=5)
    assert first.customer is not None
    views = line_views(lines_of(first.customer), now=NOW)
    assert [one.line for one in views] == [first, second]
    assert [one.running for one in views] == [None, own]
