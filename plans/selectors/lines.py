"""What pages say about a line: its state in words, the running period, what is left, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import DateTimeField, FilteredRelation, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from plans.chain import TAIL, Chain, chain_of
from plans.forecast import Portion
from plans.lifecycle import stage_ends_at
from plans.line_status import SOON_DAYS, STATUSES, Status
from plans.models import Allowance, Bucket, Line, Period, PlanVersion
from plans.presenters import (
    Meter,
    Span,
    ago_text,
    date_text,
    days_until_end,
    meter,
    span,
    until_text,
)
from plans.selectors.catalogue import ALLOWANCE_ORDER
from plans.validity import last_local_day

# When the last period of a line's chain ends. By hand, for Django takes longer to write it out
# for every page than the database takes to answer.
PAID_UNTIL = RawSQL(
    "(SELECT MAX(end_at) FROM plans_period WHERE plans_period.line_id = plans_line.id"
    " AND NOT plans_period.is_parallel AND plans_period.state <> 'cancelled')",
    (),
    output_field=DateTimeField(),
)


@dataclass(frozen=True, slots=True)
class Pack:
    """What runs beside the plan: its name, what is left of it, until when."""

    period: Period
    meters: list[Meter]


@dataclass(frozen=True)
class LineView:
    """A line with its plan periods, read once; the times decide, not the last sweep."""

    line: Line
    # Plan periods that count, oldest first; at least all that run or wait.
    periods: list[Period]
    # Those that can be used now, of the plan and of what runs beside it.
    buckets: list[Bucket]
    now: datetime
    # What was bought to run beside the plan, oldest first.
    beside: list[Period] = field(default_factory=list)

    @cached_property
    def running(self) -> Period | None:
        """The plan period in force."""
        return next((p for p in self.periods if p.start_at <= self.now < p.end_at), None)

    @cached_property
    def stretch(self) -> list[Period]:
        """The running period and those stacked behind it: one stretch for the customer."""
        found = [self.running] if self.running else []
        for period in self.periods:
            if found and period.is_stacked and period.start_at == found[-1].end_at:
                found.append(period)
        return found

    @property
    def stretch_end(self) -> datetime | None:
        """When that stretch ends (exclusive)."""
        return self.stretch[-1].end_at if self.stretch else None

    @cached_property
    def queued(self) -> list[Period]:
        """Periods that are paid for and wait, beyond the running stretch."""
        return [p for p in self.periods if p.start_at > self.now and p not in self.stretch]

    @property
    def latest(self) -> Period | None:
        """The period a renewal would repeat: the running one, else the last known."""
        return self.running or (self.periods[-1] if self.periods else None)

    @property
    def covered_until(self) -> datetime | None:
        """When the last period that runs or waits ends: the day to renew by."""
        return self._last_alive.end_at if self._last_alive else None

    @property
    def until(self) -> str:
        """The same in words, with weekday and city; empty when nothing runs or waits."""
        end_at = self.covered_until
        return until_text(end_at, self.line.brand.zone, now=self.now) if end_at else ""

    @property
    def days_left(self) -> int:
        """Days that are paid for, today included; 0 when nothing runs or waits."""
        return days_until_end(self._last_alive, now=self.now) if self._last_alive else 0

    @cached_property
    def _last_alive(self) -> Period | None:
        return next((p for p in reversed(self.periods) if p.end_at > self.now), None)

    @cached_property
    def chain(self) -> Chain:
        """The same periods as the rules of renewal want them; needs the tail of the chain."""
        return chain_of([*self.periods, *self.beside], self.buckets)

    @cached_property
    def span(self) -> Span | None:
        """Days of the running stretch."""
        return span(self.running, now=self.now, until=self.stretch_end) if self.running else None

    @cached_property
    def plan_buckets(self) -> dict[str, list[Bucket]]:
        """What the plan allows now by kind, data first; stacked periods add to the running one."""
        own = {period.pk for period in self.periods}
        found: dict[str, list[Bucket]] = {}
        for bucket in sorted(self.buckets, key=_bucket_order):
            if bucket.period_id in own:
                found.setdefault(bucket.kind, []).append(bucket)
        return found

    @cached_property
    def meters(self) -> list[Meter]:
        """What is left of the plan, data first."""
        return [meter(*buckets) for buckets in self.plan_buckets.values()]

    @property
    def data(self) -> Meter | None:
        """The data meter, when the plan has data."""
        return next((one for one in self.meters if one.kind == Allowance.Kind.DATA), None)

    @property
    def since(self) -> str:
        """The day on which the running period began, in words; empty without one."""
        return self._date(self.running.start_at) if self.running else ""

    @property
    def data_since_day(self) -> str:
        """The day of `data_since` in words; empty without data."""
        return self._date(self.data_since) if self.data_since else ""

    def _date(self, at: datetime) -> str:
        return date_text(at, self.line.brand.zone, now=self.now)

    @property
    def data_since(self) -> datetime | None:
        """From when on the used data of the meter is counted."""
        buckets = self.plan_buckets.get(Allowance.Kind.DATA, [])
        return min((bucket.valid_from for bucket in buckets), default=None)

    @cached_property
    def packs(self) -> list[Pack]:
        """What runs beside the plan now, what ends first in front."""
        running = [p for p in self.beside if p.start_at <= self.now < p.end_at]
        return [
            Pack(period, [meter(b) for b in self.buckets if b.period_id == period.pk])
            for period in sorted(running, key=lambda period: period.end_at)
        ]

    @property
    def data_portions(self) -> list[Portion]:
        """Data that can be used now and until the stretch ends, packs for the same places included.

        Empty for unlimited data, and without a running plan that has any.
        """
        end_at = self.stretch_end
        plan = self.plan_buckets.get(Allowance.Kind.DATA, [])
        if end_at is None or not plan:
            return []
        zones = {zone for bucket in plan for zone in bucket.scope}
        beside = {period.pk for period in self.beside}
        packs = [
            bucket
            for bucket in self.buckets
            if bucket.kind == Allowance.Kind.DATA
            and bucket.period_id in beside
            and zones.intersection(bucket.scope)
        ]
        every = [*plan, *packs]
        if any(bucket.is_unlimited for bucket in every):
            return []
        return [Portion(bucket.left, min(bucket.valid_until, end_at)) for bucket in every]

    @property
    def even_pace(self) -> int | None:
        """Bytes a day that would last exactly to the end of the stretch; None if unlimited."""
        buckets = self.plan_buckets.get(Allowance.Kind.DATA, [])
        granted = sum(bucket.granted for bucket in buckets)
        if self.span is None or not granted or any(bucket.is_unlimited for bucket in buckets):
            return None
        return granted // self.span.total

    @property
    def measured_at(self) -> datetime | None:
        """When the network last told what is left: the oldest of the meters' times."""
        times = [one.measured_at for one in self.meters if one.measured_at]
        return min(times) if times else None

    @property
    def measured(self) -> str:
        """The same in words: updated 2 minutes ago; empty when nothing was ever told."""
        at = self.measured_at
        return ago_text(at, self.line.brand.zone, now=self.now) if at else ""

    @cached_property
    def status(self) -> Status:
        """The state in words."""
        return STATUSES[_status_code(self)]

    @cached_property
    def stage_ends_at(self) -> datetime | None:
        """When grace, suspension or hold ends and the next, worse state begins."""
        return stage_ends_at(self.line)


