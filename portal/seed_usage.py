"""What the demo's lines used: 90 days that look lived, the same for a number on every machine."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from plans.models import Allowance, Bucket, Line, Period, UsageDay, UsageRecord
from plans.validity import last_local_day, start_of_local_day

DAYS = 90
DAY = timedelta(days=1)
# The network told the demo's figures so long ago.
MEASURED_AGO = timedelta(minutes=2)
SATURDAY = 5
Kind = Allowance.Kind
# Share of an allowance that a past period used, at least and at most.
PAST_SHARES = (0.55, 0.9)
# Of each kind, beside the share of data: people call and text less than they could.
LESS = {Kind.DATA: 1.0, Kind.VOICE: 0.45, Kind.SMS: 0.2}
# What a day uses of an unlimited allowance, on average: bytes, seconds, texts.
UNLIMITED = {Kind.DATA: 400 * 1024**2, Kind.VOICE: 420, Kind.SMS: 2}
# Share of a pack beside the plan that is used.
PACK_SHARE = 0.35
# A day without use, and a day with a film or two, of a hundred.
QUIET, PEAK = 10, 6


@dataclass(slots=True)
class _Stretch:
    """Local days that belong together, and what they may use: a period's, or those before all."""

    days: list[date]
    buckets: list[Bucket]
    share: float


def write_usage(line: Line, *, used: float, now: datetime) -> None:
    """Write the line's days of use and what its buckets say; the two agree.

    `used` is the share of its data that the last period of the chain has used. Days after its end
    have no use; days before the first period look like those within it.
    """
    chance = random.Random(line.msisdn)  # noqa: S311 (a demo wants the same days again)
    periods = list(line.periods.chain().order_by("start_at").prefetch_related("buckets"))
    use: dict[date, dict[str, int]] = {}
    for stretch in _stretches(line, periods, used=used, now=now, chance=chance):
        for bucket in stretch.buckets:
            weights = _weights(stretch.days, line, now=now, chance=chance)
            _spread(bucket, weights, share=stretch.share, use=use, now=now)
    used_days = [(on, own) for on, own in sorted(use.items()) if any(own.values())]
    UsageDay.objects.bulk_create(
        UsageDay(
            line=line,
            on=on,
            data_bytes=own.get(Kind.DATA, 0),
            voice_seconds=own.get(Kind.VOICE, 0),
            sms_count=own.get(Kind.SMS, 0),
        )
        for on, own in used_days
    )
    UsageRecord.objects.bulk_create(
        _record(line, on, kind, units)
        for on, own in used_days
        for kind, units in own.items()
        if units
    )
    changed = [bucket for period in periods for bucket in period.buckets.all()]
    changed += _packs(line, now=now)
    Bucket.objects.bulk_update(changed, ["used", "measured_at"])


def _stretches(
    line: Line, periods: list[Period], *, used: float, now: datetime, chance: random.Random
) -> list[_Stretch]:
    """The periods' days up to today, each day once, and in front what makes it 90."""
    zone, today = line.brand.zone, now.astimezone(line.brand.zone).date()
    earliest = today - (DAYS - 1) * DAY
    starts = [period.start_at.astimezone(zone).date() for period in periods]
    ends = [last_local_day(period.end_at, zone) + DAY for period in periods]
    found = []
    for place, period in enumerate(periods):
        is_last = place == len(periods) - 1
        until = min(ends[place] if is_last else starts[place + 1], today + DAY)
        share = used if is_last else chance.uniform(*PAST_SHARES)
        days = _days(starts[place], until)
        found.append(_Stretch(days, list(period.buckets.all()), share))
    before = _days(earliest, starts[0])
    if before:
        # As if one more period had been there: its buckets are never written.
        length = len(_days(starts[0], ends[0]))
        allowed = [
            Bucket(kind=one.kind, granted=one.granted, is_unlimited=one.is_unlimited)
            for one in periods[0].buckets.all()
        ]
        share = chance.uniform(*PAST_SHARES) * len(before) / length
        found.insert(0, _Stretch(before, allowed, share))
    return found


def _days(first_on: date, until: date) -> list[date]:
    return [first_on + number * DAY for number in range((until - first_on).days)]


def _weights(
    days: list[date], line: Line, *, now: datetime, chance: random.Random
) -> dict[date, float]:
    """How much each day used beside the others: more on weekends, little on quiet days."""
    found = {}
    for on in days:
        luck = chance.randrange(100)
        weight = chance.uniform(0.6, 1.3) * (1.45 if on.weekday() >= SATURDAY else 1)
        if luck < QUIET:
            weight *= 0.08
        elif luck >= 100 - PEAK:
            weight *= 2.1
        found[on] = weight
    today = now.astimezone(line.brand.zone).date()
    if today in found:
        # It is not over.
        found[today] *= (now - start_of_local_day(now, line.brand.zone)) / DAY
    return found


def _spread(
    bucket: Bucket,
    weights: dict[date, float],
    *,
    share: float,
    use: dict[date, dict[str, int]],
    now: datetime,
) -> None:
    """Set what the bucket has used, and share it out among the days without losing a byte.

    Each day gets what the days so far should have together, less what they got: so that three
    texts of a month do not all fall on one day.
    """
    kind = Kind(bucket.kind)
    if bucket.is_unlimited:
        amount = UNLIMITED[kind] * len(weights)
    else:
        amount = int(bucket.granted * share * LESS[kind])
    whole, passed, given = sum(weights.values()), 0.0, 0
    for on, weight in weights.items():
        passed += weight
        by_now = amount if on == max(weights) else int(amount * passed / whole)
        use.setdefault(on, {})[kind] = by_now - given
        given = by_now
    bucket.used, bucket.measured_at = amount, now - MEASURED_AGO


def _record(line: Line, on: date, kind: str, units: int) -> UsageRecord:
    """The one record of a demo day and kind, from its first moment on."""
    start_at = datetime.combine(on, time.min, line.brand.zone).astimezone(UTC)
    return UsageRecord(
        source="demo",
        record_id=f"{line.public_id}-{on}-{kind}",
        file_seq=1,
        line=line,
        type=kind,
        start_at=start_at,
        on=on,
        units=units,
        currency=line.brand.currency,
        rated_at=start_at,
        content_hash=0,
    )


def _packs(line: Line, *, now: datetime) -> list[Bucket]:
    found = list(Bucket.objects.filter(period__line=line, period__is_parallel=True))
    for bucket in found:
        bucket.used = int(bucket.granted * PACK_SHARE)
        bucket.measured_at = now - MEASURED_AGO
    return found
