"""Demo data: five brands; Wang with a healthy line of each, four more customers in other states.

Everything is invented. Orders of the past are made by the real rules, told that the hosted page
was paid at that time; lines and customers are marked as demo, so their messages stay in the
outbox.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from accounts.models import User
from accounts.services.registration import create_known_customer
from billing.models import Order, Payment
from billing.services.checkout import place_order
from billing.services.grants import grant_balance
from billing.services.quotes import quote_renewal
from billing.services.renewals import push_renewal
from billing.services.settlement import settle_as
from billing.stripe_client import IntentSnapshot, SessionSnapshot
from plans.catalogue_file import read_table
from plans.models import Brand, Line, Plan, SimulatedOrder, SimulatorFault
from plans.services.catalogue import import_catalogue
from plans.services.new_lines import note_new_lines
from plans.services.periods import advance_periods, grant_period
from plans.services.reminders import send_reminders
from portal.seed_usage import write_usage

PASSWORD = "xuka-demo-2026"  # noqa: S105 (the published password of the demo)
DATA = Path(__file__).resolve().parent.parent / "plans" / "data"


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """Log-in name, shown name and, for some, the verified number that logs in as well."""

    email: str
    name: str
    phone: str = ""
    is_identity_checked: bool = False


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One line: whose, which number, since when the last plan runs, and its state now."""

    owner: str
    msisdn: str
    iccid: str
    sku: str
    # Days since the last of `purchases` periods began; they lie one behind the other.
    began_days_ago: float
    purchases: int = 1
    balance_minor: int = 0
    # Share of its data that is used by now.
    used: float = 0.5
    state: Line.State = Line.State.ACTIVE
    auto_renew: bool = False
    eid: str = ""
    # Bought the day before yesterday, to run beside the plan.
    pack: str = ""
    # Renewed just now, and the simulated network confirms that only after a day.
    is_hanging: bool = False


CUSTOMERS = (
    DemoCustomer("wang@example.com", "王芳", "+66812345678", is_identity_checked=True),
    DemoCustomer("li@example.com", "李明", "+66823456789", is_identity_checked=True),
    DemoCustomer("chen@example.com", "陈静"),
    DemoCustomer("zhao@example.com", "赵磊"),
    DemoCustomer("sun@example.com", "孙悦"),
)
OPERATOR = "operator@example.com"
EID = "89049032000000000000000000000163"
# Brands that renew only for a customer with a verified number: guide 000.
PHONE_REQUIRED = ("hongka",)

LINES = (
    DemoLine(
        "wang",
        "+66812345678",
        "8966010000000000010",
        "HK-M-30",
        24,
        purchases=3,
        balance_minor=12_000,
        used=0.66,
        pack="HK-DATA-7",
    ),
    # Will run out of data long before its end.
    DemoLine(
        "wang",
        "+66898765432",
        "8966010000000000028",
        "HE-ASIA-30",
        11,
        purchases=3,
        balance_minor=45_000,
        used=0.79,
        eid=EID,
    ),
    DemoLine(
        "wang",
        "+447400123456",
        "8944110000000000016",
        "LK-M-30",
        27,
        purchases=3,
        balance_minor=840,
        used=0.74,
        eid=EID,
    ),
    DemoLine(
        "wang",
        "+12015550123",
        "8901260000000000014",
        "TD-5",
        18,
        purchases=3,
        balance_minor=350,
        used=0.42,
        eid=EID,
    ),
    DemoLine(
        "wang", "+12135550147", "8901260000000000022", "TX-10-30", 28.4, purchases=3, used=0.91
    ),
    DemoLine(
        "li",
        "+66823456789",
        "8966010000000000036",
        "HK-Q-90",
        40,
        balance_minor=150_000,
        used=0.4,
        auto_renew=True,
    ),
    DemoLine(
        "chen",
        "+447400654321",
        "8944110000000000024",
        "LK-S-30",
        36,
        used=0.93,
        state=Line.State.GRACE,
    ),
    DemoLine(
        "zhao",
        "+12125550148",
        "8901260000000000030",
        "TD-8",
        60,
        balance_minor=2_000,
        used=0.97,
        state=Line.State.SUSPENDED,
    ),
    DemoLine(
        "sun", "+13105550199", "8901260000000000048", "TX-10-30", 28.6, used=0.8, is_hanging=True
    ),
)
# Nobody's yet, for whoever wants to add a line to an account; its data is nearly used up, so that
# its plan can be replaced.
FREE_NUMBER, FREE_ICCID = "+66834567890", "8966010000000000044"
FREE_SKU, FREE_SINCE, FREE_USED = "HE-TOUR-15", timedelta(days=9), 0.94
# Every line bought before its last period ended.
BEFORE_END = timedelta(hours=2)
PACK_DAYS_AGO = 2
# Reminders of the last days are found as if the demo had run.
SCANS_AGO = (timedelta(hours=48), timedelta(hours=36), timedelta(hours=24), timedelta(hours=12))