def lines_of(customer: User) -> list[Line]:
    """The customer's lines in the order of the brands, each with `paid_until`; one query."""
    lines = list(
        Line.objects.owned_by(customer).select_related("brand").annotate(paid_until=PAID_UNTIL)
    )
    for line in lines:
        # Spares the rules a query each: the owner is who asks.
        line.customer = customer
    return lines


def short_status(line: Line, *, now: datetime) -> Status:
    """The state of one of `lines_of` as far as it shows without its periods' details."""
    if line.is_blocked and line.state != Line.State.TERMINATED:
        return STATUSES["blocked"]
    if line.state != Line.State.ACTIVE:
        return STATUSES[line.state]
    paid_until: datetime | None = getattr(line, "paid_until", None)
    if paid_until is None or paid_until <= now:
        return STATUSES["no_plan"]
    zone = line.brand.zone
    days = (last_local_day(paid_until, zone) - now.astimezone(zone).date()).days + 1
    return STATUSES["ending" if days <= SOON_DAYS else "active"]


def line_views(lines: Iterable[Line], *, now: datetime) -> list[LineView]:
    """Lines for a list of cards: what runs and what waits; one query however many lines."""
    by_id = {line.pk: line for line in lines}
    found = Period.objects.standing().filter(line__in=by_id, end_at__gt=now).order_by("end_at")
    periods, buckets = _with_buckets(found, by_id, now=now)
    own: dict[int, list[Period]] = {pk: [] for pk in by_id}
    for period in periods:
        own[period.line_id].append(period)
    return [_view(line, own[line.pk], buckets, now=now) for line in by_id.values()]


