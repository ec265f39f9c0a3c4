"""500 lines that buy early, late or not at all, and what each of them must have been told.

The expectation is worked out from the purchases alone, in local days, by a table of stages.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from messaging.models import Message
from plans.models import Brand, Line, Period, PlanVersion, Reminder
from plans.services.periods import advance_periods
from plans.services.reminders import send_reminders, withdraw_reminders
from plans.validity import boundary, start_of_local_day
from tests.factories import BrandFactory, PlanVersionFactory, UserFactory

BEGIN = date(2026, 9, 1)
DAYS = 400
LINES = 100
DAY = timedelta(days=1)
# Length and mode of each plan, and the days before the last one on which it is spoken of.
PLANS = (
    (7, "day", "rolling", (3, 1, 0)),
    (7, "day", "calendar", (3, 1, 0)),
    (8, "day", "calendar", (3, 1, 0)),
    (15, "day", "rolling", (7, 3, 1, 0)),
    (30, "day", "calendar", (7, 3, 1, 0)),
    (30, "day", "rolling", (7, 3, 1, 0)),
    (1, "month", "calendar", (7, 3, 1, 0)),
    (1, "month", "rolling", (7, 3, 1, 0)),
    (90, "day", "calendar", (7, 3, 1, 0)),
    (1, "year", "calendar", (7, 3, 1, 0)),
)
STAGES = {7: "days_7", 3: "days_3", 1: "days_1", 0: "last_day"}

# Line, number of the period, stage → what became of it, why not, and when it left or would have.
type Told = dict[tuple[int, int, str], tuple[str, str, datetime | None]]


@dataclass(slots=True)
class Buyer:
    """One line, and each of its purchases: when, and the end of the period it brought."""

    line: Line
    plan: int
    bought: list[tuple[datetime, Period]] = field(default_factory=list)


class Crowd:
    """The lines of one brand, driven through the simulated days by the product's own functions."""

    def __init__(self, time_zone: str, *, seed: int) -> None:
        self.zone = ZoneInfo(time_zone)
        self.luck = random.Random(seed)  # noqa: S311 (a simulation, repeatable)
        brand = BrandFactory.create(time_zone=time_zone)
        self.versions = [
            PlanVersionFactory.create(
                plan__brand=brand,
                prices={},
                allowances={},
                validity_count=count,
                validity_unit=unit,
                validity_mode=mode,
            )
            for count, unit, mode, _ in PLANS
        ]
        self.buyers = [
            Buyer(line, number % len(PLANS)) for number, line in enumerate(_lines(brand))
        ]
        for buyer in self.buyers:
            self._plan_purchases(buyer)
        self.purchases = sorted(
            (moment, period) for buyer in self.buyers for moment, period in buyer.bought
        )

    def local(self, day: date, clock: time) -> datetime:
        """A moment by the brand's clock."""
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)

    def live(self, runs: list[datetime]) -> None:
        """Let every purchase and every run happen in its order."""
        waiting = iter(self.purchases)
        purchase = next(waiting, None)
        for number, now in enumerate(runs):
            if number % 25 == 0:
                learn_sizes()
            while purchase is not None and purchase[0] <= now:
                self._buy(*purchase)
                purchase = next(waiting, None)
            advance_periods(now=now)
            send_reminders(now=now)
            deliver(now)

    def expected(self, runs: list[datetime]) -> Told:
        """What must be found at the end, worked out from purchases and runs alone."""
        told: Told = {}
        for buyer in self.buyers:
            for index, (moment, period) in enumerate(buyer.bought):
                following = buyer.bought[index + 1 :]
                renewed_at = following[0][0] if following else datetime.max.replace(tzinfo=UTC)
                seen = [now for now in runs if moment <= now < min(period.end_at, renewed_at)]
                for days, due_at, next_due in self._stages(buyer.plan, period.end_at):
                    found = next((now for now in seen if now >= due_at), None)
                    if found is not None:
                        key = (buyer.line.pk, period.sequence, STAGES[days])
                        told[key] = self._outcome(
                            found, due_at, next_due, period.end_at, renewed_at
                        )
        return told

    def _stages(self, plan: int, end_at: datetime) -> list[tuple[int, datetime, datetime | None]]:
        """Days before the last one, the moment, and the moment of the stage that follows."""
        last_day = (end_at - timedelta(seconds=1)).astimezone(self.zone).date()
        moments = [(days, self.local(last_day - DAY * days, time(10))) for days in PLANS[plan][3]]
        moments = [(days, moment) for days, moment in moments if moment < end_at]
        nexts = [moment for _, moment in moments[1:]]
        return [
            (days, moment, following)
            for (days, moment), following in zip(moments, [*nexts, None], strict=True)
        ]

    def _outcome(
        self,
        found: datetime,
        due_at: datetime,
        next_due: datetime | None,
        end_at: datetime,
        renewed_at: datetime,
    ) -> tuple[str, str, datetime | None]:
        too_late = found > due_at + timedelta(hours=24)
        if too_late or (next_due is not None and found > next_due - timedelta(hours=12)):
            return "skipped", "missed", None
        local = found.astimezone(self.zone)
        leaves = found
        if local.hour >= 22:
            leaves = self.local(local.date() + DAY, time(8))
        elif local.hour < 8:
            leaves = self.local(local.date(), time(8))
        if leaves >= end_at:
            return "skipped", "over", None
        return ("withdrawn" if renewed_at < leaves else "queued"), "", leaves

    def _buy(self, moment: datetime, period: Period) -> None:
        """What the settlement does to periods and reminders; the rest is not looked at here."""
        deliver(moment)
        with transaction.atomic():
            period.save(force_insert=True)
            withdraw_reminders(line=period.line, period=period)

    def _plan_purchases(self, buyer: Buyer) -> None:
        """Buy again and again: days early, at the last moment, late, or twice at once."""
        luck, version = self.luck, self.versions[buyer.plan]
        over = self.local(BEGIN + DAY * (DAYS - 10), time())
        moment = self.local(BEGIN, time()) + DAY * luck.uniform(0, 40)
        end_at: datetime | None = None
        while moment < over:
            for _ in range(1 + (luck.random() < 0.1)):
                period = self._period(buyer, version, moment, end_at)
                buyer.bought.append((moment, period))
                end_at = period.end_at
                moment += timedelta(seconds=luck.randint(60, 600))
            assert end_at is not None
            days = luck.choice([luck.uniform(-9, -0.1), luck.uniform(-2, 0), luck.uniform(0, 20)])
            moment = max(moment + timedelta(minutes=1), end_at + DAY * days)

    def _period(
        self, buyer: Buyer, version: PlanVersion, moment: datetime, end_at: datetime | None
    ) -> Period:
        rolling = version.validity_mode == "rolling"
        start_at = moment if rolling else start_of_local_day(moment, self.zone)
        start_at = max(start_at, end_at or start_at)
        return Period(
            line=buyer.line,
            version=version,
            sequence=len(buyer.bought) + 1,
            start_at=start_at,
            anchor_at=start_at,
            end_at=boundary(
                start_at,
                unit=version.validity_unit,
                count=version.validity_count,
                index=1,
                mode=version.validity_mode,
                tz=self.zone,
            ),
        )