def seed_demo(*, now: datetime) -> None:
    """Write the demo's data once; a second call changes nothing.

    Raises CommandError when a gateway is configured that would reach real people.
    """
    _refuse_real_gateways()
    tables = [
        read_table(name, (DATA / name).read_bytes())
        for name in ("demo-brands.csv", "demo-catalogue.csv")
    ]
    import_catalogue(tables, now=now)
    Brand.objects.update(is_demo=True)
    Brand.objects.filter(slug__in=PHONE_REQUIRED).update(phone_required=True)
    for customer in CUSTOMERS:
        _customer(customer, now=now)
    if not User.objects.filter(email=OPERATOR).exists():
        User.objects.create_superuser(OPERATOR, PASSWORD, name="Operator", is_demo=True)
    wanted = [one for one in LINES if not Line.objects.filter(msisdn=one.msisdn).exists()]
    for line in wanted:
        _line(line, now=now)
    if not Line.objects.filter(msisdn=FREE_NUMBER).exists():
        _line_without_owner(now=now)
    advance_periods(now=now)
    if wanted:
        for ago in SCANS_AGO:
            send_reminders(now=now - ago)


def _refuse_real_gateways() -> None:
    if settings.EMAIL_GATEWAY or settings.SMS_GATEWAY:
        raise CommandError("Demo data is refused: EMAIL_URL or an SMS gateway is configured.")
    if settings.NETWORK != "simulator":
        raise CommandError("Demo data is refused: NETWORK leads to an operator's system.")


def _customer(customer: DemoCustomer, *, now: datetime) -> None:
    if User.objects.filter(email=customer.email).exists():
        return
    user = create_known_customer(
        now=now,
        email=customer.email,
        phone=customer.phone or None,
        password=PASSWORD,
        name=customer.name,
        is_demo=True,
    )
    if customer.is_identity_checked:
        User.objects.filter(pk=user.pk).update(identity_verified_at=now)


def _line(wanted: DemoLine, *, now: datetime) -> None:
    plan = Plan.objects.select_related("brand").get(sku=wanted.sku)
    line = Line.objects.create(
        brand=plan.brand,
        customer=User.objects.get(email=f"{wanted.owner}@example.com"),
        msisdn=wanted.msisdn,
        iccid=wanted.iccid,
        eid=wanted.eid,
        auto_renew=wanted.auto_renew,
        is_demo=True,
    )
    note_new_lines(lines=[line], by="demo", reason="added", now=now)
    _history(line, plan, wanted, now=now)
    if wanted.pack:
        pack = Plan.objects.select_related("brand").get(sku=wanted.pack)
        _renew(line, pack, at=now - timedelta(days=PACK_DAYS_AGO), completes=True)
    if wanted.balance_minor:
        grant_balance(line=line, amount_minor=wanted.balance_minor, key=f"demo:{line.public_id}")
    write_usage(line, used=wanted.used, now=now)
    if wanted.state != Line.State.ACTIVE:
        Line.objects.filter(pk=line.pk).update(state=wanted.state)
    if wanted.is_hanging:
        SimulatorFault.objects.create(
            line_ref=line.public_id, kind=SimulatorFault.Kind.DELAY, seconds=86_400
        )
        _renew(line, plan, at=now - timedelta(minutes=8), completes=False)