def line_view(line: Line, *, now: datetime) -> LineView:
    """One line with the tail of its chain, as the rules of renewal need it; one query."""
    tail = line.periods.standing().order_by("-end_at")
    periods, buckets = _with_buckets(tail, {line.pk: line}, now=now, limit=TAIL)
    return _view(line, list(reversed(periods)), buckets, now=now)


def _view(
    line: Line, periods: list[Period], buckets: dict[int, list[Bucket]], *, now: datetime
) -> LineView:
    return LineView(
        line=line,
        periods=[period for period in periods if not period.is_parallel],
        buckets=[bucket for period in periods for bucket in buckets[period.pk]],
        now=now,
        beside=[period for period in periods if period.is_parallel],
    )


def _with_buckets(
    periods: QuerySet[Period], lines: dict[int, Line], *, now: datetime, limit: int | None = None
) -> tuple[list[Period], dict[int, list[Bucket]]]:
    """Periods with version and line, and the buckets of each that can be used now; one query.

    A join gives a row for each bucket: a page has eight queries, and two would be one too many.
    """
    usable = Q(buckets__valid_from__lte=now, buckets__valid_until__gt=now)
    joined = periods.annotate(bucket=FilteredRelation("buckets", condition=usable))
    rows = joined.select_related("version", "bucket")[:limit]  # type: ignore[misc]  # stubs know no FilteredRelation
    found: dict[int, Period] = {}
    buckets: dict[int, list[Bucket]] = {}
    for row in rows:
        row.line = lines[row.line_id]
        found.setdefault(row.pk, row)
        own = buckets.setdefault(row.pk, [])
        # The join leaves no attribute where it found no bucket.
        bucket: Bucket | None = getattr(row, "bucket", None)
        if bucket is not None:
            own.append(bucket)
    return list(found.values()), buckets


def _bucket_order(bucket: Bucket) -> int:
    return [kind.value for kind in ALLOWANCE_ORDER].index(bucket.kind)


def _status_code(view: LineView) -> str:
    line = view.line
    if line.is_blocked and line.state != Line.State.TERMINATED:
        return "blocked"
    if line.state != Line.State.ACTIVE:
        return line.state
    if view.running is None or view.span is None:
        return "waiting" if view.queued else "no_plan"
    portions = view.data_portions
    if portions and not any(portion.left for portion in portions):
        limit = view.running.version.after_limit
        if limit != PlanVersion.AfterLimit.PAY:
            return "throttled" if limit == PlanVersion.AfterLimit.THROTTLE else "used_up"
    is_last = not view.queued
    return "ending" if is_last and view.span.left <= SOON_DAYS else "active"
