"""What the network says is left is the truth, whatever order its answers come in."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Message
from plans.models import Bucket, Line
from plans.services.snapshots import (
    MeasuredBucket,
    SnapshotOutcome,
    apply_snapshot,
    passed_threshold,
)
from tests.factories import BucketFactory

# 15:00 in Bangkok.
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
GIGABYTE = 1024**3

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket() -> Bucket:
    return BucketFactory.create(granted=100 * GIGABYTE, period__line__remind_by_email=False)


def measure(
    bucket: Bucket, used: int, *, at: datetime = NOW, version: int = 1, now: datetime = NOW
) -> SnapshotOutcome:
    """Apply a snapshot of one bucket, `used` in gigabytes."""
    return apply_snapshot(
        line=bucket.period.line,
        buckets=[MeasuredBucket(bucket.kind, bucket.valid_until, used * GIGABYTE)],
        as_of=at,
        version=version,
        now=now,
    )


def told(line: Line) -> list[int]:
    """Shares that the owner was told of, and was not spared, in their order."""
    messages = Message.objects.filter(subject__startswith=f"usage:{line.public_id}")
    return [
        one.context["percent"]
        for one in messages.exclude(state=Message.State.WITHDRAWN).order_by("pk")
    ]


def test_a_snapshot_says_what_is_used_and_when_it_was_measured(bucket: Bucket) -> None:
    assert measure(bucket, 30) == SnapshotOutcome(1, 0, [])

    bucket.refresh_from_db()
    assert (bucket.used, bucket.measured_at, bucket.measured_version) == (30 * GIGABYTE, NOW, 1)


@pytest.mark.parametrize(
    ("at", "version"),
    [(NOW, 2), (NOW, 1), (NOW - timedelta(seconds=1), 9)],
    ids=["the same again", "an older version", "an older moment"],
)
def test_an_older_snapshot_never_overwrites_a_newer_one(
    bucket: Bucket, at: datetime, version: int
) -> None:
    measure(bucket, 30, version=2)

    assert measure(bucket, 10, at=at, version=version) == SnapshotOutcome(0, 1, [])

    bucket.refresh_from_db()
    assert (bucket.used, bucket.measured_at, bucket.measured_version) == (30 * GIGABYTE, NOW, 2)


def test_of_one_moment_the_higher_version_holds(bucket: Bucket) -> None:
    measure(bucket, 30, version=1)
    measure(bucket, 31, version=2)

    bucket.refresh_from_db()
    assert bucket.used == 31 * GIGABYTE


def test_a_bucket_that_we_do_not_have_is_told_and_the_others_are_set(bucket: Bucket) -> None:
    stranger = MeasuredBucket("voice", bucket.valid_until, 60)
    known = MeasuredBucket("data", bucket.valid_until, GIGABYTE)

    outcome = apply_snapshot(
        line=bucket.period.line, buckets=[stranger, known], as_of=NOW, version=1, now=NOW
    )

    assert outcome == SnapshotOutcome(1, 0, [stranger])
    assert Bucket.objects.get().used == GIGABYTE


@pytest.mark.parametrize(
    ("used", "at", "version"),
    [(-1, NOW, 1), (2**61, NOW, 1), (1, NOW + timedelta(minutes=6), 1), (1, NOW, -1)],
)
def test_an_impossible_snapshot_changes_nothing(
    bucket: Bucket, used: int, at: datetime, version: int
) -> None:
    one = MeasuredBucket(bucket.kind, bucket.valid_until, used)

    with pytest.raises(ValueError, match="snapshot"):
        apply_snapshot(line=bucket.period.line, buckets=[one], as_of=at, version=version, now=NOW)

    bucket.refresh_from_db()
    assert (bucket.used, bucket.measured_at) == (0, None)


@pytest.mark.parametrize(
    ("used", "granted", "share"),
    [
        (0, 10, 0),
        (4, 10, 0),
        (5, 10, 50),
        (2, 3, 50),
        (79, 100, 50),
        (80, 100, 80),
        (99, 100, 90),
        (10, 10, 100),
        (30, 10, 100),
        (5, 0, 0),
    ],
)
def test_a_share_is_passed_when_it_is_reached(used: int, granted: int, share: int) -> None:
    assert passed_threshold(used=used, granted=granted) == share


def test_each_share_is_told_once_for_a_bucket(bucket: Bucket) -> None:
    line = bucket.period.line
    for minute, used in enumerate([10, 50, 60, 49, 55, 80, 85, 91, 99, 100, 100, 40, 100]):
        at = NOW + timedelta(minutes=minute)
        measure(bucket, used, at=at, now=at)
        Message.objects.filter(state=Message.State.QUEUED).update(
            state=Message.State.SENT, sent_at=at, next_try_at=None
        )

    assert told(line) == [50, 80, 90, 100]


def test_of_shares_passed_at_once_the_highest_is_told(bucket: Bucket) -> None:
    measure(bucket, 95)

    assert told(bucket.period.line) == [90]


def test_news_that_waits_for_the_morning_is_overtaken_by_later_news(bucket: Bucket) -> None:
    night = datetime(2026, 11, 21, 16, tzinfo=UTC)
    measure(bucket, 80, at=night, now=night)
    measure(bucket, 90, at=night + timedelta(hours=1), now=night + timedelta(hours=1))

    assert told(bucket.period.line) == [90]
    message = Message.objects.get(state=Message.State.QUEUED)
    # 08:00 in Bangkok.
    assert message.next_try_at == datetime(2026, 11, 22, 1, tzinfo=UTC)


def test_the_same_snapshot_again_tells_nobody_again(bucket: Bucket) -> None:
    measure(bucket, 80)
    measure(bucket, 80)

    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"is_unlimited": True, "granted": 0}, {"valid_until": NOW - timedelta(days=1)}],
    ids=["unlimited", "over"],
)
def test_nobody_is_told_of_what_has_no_end_or_is_over(
    bucket: Bucket, changed: dict[str, object]
) -> None:
    Bucket.objects.update(valid_from=NOW - timedelta(days=30), **changed)
    bucket.refresh_from_db()

    measure(bucket, 100)

    assert Message.objects.count() == 0


def test_a_line_without_owner_or_with_reminders_off_is_measured_and_not_told(
    bucket: Bucket,
) -> None:
    Line.objects.update(remind_by_sms=False)

    measure(bucket, 100)

    bucket.refresh_from_db()
    assert (bucket.left, bucket.passed_percent, Message.objects.count()) == (0, 100, 0)