def _line_without_owner(*, now: datetime) -> None:
    """A card from a shop: sold with its first period, in nobody's account."""
    plan = Plan.objects.select_related("brand").get(sku=FREE_SKU)
    assert plan.current is not None  # noqa: S101 (imported a moment ago)
    sold_at = now - FREE_SINCE
    with transaction.atomic():
        line = Line.objects.create(
            brand=plan.brand, msisdn=FREE_NUMBER, iccid=FREE_ICCID, eid=EID, is_demo=True
        )
        grant_period(line=line, version=plan.current, paid_at=sold_at, now=sold_at)
    write_usage(line, used=FREE_USED, now=now)


def _history(line: Line, plan: Plan, wanted: DemoLine, *, now: datetime) -> None:
    """Periods one behind the other, each bought shortly before the one in front of it ended."""
    assert plan.current is not None  # noqa: S101 (imported a moment ago)
    before = (wanted.purchases - 1) * plan.current.validity_count
    at = now - timedelta(days=wanted.began_days_ago + before)
    for _purchase in range(wanted.purchases):
        _renew(line, plan, at=at, completes=True)
        last = line.periods.chain().latest("end_at")
        at = last.end_at - BEFORE_END


def _renew(line: Line, plan: Plan, *, at: datetime, completes: bool) -> None:
    """An order of the time `at`, paid by test card on the hosted page, by the real rules."""
    line.refresh_from_db()
    assert plan.current is not None  # noqa: S101 (imported a moment ago)
    currency = plan.brand.currency
    quote = quote_renewal(line=line, version=plan.current, currency=currency, now=at)
    assert line.customer is not None  # noqa: S101 (created with its owner)
    payment = place_order(
        quote,
        method=Payment.Method.CARD,
        customer=line.customer,
        language=line.customer.language,
        return_base=settings.SITE_URL,
        now=at,
    )
    Order.objects.filter(pk=payment.order_id).update(created_at=at)
    paid_at = at + timedelta(seconds=40)
    settle_as(
        payment_id=payment.pk,
        session=_paid_session(payment, at=paid_at),
        now=paid_at + timedelta(seconds=2),
    )
    if completes:
        _confirm(payment.order, at=paid_at)


def _confirm(order: Order, *, at: datetime) -> None:
    """Let the simulated network take the renewal and confirm it at the time of the story."""
    renewal = order.renewal
    push_renewal(renewal_id=renewal.pk, now=at + timedelta(seconds=3))
    SimulatedOrder.objects.filter(order_id=renewal.service_order.public_id).update(
        completes_at=at + timedelta(seconds=5)
    )
    push_renewal(renewal_id=renewal.pk, now=at + timedelta(minutes=1))


def _paid_session(payment: Payment, *, at: datetime) -> SessionSnapshot:
    """What the hosted page of a demo order of the past would have told."""
    return SessionSnapshot(
        session_id=f"cs_test_demo_{payment.public_id.hex}",
        url="",
        status="complete",
        payment_status="paid",
        mode="payment",
        currency=payment.currency,
        amount_total=payment.amount_minor,
        is_live=False,
        order_number=payment.order.number,
        payment_id=str(payment.public_id),
        is_presented_in_other_currency=False,
        intent=IntentSnapshot(
            intent_id=f"pi_demo_{payment.public_id.hex}",
            status="succeeded",
            currency=payment.currency,
            amount_received=payment.amount_minor,
            succeeded_at=at,
            card_brand="visa",
            card_last4="4242",
        ),
    )
