"""What pages say about a line: its state in words, the running period, what is left, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from plans.chain import TAIL, Chain, chain_of
from plans.models import Bucket, Line, Period
from plans.presenters import Meter, Span, days_until_end, meter, span
from plans.selectors.catalogue import ALLOWANCE_ORDER
from plans.validity import local_midnight

# From this many days left on, today included, the pages say that the plan ends soon.
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a line in one word, what it means, and a headline about it."""

    code: str
    # ok, warn, bad or off: decides colour and dot, never stands alone.
    tone: str
    word: StrOrPromise
    headline: StrOrPromise
    meaning: StrOrPromise


_STATUS = {
    status.code: status
    for status in (
        Status(
            "active",
            "ok",
            _("Active"),
            _("your plan is running"),
            _("Everything in your plan can be used."),
        ),
        Status(
            "ending",
            "warn",
            _("Ends soon"),
            _("your plan ends soon"),
            _("Everything still works. Renew in time and no day is lost."),
        ),
        Status(
            "waiting",
            "ok",
            _("Starts soon"),
            _("your next plan is about to start"),
            _("A plan is paid for and starts by itself."),
        ),
        Status(
            "no_plan",
            "warn",
            _("No plan"),
            _("this line has no plan"),
            _("The number and its balance are alive; data needs a plan."),
        ),
        Status(
            "grace",
            "warn",
            _("Expired, in grace"),
            _("your plan has expired"),
            _("You can still be called and keep your number. Renew to use everything again."),
        ),
        Status(
            "suspended",
            "bad",
            _("Suspended"),
            _("this line is suspended"),
            _("Nothing works at the moment, but the number is still yours. Renewing wakes it."),
        ),
        Status(
            "quarantine",
            "bad",
            _("Number on hold"),
            _("this number is on hold"),
            _("It can no longer be renewed and will be given up."),
        ),
        Status(
            "terminated",
            "off",
            _("Closed"),
            _("this line is closed"),
            _("The number is no longer yours."),
        ),
        Status(
            "pre_active",
            "off",
            _("Not activated"),
            _("this line is not activated yet"),
            _("Activate it before you renew it."),
        ),
        Status(
            "blocked",
            "bad",
            _("Blocked"),
            _("this line is blocked"),
            _("It was blocked for safety or at your wish. Customer service can lift the block."),
        ),
    )
}


@dataclass(frozen=True)
class LineView:
    """A line with its plan periods, read once; the times decide, not the last sweep."""

    line: Line
    # Plan periods that count, oldest first; at least all that run or wait.
    periods: list[Period]
    buckets: list[Bucket]
    now: datetime
    # What was bought to run beside the plan, oldest first.
    beside: list[Period] = field(default_factory=list)

    @cached_property
    def running(self) -> Period | None:
        """The plan period in force."""
        return next((p for p in self.periods if p.start_at <= self.now < p.end_at), None)

    @cached_property
    def queued(self) -> list[Period]:
        """Periods that are paid for and wait."""
        return [period for period in self.periods if period.start_at > self.now]

    @property
    def latest(self) -> Period | None:
        """The period a renewal would repeat: the running one, else the last known."""
        return self.running or (self.periods[-1] if self.periods else None)

    @property
    def covered_until(self) -> datetime | None:
        """When the last period that runs or waits ends: the day to renew by."""
        return self._last_alive.end_at if self._last_alive else None

    @property
    def days_left(self) -> int:
        """Days that are paid for, today included; 0 when nothing runs or waits."""
        return days_until_end(self._last_alive, now=self.now) if self._last_alive else 0

    @cached_property
    def _last_alive(self) -> Period | None:
        return next((p for p in reversed(self.periods) if p.end_at > self.now), None)

    @property
    def chain(self) -> Chain:
        """The same periods as the rules of renewal want them; needs the tail of the chain."""
        return chain_of([*self.periods, *self.beside], self.buckets)

    @cached_property
    def span(self) -> Span | None:
        """Days of the running period."""
        return span(self.running, now=self.now) if self.running else None

    @cached_property
    def meters(self) -> list[Meter]:
        """What is left of the running period, data first."""
        own = [b for b in self.buckets if self.running and b.period_id == self.running.pk]
        return [meter(b) for b in sorted(own, key=_bucket_order)]

    @property
    def data(self) -> Meter | None:
        """The data meter, when the plan has data."""
        return next((one for one in self.meters if one.kind == "data"), None)

    @property
    def measured_at(self) -> datetime | None:
        """When the network last told what is left: the oldest of the meters' times."""
        times = [one.measured_at for one in self.meters if one.measured_at]
        return min(times) if times else None

    @cached_property
    def status(self) -> Status:
        """The state in words."""
        return _STATUS[_status_code(self)]

    @cached_property
    def stage_ends_at(self) -> datetime | None:
        """When grace, suspension or hold ends and the next, worse state begins."""
        return _stage_ends_at(self.line)


