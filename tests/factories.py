"""Factories for what plans/ stores; customers come from the accounts' factories."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.faker import Faker
from factory.helpers import post_generation

from plans.models import (
    Allowance,
    Brand,
    Bucket,
    ClaimCode,
    Line,
    LineClaim,
    LineHistory,
    LineNotice,
    NetworkDifference,
    NetworkEvent,
    NetworkReconciliation,
    NumberAssignment,
    Period,
    Plan,
    PlanVersion,
    Price,
    Reminder,
    ServiceOrder,
    SimulatedOrder,
    SimulatorFault,
    UsageDay,
)
from tests.accounts.factories import UserFactory

__all__ = [
    "AllowanceFactory",
    "BrandFactory",
    "BucketFactory",
    "ClaimCodeFactory",
    "LineClaimFactory",
    "LineFactory",
    "LineHistoryFactory",
    "LineNoticeFactory",
    "NetworkDifferenceFactory",
    "NetworkEventFactory",
    "NetworkReconciliationFactory",
    "NumberAssignmentFactory",
    "PeriodFactory",
    "PlanFactory",
    "PlanVersionFactory",
    "PriceFactory",
    "ReminderFactory",
    "ServiceOrderFactory",
    "SimulatedOrderFactory",
    "SimulatorFaultFactory",
    "UsageDayFactory",
    "UserFactory",
]

GIGABYTE = 1024**3


class BrandFactory(DjangoModelFactory[Brand]):
    """A Thai brand that takes every method; days are counted in Bangkok."""

    class Meta:
        model = Brand

    slug = Sequence(lambda n: f"brand-{n}")
    name_en = Sequence(lambda n: f"Brand {n}")
    name_zh_hans = Sequence(lambda n: f"品牌{n}")
    sim = Brand.Sim.PHYSICAL
    currency = "THB"
    region = "TH"
    time_zone = "Asia/Bangkok"
    payment_methods = LazyFunction(lambda: ["alipay", "wechat_pay", "card"])
    query_channels = LazyFunction(lambda: ["web"])
    service_number = "9123"
    hotline = "9000"
    support_email = "help@brand.example"
    grace_days = 15
    suspended_days = 45
    quarantine_days = 90
    reactivation_fee_minor = 10_000
    refund_days = 14
    max_balance_minor = 1_000_000
    tax_rate_percent = 7


class PlanFactory(DjangoModelFactory[Plan]):
    """A monthly plan without content; PlanVersionFactory gives it some and puts it on sale."""

    class Meta:
        model = Plan

    brand = SubFactory(BrandFactory)
    sku = Sequence(lambda n: f"PLAN-{n}")
    kind = Plan.Kind.PLAN


class PlanVersionFactory(DjangoModelFactory[PlanVersion]):
    """The version on sale: 30 calendar days, 20 GB, 60 minutes, 60 texts, ฿359 or ¥72.

    `prices={"THB": 35900}` and `allowances={"data": 1024, "voice": None}` say otherwise; None
    means unlimited.
    """

    class Meta:
        model = PlanVersion
        skip_postgeneration_save = True

    plan = SubFactory(PlanFactory)
    number = LazyAttribute(lambda version: version.plan.versions.count() + 1)
    name_en = "Monthly 20 GB"
    name_zh_hans = "月度套餐 20GB"
    validity_count = 30
    validity_unit = PlanVersion.Unit.DAY
    validity_mode = PlanVersion.Mode.CALENDAR
    after_limit = PlanVersion.AfterLimit.THROTTLE
    throttle_kbps = LazyAttribute(
        lambda version: 384 if version.after_limit == "throttle" else None
    )
    zones = LazyFunction(lambda: ["TH"])
    published_at = datetime(2026, 1, 1, tzinfo=UTC)
    content_hash = Sequence(lambda n: f"{n:064x}")

    @post_generation
    def prices(self: PlanVersion, create: object, extracted: Any, **_more: object) -> None:
        """Give the version its prices, in minor units by currency."""
        if create:
            prices = {"THB": 35_900, "CNY": 7_200} if extracted is None else extracted
            for currency, amount_minor in prices.items():
                PriceFactory.create(version=self, currency=currency, amount_minor=amount_minor)

    @post_generation
    def allowances(self: PlanVersion, create: object, extracted: Any, **_more: object) -> None:
        """Give the version what it grants: bytes, seconds, texts by kind."""
        if create:
            granted = (
                {"data": 20 * GIGABYTE, "voice": 3600, "sms": 60}
                if extracted is None
                else extracted
            )
            for kind, amount in granted.items():
                AllowanceFactory.create(
                    version=self, kind=kind, amount=amount or 0, is_unlimited=amount is None
                )

    @post_generation
    def on_sale(self: PlanVersion, create: object, extracted: Any, **_more: object) -> None:
        """Make it the version that new orders get, unless `on_sale=False`."""
        if create and extracted is not False:
            self.plan.current = self
            self.plan.save(update_fields=["current"])


class PriceFactory(DjangoModelFactory[Price]):
    """One price of a version that has none in this currency yet."""

    class Meta:
        model = Price

    version = SubFactory(PlanVersionFactory, prices={})
    currency = "THB"
    amount_minor = 35_900


class AllowanceFactory(DjangoModelFactory[Allowance]):
    """One allowance of a version that has none of this kind yet."""

    class Meta:
        model = Allowance

    version = SubFactory(PlanVersionFactory, allowances={})
    kind = Allowance.Kind.DATA
    amount = 20 * GIGABYTE


class LineFactory(DjangoModelFactory[Line]):
    """An active line of a customer, with a Thai number and a card that pass their checks."""

    class Meta:
        model = Line

    brand = SubFactory(BrandFactory)
    customer = SubFactory(UserFactory)
    msisdn = Sequence(lambda n: f"+6681{2_000_000 + n}")
    iccid = "8966010000000000010"


class LineHistoryFactory(DjangoModelFactory[LineHistory]):
    """A line whose validity ran out, noted by the clock."""

    class Meta:
        model = LineHistory

    line = SubFactory(LineFactory, state="grace")
    from_state = Line.State.ACTIVE
    to_state = Line.State.GRACE
    at = datetime(2026, 11, 1, 17, tzinfo=UTC)
    by = "clock"
    reason = "validity_over"
    created_at = SelfAttribute("at")


class NumberAssignmentFactory(DjangoModelFactory[NumberAssignment]):
    """The line holds its number."""

    class Meta:
        model = NumberAssignment

    line = SubFactory(LineFactory)
    msisdn = SelfAttribute("line.msisdn")
    from_at = datetime(2026, 11, 1, 17, tzinfo=UTC)


class LineNoticeFactory(DjangoModelFactory[LineNotice]):
    """The owner of a line in grace is to be told."""

    class Meta:
        model = LineNotice

    lapsed_at = datetime(2026, 11, 20, 17, tzinfo=UTC)
    line = SubFactory(LineFactory, state="grace", valid_until=SelfAttribute("..lapsed_at"))
    stage = LineNotice.Stage.GRACE
    due_at = SelfAttribute("lapsed_at")
    next_try_at = SelfAttribute("lapsed_at")
    created_at = SelfAttribute("lapsed_at")


class PeriodFactory(DjangoModelFactory[Period]):
    """A running period of 30 days on a line of the plan's brand, anchored at its own start."""

    class Meta:
        model = Period

    version = SubFactory(PlanVersionFactory)
    line = SubFactory(LineFactory, brand=SelfAttribute("..version.plan.brand"))
    sequence = LazyAttribute(lambda period: period.line.periods.count() + 1)
    start_at = datetime(2026, 11, 1, 17, tzinfo=UTC)
    end_at = LazyAttribute(lambda period: period.start_at + timedelta(days=30))
    anchor_at = SelfAttribute("start_at")
    state = Period.State.ACTIVE


