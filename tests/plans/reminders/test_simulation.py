"""400 days of 500 lines in five zones: each reminder once, at its hour, or not at all.

Only the clock is simulated; scan, messages and withdrawal are the product's own.
"""

from datetime import datetime, time, timedelta

import pytest
import time_machine

from messaging.models import Message
from plans.models import Reminder
from tests.plans.reminders.crowd import BEGIN, DAY, DAYS, Crowd, deliver, found

pytestmark = pytest.mark.django_db

# A half hour's change of clocks is the one that code forgets.
ZONES = [
    "Asia/Bangkok",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
]
# So long a run comes every day at 10:00; then at any hour, and now and then none for four days.
QUIET_DAYS = 200


@pytest.mark.parametrize("zone", ZONES)
def test_each_stage_is_told_once_at_its_hour_and_never_after_a_renewal(zone: str) -> None:
    crowd = Crowd(zone, seed=ZONES.index(zone))
    runs = [*daily_runs(crowd), *runs_with_outages(crowd)]

    with time_machine.travel(runs[0], tick=False):
        crowd.live(runs)
    deliver(runs[-1] + DAY)

    assert found() == crowd.expected(runs)
    assert set(Reminder.objects.values_list("error", flat=True)) == {"", "missed", "over"}
    assert Reminder.objects.filter(state=Reminder.State.QUEUED).count() > 2000
    left = [at.astimezone(crowd.zone) for at in leavings()]
    calm = BEGIN + DAY * (QUIET_DAYS - 1)
    assert {moment.time() for moment in left if moment.date() <= calm} == {time(10)}
    assert {moment.hour for moment in left} <= set(range(8, 22))


def daily_runs(crowd: Crowd) -> list[datetime]:
    """At 10:00 by the brand's clock, every day."""
    return [crowd.local(BEGIN + DAY * day, time(10)) for day in range(QUIET_DAYS)]


def runs_with_outages(crowd: Crowd) -> list[datetime]:
    """At any hour, and in every tenth case after an outage."""
    runs = []
    moment = crowd.local(BEGIN + DAY * QUIET_DAYS, time(10))
    while moment < crowd.local(BEGIN + DAY * DAYS, time()):
        runs.append(moment)
        is_out = crowd.luck.random() < 0.1
        moment += timedelta(hours=crowd.luck.uniform(*((12, 96) if is_out else (1, 24))))
    return runs


def leavings() -> list[datetime]:
    """When each message left or would have left."""
    return [at for at in Message.objects.values_list("next_try_at", flat=True) if at is not None]