def lines_of(customer: User) -> list[Line]:
    """The customer's lines in the order of the brands; one query."""
    lines = list(Line.objects.owned_by(customer).select_related("brand"))
    for line in lines:
        # Spares the rules a query each: the owner is who asks.
        line.customer = customer
    return lines


def line_views(lines: Iterable[Line], *, now: datetime) -> list[LineView]:
    """Lines for a list of cards: what runs and what waits; two queries however many lines."""
    by_id = {line.pk: line for line in lines}
    periods = _with_lines(
        Period.objects.chain()
        .filter(line__in=by_id, end_at__gt=now)
        .select_related("version")
        .order_by("end_at"),
        by_id,
    )
    buckets = list(Bucket.objects.filter(period__in=[period.pk for period in periods]))
    return [
        LineView(
            line=line,
            periods=[period for period in periods if period.line_id == line.pk],
            buckets=buckets,
            now=now,
        )
        for line in by_id.values()
    ]


def line_view(line: Line, *, now: datetime) -> LineView:
    """One line with the tail of its chain, as the rules of renewal need it; two queries."""
    tail = line.periods.standing().select_related("version").order_by("-end_at")[:TAIL]
    periods = _with_lines(reversed(tail), {line.pk: line})
    alive = [period.pk for period in periods if period.start_at <= now < period.end_at]
    buckets = list(Bucket.objects.filter(period__in=alive)) if alive else []
    return LineView(
        line=line,
        periods=[period for period in periods if not period.is_parallel],
        buckets=buckets,
        now=now,
        beside=[period for period in periods if period.is_parallel],
    )


def _with_lines(periods: Iterable[Period], lines: dict[int, Line]) -> list[Period]:
    found = list(periods)
    for period in found:
        period.line = lines[period.line_id]
    return found


def _bucket_order(bucket: Bucket) -> int:
    return [kind.value for kind in ALLOWANCE_ORDER].index(bucket.kind)


def _status_code(view: LineView) -> str:
    line = view.line
    if line.is_blocked and line.state != Line.State.TERMINATED:
        return "blocked"
    if line.state != Line.State.ACTIVE:
        return line.state
    if view.span is not None:
        is_last = not view.queued
        return "ending" if is_last and view.span.left <= SOON_DAYS else "active"
    return "waiting" if view.queued else "no_plan"


def _stage_ends_at(line: Line) -> datetime | None:
    brand, state = line.brand, Line.State
    days = {
        state.GRACE.value: brand.grace_days,
        state.SUSPENDED.value: brand.grace_days + brand.suspended_days,
        state.QUARANTINE.value: brand.grace_days + brand.suspended_days + brand.quarantine_days,
    }.get(line.state)
    if days is None or line.valid_until is None:
        return None
    until_on = line.valid_until.astimezone(brand.zone).date() + timedelta(days=days)
    return local_midnight(until_on, brand.zone)