class BucketFactory(DjangoModelFactory[Bucket]):
    """20 GB for the length of its period, unused."""

    class Meta:
        model = Bucket

    period = SubFactory(PeriodFactory)
    kind = Allowance.Kind.DATA
    scope = LazyFunction(lambda: ["TH"])
    granted = 20 * GIGABYTE
    valid_from = SelfAttribute("period.start_at")
    valid_until = SelfAttribute("period.end_at")


class ReminderFactory(DjangoModelFactory[Reminder]):
    """The reminder of three days before, found by the scan and not told yet."""

    class Meta:
        model = Reminder

    period = SubFactory(PeriodFactory)
    line = SelfAttribute("period.line")
    stage = Reminder.Stage.DAYS_3
    due_at = LazyAttribute(lambda reminder: reminder.period.end_at - timedelta(days=3))
    next_try_at = SelfAttribute("due_at")


class UsageDayFactory(DjangoModelFactory[UsageDay]):
    """One gigabyte on one day."""

    class Meta:
        model = UsageDay

    line = SubFactory(LineFactory)
    on = date(2026, 11, 20)
    data_bytes = GIGABYTE


class LineClaimFactory(DjangoModelFactory[LineClaim]):
    """A claim that waits for the code of an SMS."""

    class Meta:
        model = LineClaim

    line = SubFactory(LineFactory, customer=None)
    claimant = SubFactory(UserFactory)
    method = LineClaim.Method.SMS
    code_hash = "0" * 64
    created_at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    expires_at = LazyAttribute(lambda claim: claim.created_at + timedelta(minutes=10))


