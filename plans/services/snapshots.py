"""What the network says is left of a line's allowances: the truth for every page."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from plans.models import Bucket, Line, Period
from plans.services.usage_notices import queue_usage_threshold
from plans.usage_row import CLOCK_LEEWAY

logger = logging.getLogger(__name__)

# Shares of an allowance, in percent, whose passing is told.
THRESHOLDS = (50, 80, 90, 100)
# More than any allowance: bytes, seconds or texts.
LARGEST_USE = 2**60


@dataclass(frozen=True, slots=True)
class MeasuredBucket:
    """One bucket as the network counts it: its kind, its exclusive end, and what is used of it."""

    kind: str
    valid_until: datetime
    used: int


@dataclass(frozen=True, slots=True)
class SnapshotOutcome:
    """How many buckets a snapshot has set, for how many it was too old, which ones we lack."""

    written: int
    outdated: int
    unknown: list[MeasuredBucket]


def apply_snapshot(
    *,
    line: Line,
    buckets: Iterable[MeasuredBucket],
    as_of: datetime,
    version: int,
    now: datetime,
) -> SnapshotOutcome:
    """Set what the network measured at `as_of`; repeating it changes nothing.

    Each bucket takes the latest measurement, of one moment that of the higher `version`, in
    whatever order they come. Past 50, 80, 90 and 100 % the owner is told, each share once for a
    bucket, the highest when several are passed at once. A bucket that we do not have is logged and
    returned. Raises ValueError, and writes nothing, for an impossible figure or a time to come.
    """
    measured = list(buckets)
    if as_of > now + CLOCK_LEEWAY or version < 0:
        raise ValueError("A snapshot cannot be of the future, nor its version negative.")
    if not all(0 <= one.used <= LARGEST_USE for one in measured):
        raise ValueError("A snapshot says that an impossible amount is used.")
    written, outdated, unknown = 0, 0, []
    with transaction.atomic():
        Line.objects.lock(line.pk)
        own = _buckets(line)
        for one in measured:
            bucket = own.get((one.kind, one.valid_until))
            if bucket is None:
                unknown.append(one)
            elif _is_newer(bucket, as_of, version):
                _set(bucket, one.used, as_of, version, now)
                written += 1
            else:
                outdated += 1
    if unknown:
        kinds = ", ".join(sorted({one.kind for one in unknown}))
        logger.warning("unknown buckets", extra={"line": line.public_id, "kinds": kinds})
    return SnapshotOutcome(written, outdated, unknown)


def passed_threshold(*, used: int, granted: int) -> int:
    """The highest of the told shares that is reached, in percent; 0 for none or no allowance."""
    if not granted:
        return 0
    return max((share for share in THRESHOLDS if used * 100 >= granted * share), default=0)


def _buckets(line: Line) -> dict[tuple[str, datetime], Bucket]:
    """The line's buckets by kind and end; of two alike, the one bought last."""
    found = Bucket.objects.filter(period__line=line).exclude(period__state=Period.State.CANCELLED)
    found = found.select_related("period__line__brand", "period__line__customer", "period__version")
    return {(one.kind, one.valid_until): one for one in found.order_by("period__sequence")}


def _is_newer(bucket: Bucket, as_of: datetime, version: int) -> bool:
    if bucket.measured_at is None:
        return True
    return (as_of, version) > (bucket.measured_at, bucket.measured_version)


def _set(bucket: Bucket, used: int, as_of: datetime, version: int, now: datetime) -> None:
    bucket.used, bucket.measured_at, bucket.measured_version = used, as_of, version
    passed = 0 if bucket.is_unlimited else passed_threshold(used=used, granted=bucket.granted)
    is_news = passed > bucket.passed_percent
    bucket.passed_percent = max(passed, bucket.passed_percent)
    bucket.save(update_fields=["used", "measured_at", "measured_version", "passed_percent"])
    if is_news and bucket.valid_until > now:
        queue_usage_threshold(bucket=bucket, percent=passed, now=now)