def deliver(now: datetime) -> None:
    """Put away what may leave by now, as the outbox of a demo does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET state = 'kept', sent_at = %(now)s"
            " WHERE state = 'queued' AND next_try_at <= %(now)s",
            {"now": connection.ops.adapt_datetimefield_value(now)},
        )


def learn_sizes() -> None:
    """What PostgreSQL does by itself, but never inside a test's one transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE plans_reminder, plans_period, plans_line, messaging_message")


def found() -> Told:
    """What the tables hold: reminders, with the moment at which their messages left."""
    leaving: dict[tuple[int, str], set[tuple[str, datetime | None]]] = {}
    for key, state, at in Message.objects.values_list("dedupe_key", "state", "next_try_at"):
        _, period, stage, _ = key.split(":")
        leaving.setdefault((int(period), stage), set()).add((state, at))
    told: Told = {}
    rows = Reminder.objects.select_related("period")
    for row in rows:
        messages = leaving.pop((row.period_id, row.stage), {("", None)})
        # All channels of one reminder have the same fate.
        ((message_state, leaves),) = messages
        assert message_state == {"queued": "kept", "withdrawn": "withdrawn"}.get(row.state, "")
        told[row.line_id, row.period.sequence, row.stage] = (row.state, row.error, leaves)
    assert leaving == {}
    return told


def _lines(brand: Brand) -> list[Line]:
    """Lines of one customer, reminded by mail, by SMS, or by both."""
    customer = UserFactory.create()
    wanted = ((True, False), (False, True), (True, True))
    return Line.objects.bulk_create(
        Line(
            brand=brand,
            customer=customer,
            msisdn=f"+6681{number:07}",
            remind_by_email=wanted[number % 3][0],
            remind_by_sms=wanted[number % 3][1],
        )
        for number in range(LINES)
    )