class ClaimCodeFactory(DjangoModelFactory[ClaimCode]):
    """A code that an operator gave out with a card and nobody has used."""

    class Meta:
        model = ClaimCode

    line = SubFactory(LineFactory, customer=None)
    code_hash = "0" * 64
    by = "operator@example.com"
    created_at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    expires_at = LazyAttribute(lambda code: code.created_at + timedelta(days=30))


class ServiceOrderFactory(DjangoModelFactory[ServiceOrder]):
    """A network order that is due but not sent; `place_service_order` writes a real body."""

    class Meta:
        model = ServiceOrder

    period = SubFactory(PeriodFactory)
    line = SelfAttribute("period.line")
    action = ServiceOrder.Action.APPLY_PERIOD
    body = LazyFunction(dict)
    next_try_at = datetime(2026, 11, 1, 17, tzinfo=UTC)


class NetworkEventFactory(DjangoModelFactory[NetworkEvent]):
    """News of an order that has completed."""

    class Meta:
        model = NetworkEvent

    event_id = Sequence(lambda n: f"event-{n}")
    service_order = SubFactory(ServiceOrderFactory)
    order_id = SelfAttribute("service_order.public_id")
    said = "completed"
    body = LazyFunction(dict)
    received_at = datetime(2026, 11, 21, 3, tzinfo=UTC)


class NetworkReconciliationFactory(DjangoModelFactory[NetworkReconciliation]):
    """A comparison that looked at the last two days to the end."""

    class Meta:
        model = NetworkReconciliation

    started_at = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
    changed_since = LazyAttribute(lambda run: run.started_at - timedelta(days=2))
    is_complete = True


class NetworkDifferenceFactory(DjangoModelFactory[NetworkDifference]):
    """A line that has another number at the network."""

    class Meta:
        model = NetworkDifference

    line = SubFactory(LineFactory)
    line_ref = SelfAttribute("line.public_id")
    field = NetworkDifference.Field.MSISDN
    ours = SelfAttribute("line.msisdn")
    theirs = "+66800000000"
    found_at = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)


class SimulatedOrderFactory(DjangoModelFactory[SimulatedOrder]):
    """An order the simulated network has completed."""

    class Meta:
        model = SimulatedOrder

    order_id = Faker("uuid4")
    body_hash = "0" * 64
    line_ref = "7KQ2M9XW4D"
    completes_at = datetime(2026, 11, 1, 17, tzinfo=UTC)


class SimulatorFaultFactory(DjangoModelFactory[SimulatorFault]):
    """The simulated network is down for one line, until told otherwise."""

    class Meta:
        model = SimulatorFault

    line_ref = "7KQ2M9XW4D"
    kind = SimulatorFault.Kind.UNAVAILABLE
