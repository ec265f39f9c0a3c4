"""A shop to measure in: catalogue, customers with lines, and orders whose money has arrived."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from django.db import transaction

from accounts.models import User
from accounts.services.registration import create_known_customer
from billing.models import Order, OrderEvent, OrderLine, Payment
from billing.services.quotes import quote_renewal
from billing.services.renewals import mark_effective
from billing.services.settlement import settle_as
from billing.stripe_client import IntentSnapshot, SessionSnapshot
from plans.catalogue_file import read_table
from plans.models import Bucket, Line, Plan, PlanVersion
from plans.services.catalogue import import_catalogue
from portal.seed import DATA

# The plan that everybody here buys: 30 calendar days with data, minutes and texts.
SKU = "HK-M-30"
DAYS = timedelta(days=30)
# Days since the running period was bought, and purchases of the line whose dashboard is read.
BOUGHT_AGO = timedelta(days=24)
PURCHASES = 4
ATTEMPT = timedelta(minutes=35)
_numbers: Iterator[int] = count(1)


def open_shop(*, now: datetime) -> PlanVersion:
    """Import the demo's brands and plans; returns the version that everybody here buys."""
    names = ("demo-brands.csv", "demo-catalogue.csv")
    import_catalogue([read_table(name, (DATA / name).read_bytes()) for name in names], now=now)
    version = Plan.objects.get(sku=SKU).current
    assert version is not None
    return PlanVersion.objects.select_related("plan__brand").get(pk=version.pk)


def customer_with_lines(lines: int, *, version: PlanVersion, now: datetime) -> tuple[User, Line]:
    """A customer with so many lines, a third of each allowance left, and the one to look at.

    That one was renewed often enough to fill every list of its page.
    """
    with transaction.atomic():
        customer = _customer(now=now)
        line = _line(customer, version)
        for number in reversed(range(PURCHASES)):
            buy(line, version, at=now - BOUGHT_AGO - number * DAYS, is_effective=True)
        for _ in range(lines - 1):
            buy(_line(customer, version), version, at=now - BOUGHT_AGO)
        for bucket in Bucket.objects.filter(period__line__customer=customer):
            bucket.used = bucket.granted * 2 // 3
            bucket.measured_at = now - timedelta(minutes=2)
            bucket.save(update_fields=["used", "measured_at"])
    line.refresh_from_db()
    return customer, line


def payments_about_to_arrive(
    number: int, *, version: PlanVersion, now: datetime
) -> list[tuple[Payment, SessionSnapshot]]:
    """Renewals ordered a minute ago, each on a running line of its own, and what Stripe says
    now that their hosted pages have been paid."""
    with transaction.atomic():
        customer = _customer(now=now)
        found = []
        for _ in range(number):
            line = _line(customer, version)
            buy(line, version, at=now - BOUGHT_AGO)
            payment = _order(line, version, at=now - timedelta(minutes=1))
            found.append((payment, _paid_session(payment, at=now)))
    return found


def buy(line: Line, version: PlanVersion, *, at: datetime, is_effective: bool = False) -> None:
    """One renewal of the past, from order to period, by the product's own rules."""
    line.refresh_from_db()
    payment = _order(line, version, at=at)
    settle_as(payment_id=payment.pk, session=_paid_session(payment, at=at), now=at)
    if is_effective:
        mark_effective(renewal_id=payment.order.renewal.pk, at=at, now=at)


def _customer(*, now: datetime) -> User:
    email = f"customer{next(_numbers)}@example.com"
    customer = create_known_customer(now=now, email=email, name="王芳", is_demo=True)
    customer.identity_verified_at = now
    customer.save(update_fields=["identity_verified_at"])
    return customer


def _line(customer: User, version: PlanVersion) -> Line:
    number = next(_numbers)
    return Line.objects.create(
        brand=version.plan.brand,
        customer=customer,
        msisdn=f"+668{number:08}",
        iccid=f"89660100{number:011}",
        is_demo=True,
    )


def _order(line: Line, version: PlanVersion, *, at: datetime) -> Payment:
    """What the checkout leaves behind before the customer is sent to Stripe."""
    currency = version.plan.brand.currency
    quote = quote_renewal(line=line, version=version, currency=currency, now=at)
    assert line.customer is not None
    order = Order.objects.create(
        customer=line.customer,
        line=line,
        currency=currency,
        total_minor=quote.total_minor,
        promised_start_at=quote.starts_at,
        promised_end_at=quote.ends_at,
        language=line.customer.language,
        expires_at=at + ATTEMPT,
    )
    Order.objects.filter(pk=order.pk).update(created_at=at)
    for item in quote.items:
        OrderLine.objects.create(
            order=order,
            kind=item.kind,
            version=version,
            amount_minor=item.amount_minor,
            tax_minor=item.tax_minor,
        )
    OrderEvent.objects.create(order=order, kind=OrderEvent.Kind.ORDERED, at=at, by="customer")
    return Payment.objects.create(
        order=order,
        method=Payment.Method.CARD,
        state=Payment.State.PENDING,
        currency=currency,
        amount_minor=order.total_minor,
        return_base="https://portal.example.com",
        expires_at=order.expires_at,
        stripe_session_id=f"cs_test_{order.number}",
    )


def _paid_session(payment: Payment, *, at: datetime) -> SessionSnapshot:
    return SessionSnapshot(
        session_id=payment.stripe_session_id or "",
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
            intent_id=f"pi_{payment.order.number}",
            status="succeeded",
            currency=payment.currency,
            amount_received=payment.amount_minor,
            succeeded_at=at,
            card_brand="visa",
            card_last4="4242",
        ),
    )
