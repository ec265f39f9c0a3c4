"""Factories for what an operator reports of use."""

from datetime import UTC, date, datetime, timedelta

from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from plans.models import HeldUsage, UsageCharge, UsageFile, UsageRecord
from tests.factories import GIGABYTE, LineFactory


class UsageFileFactory(DjangoModelFactory[UsageFile]):
    """A file that is in."""

    class Meta:
        model = UsageFile

    source = "ocs1"
    file_seq = Sequence(lambda n: n + 1)
    sha256 = "0" * 64
    state = UsageFile.State.IMPORTED
    received_at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    imported_at = SelfAttribute("received_at")


class UsageRecordFactory(DjangoModelFactory[UsageRecord]):
    """A gigabyte at home at ten in the morning in Bangkok; the sum of its day is not moved."""

    class Meta:
        model = UsageRecord

    line = SubFactory(LineFactory)
    source = "ocs1"
    record_id = Sequence(lambda n: f"r-{n}")
    file_seq = 1
    type = UsageRecord.Type.DATA
    start_at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    on = date(2026, 11, 20)
    units = GIGABYTE
    bucket_code = "MAIN"
    currency = SelfAttribute("line.brand.currency")
    rated_at = LazyAttribute(lambda record: record.start_at + timedelta(hours=1))
    content_hash = Sequence(lambda n: n)


class HeldUsageFactory(DjangoModelFactory[HeldUsage]):
    """A row for a number that nobody has."""

    class Meta:
        model = HeldUsage

    source = "ocs1"
    record_id = Sequence(lambda n: f"h-{n}")
    msisdn = "+66800000000"
    content = LazyFunction(dict)
    received_at = datetime(2026, 11, 21, 3, tzinfo=UTC)


class UsageChargeFactory(DjangoModelFactory[UsageCharge]):
    """A charge of 12.50 that is due."""

    class Meta:
        model = UsageCharge

    record = SubFactory(UsageRecordFactory)
    line = SelfAttribute("record.line")
    amount_minor = 1250
    currency = SelfAttribute("record.currency")
    next_try_at = datetime(2026, 11, 21, 3, tzinfo=UTC)
