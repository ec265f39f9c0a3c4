"""400 days of 200 lines of five brands, over changes of clocks and 29 February.

The expectation is worked out from the renewals alone, by stepping from one local midnight to the next.
"""

import random
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.models import Brand, Line, LineHistory, LineNotice, PlanVersion
from plans.renewability import why_no_renewal
from plans.services.lifecycle_run import run_lifecycle
from plans.services.periods import grant_period
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory, UserFactory

pytestmark = pytest.mark.django_db

BEGIN = datetime(2027, 6, 1, 3, tzinfo=UTC)
DAYS, LINES = 400, 40
DAY = timedelta(days=1)
# Zone and days of grace, suspension and hold.
BRANDS = (
    ("Asia/Bangkok", 15, 45, 90),
    ("Asia/Shanghai", 3, 0, 30),
    ("Europe/London", 30, 150, 90),
    ("America/New_York", 7, 120, 60),
    ("America/Los_Angeles", 0, 20, 10),
)
NEXT = ("grace", "suspended", "quarantine", "terminated")

type Step = tuple[str, str, datetime]


@dataclass(slots=True)
class Life:
    """One line, and what must have become of it."""

    line: Line
    version: PlanVersion
    valid_until: datetime
    state: str = "active"
    steps: list[Step] = field(default_factory=list)
    told: set[tuple[str, datetime]] = field(default_factory=set)


def stage_ends(valid_until: datetime, brand: Brand) -> list[datetime]:
    """End of active, grace, suspension and hold, by stepping over local midnights."""
    zone = ZoneInfo(brand.time_zone)
    on = valid_until.astimezone(zone).date()
    if at_midnight(on, zone) < valid_until:
        on = date.fromordinal(on.toordinal() + 1)
    ends, days = [valid_until], 0
    for length in (brand.grace_days, brand.suspended_days, brand.quarantine_days):
        days += length
        end = (
            valid_until if not days else at_midnight(date.fromordinal(on.toordinal() + days), zone)
        )
        ends.append(end)
    return ends


def at_midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


def age(life: Life, now: datetime) -> None:
    """What the dates alone say must have happened by `now`."""
    brand = life.line.brand
    ends = stage_ends(life.valid_until, brand)
    lengths = (None, brand.grace_days, brand.suspended_days, brand.quarantine_days)
    for place, (end, state) in enumerate(zip(ends, NEXT, strict=True)):
        has_days = state == "terminated" or lengths[place + 1]
        # Stages that were reached before, and those of no days.
        is_behind = life.state in NEXT and NEXT.index(life.state) >= NEXT.index(state)
        if end <= now and has_days and not is_behind:
            life.steps.append((life.state, state, end))
            life.state = state
            if state in ("grace", "suspended"):
                life.told.add((state, life.valid_until))


def make_runs(luck: random.Random) -> list[datetime]:
    """At any hour, now and then twice in a minute, and in every tenth case after days of outage."""
    runs, moment = [], BEGIN
    while moment < BEGIN + DAY * DAYS:
        runs.append(moment)
        chance = luck.random()
        if chance < 0.1:
            moment += timedelta(hours=luck.uniform(24, 96))
        elif chance < 0.15:
            moment += timedelta(seconds=40)
        else:
            moment += timedelta(hours=luck.uniform(3, 24))
    return runs


def make_lives(luck: random.Random) -> list[Life]:
    lives = []
    for place, (zone, grace, suspended, quarantine) in enumerate(BRANDS):
        brand = BrandFactory.create(
            time_zone=zone,
            grace_days=grace,
            suspended_days=suspended,
            quarantine_days=quarantine,
        )
        versions = [
            PlanVersionFactory.create(
                plan__brand=brand, prices={}, allowances={}, validity_mode=mode
            )
            for mode in ("calendar", "rolling")
        ]
        owner = UserFactory.create()
        for number in range(LINES):
            valid_until = BEGIN + DAY * luck.uniform(1, 120)
            if number % 2:
                valid_until = at_midnight(valid_until.date(), ZoneInfo(zone))
            line = LineFactory.create(
                brand=brand,
                customer=owner,
                msisdn=f"+6690{place}{number:06}",
                valid_until=valid_until,
            )
            lives.append(Life(line, versions[number % 4 // 2], valid_until))
    return lives


def renew(life: Life, now: datetime) -> None:
    """Buy a month where the rules allow it; they must allow it exactly in a living state."""
    life.line.refresh_from_db()
    life.line.brand = life.version.plan.brand
    refusal = why_no_renewal(line=life.line, version=life.version, now=now)
    assert (refusal is None) == (life.state in ("active", "grace", "suspended"))
    if refusal is None:
        period = grant_period(line=life.line, version=life.version, paid_at=now, now=now)
        life.valid_until = max(life.valid_until, period.end_at)
        if life.state != "active":
            life.steps.append((life.state, "active", now))
            life.state = "active"


def test_each_change_happens_once_at_its_documented_moment() -> None:
    luck = random.Random(20270601)  # noqa: S311 (a simulation, repeatable)
    lives, runs = make_lives(luck), make_runs(luck)

    for now in runs:
        run_lifecycle(now=now)
        for life in lives:
            age(life, now)
            if luck.random() < 0.003:
                renew(life, now)

    found: dict[int, list[Step]] = defaultdict(list)
    for row in LineHistory.objects.order_by("pk"):
        found[row.line_id].append((row.from_state, row.to_state, row.at))
        # Noted by the first run at or after its moment.
        assert row.created_at == runs[bisect_left(runs, row.at)]
    states = dict(Line.objects.values_list("pk", "state"))
    for life in lives:
        assert found[life.line.pk] == life.steps
        assert states[life.line.pk] == life.state
    assert {"active", "suspended", "quarantine", "terminated"} <= set(states.values())
    assert sum(step[1] == "active" for life in lives for step in life.steps) > 30

    noted = set(
        LineNotice.objects.exclude(stage="number_loss").values_list("line", "stage", "lapsed_at")
    )
    assert noted == {(life.line.pk, *one) for life in lives for one in life.told}
    errors = set(LineNotice.objects.values_list("error", flat=True))
    assert errors <= {"", "line suspended", "line quarantine", "line terminated", "over"}


def test_repeating_any_run_changes_nothing() -> None:
    luck = random.Random(7)  # noqa: S311 (a simulation, repeatable)
    make_lives(luck)
    for weeks in range(0, 57, 8):
        now = BEGIN + DAY * 7 * weeks
        run_lifecycle(now=now)
        before = [list(model.objects.order_by("pk").values()) for model in (Line, LineHistory)]
        again = run_lifecycle(now=now)
        assert (again.total, again.queued, again.skipped) == (0, 0, 0)
        after = [list(model.objects.order_by("pk").values()) for model in (Line, LineHistory)]
        assert after == before
