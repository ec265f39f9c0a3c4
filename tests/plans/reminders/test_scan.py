"""Which periods are found, which are left alone, and that each stage is noted once."""

from datetime import timedelta

import pytest
from django.db import connection

from plans.models import Period, Plan, Reminder
from plans.services import reminder_scan
from plans.services.reminder_scan import count_unnoted_stages, scan_reminders
from tests.factories import BrandFactory, PlanFactory, PlanVersionFactory, UserFactory
from tests.plans.reminders.conftest import DAY, END, TEN, another_line, ending, renewal_of

pytestmark = pytest.mark.django_db


def noted() -> dict[str, tuple[str, str]]:
    return {row.stage: (row.state, row.error) for row in Reminder.objects.all()}


def test_a_stage_is_found_at_ten_and_not_a_moment_earlier(period: Period) -> None:
    early = TEN - 7 * DAY - timedelta(seconds=1)
    assert scan_reminders(now=early) == 0

    assert scan_reminders(now=TEN - 7 * DAY) == 1
    row = Reminder.objects.get()
    assert (row.line, row.period, row.stage, row.state) == (period.line, period, "days_7", "due")
    assert (row.due_at, row.next_try_at, row.created_at) == (TEN - 7 * DAY,) * 3
    assert (row.error, row.attempts, row.leased_until) == ("", 0, None)


def test_a_second_scan_finds_nothing_more(period: Period) -> None:
    scan_reminders(now=TEN)
    before = list(Reminder.objects.values())

    assert count_unnoted_stages(now=TEN + timedelta(hours=1)) == 0
    assert scan_reminders(now=TEN + timedelta(hours=1)) == 0
    assert list(Reminder.objects.values()) == before


def test_after_three_missed_days_only_what_is_fresh_is_told(period: Period) -> None:
    scan_reminders(now=TEN - 7 * DAY)

    assert count_unnoted_stages(now=TEN) == 3
    assert scan_reminders(now=TEN) == 3
    assert noted() == {
        "days_7": ("due", ""),
        "days_3": ("skipped", "missed"),
        "days_1": ("skipped", "missed"),
        "last_day": ("due", ""),
    }


def test_of_two_stages_found_together_only_the_later_one_is_told(period: Period) -> None:
    scan_reminders(now=TEN - 3 * DAY)
    scan_reminders(now=TEN + timedelta(minutes=1))

    assert noted()["days_1"] == ("skipped", "missed")
    assert noted()["last_day"] == ("due", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"line__state": "pre_active"},
        {"line__state": "suspended"},
        {"line__state": "quarantine"},
        {"line__state": "terminated"},
        {"line__is_blocked": True},
        {"line__customer": None},
        {"state": "ended"},
        {"state": "cancelled"},
        {"is_parallel": True, "version__plan__kind": Plan.Kind.ADDON},
    ],
)
def test_nobody_is_reminded_of_what_is_not_theirs_to_renew(changes: dict[str, object]) -> None:
    ending(**changes)

    assert count_unnoted_stages(now=TEN) == 0
    assert scan_reminders(now=TEN) == 0
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("state", ["active", "grace"])
def test_auto_renewal_and_grace_make_no_difference(state: str) -> None:
    ending(line__state=state, line__auto_renew=True)

    assert scan_reminders(now=TEN) == 4


def test_what_is_over_is_left_alone(period: Period) -> None:
    assert scan_reminders(now=END) == 0


def test_a_line_that_is_claimed_later_is_found_the_same_day(period: Period) -> None:
    owner, period.line.customer = period.line.customer, None
    period.line.save()
    scan_reminders(now=TEN - 3 * DAY)
    period.line.customer = owner
    period.line.save()

    scan_reminders(now=TEN - 3 * DAY + timedelta(hours=5))

    assert noted()["days_3"] == ("due", "")


def test_a_renewed_period_has_nothing_to_remind_of(period: Period) -> None:
    renewal = renewal_of(period)

    assert scan_reminders(now=TEN) == 0
    scan_reminders(now=TEN + 30 * DAY)
    assert set(Reminder.objects.values_list("period", flat=True)) == {renewal.pk}


def test_a_cancelled_renewal_counts_for_nothing(period: Period) -> None:
    renewal_of(period, state="cancelled")

    assert scan_reminders(now=TEN) == 4


def test_days_that_were_stacked_move_the_end(period: Period) -> None:
    renewal_of(period, is_stacked=True)

    assert scan_reminders(now=TEN) == 0


def test_a_pack_beside_the_plan_is_reminded_of_by_itself(period: Period) -> None:
    version = PlanVersionFactory.create(
        plan=PlanFactory.create(brand=period.line.brand, kind=Plan.Kind.DATA_PACK),
        validity_count=7,
        early_renewal="parallel",
    )
    renewal_of(period)
    pack = ending(line=period.line, version=version, is_parallel=True)

    scan_reminders(now=TEN - 3 * DAY)

    # The plan is renewed, the pack is not; a week has no reminder a week before.
    assert list(Reminder.objects.values_list("period", "stage")) == [(pack.pk, "days_3")]


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=2)])
def test_only_the_last_of_several_equal_packs_is_reminded_of(later: timedelta) -> None:
    version = PlanVersionFactory.create(plan__kind=Plan.Kind.DATA_PACK, early_renewal="parallel")
    first = ending(version=version, is_parallel=True)
    # A newer version of the same pack, bought on the same day or later.
    newer = PlanVersionFactory.create(plan=version.plan)
    last = ending(line=first.line, version=newer, is_parallel=True, end_at=END + later)
    other = PlanVersionFactory.create(plan__kind=Plan.Kind.DATA_PACK, plan__brand=first.line.brand)
    beside = ending(line=first.line, version=other, is_parallel=True, end_at=END + later)

    scan_reminders(now=TEN + later)

    assert set(Reminder.objects.values_list("period", flat=True)) == {last.pk, beside.pk}


def test_each_brand_has_its_own_ten_o_clock(period: Period) -> None:
    london = BrandFactory.create(time_zone="Europe/London")
    midnight = END + timedelta(hours=7)
    version = PlanVersionFactory.create(plan__brand=london)
    there = ending(version=version, end_at=midnight, line__msisdn="+447400654321")

    scan_reminders(now=TEN)
    assert set(Reminder.objects.values_list("period", flat=True)) == {period.pk, there.pk}
    found = dict(Reminder.objects.filter(period=there).values_list("stage", "due_at"))
    # It is five in the morning there: yesterday's stage is the newest that is due.
    assert max(found.values()) == TEN - DAY + timedelta(hours=7)
    assert scan_reminders(now=TEN + timedelta(hours=7)) == 1


def test_pages_leave_nothing_out_and_read_nothing_twice(
    period: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve periods that end together and three that do not, in pages of four."""
    monkeypatch.setattr(reminder_scan, "PAGE", 4)
    for number in range(14):
        line = another_line(period, customer=UserFactory.create())
        end_at = END if number < 11 else END + timedelta(hours=number)
        ending(line=line, version=period.version, end_at=end_at)

    assert scan_reminders(now=TEN + DAY - timedelta(hours=11)) > 0
    assert Reminder.objects.filter(stage="last_day").count() == 12
    assert Reminder.objects.filter(stage="days_1").count() == 15


def test_the_database_reads_only_what_ends_soon(period: Period) -> None:
    """Without the partial index the scan would be slow by the past of all lines."""
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for search in reminder_scan._searches(TEN):
            cursor.execute(
                explain + reminder_scan.COUNT.format(ends=search.columns["ends"]),
                search.parameters,
            )
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "plans_period_ending" in plan
