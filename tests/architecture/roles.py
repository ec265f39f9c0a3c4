"""Who gets what at each address: the table that every new route must join.

Four visitors come to each: nobody is logged in (`anonymous`), a customer who owns nothing here
(`stranger`), the customer whose objects stand in the address (`owner`), and an operator who owns
nothing here either (`staff`). The console is not in this table: its rule is one for all pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from accounts.models import User
from billing.models import Order
from messaging.models import Message
from plans.models import Line, Period, PlanVersion
from plans.renewal_links import renewal_token
from tests.billing.factories import PaymentFactory, RenewalFactory
from tests.factories import (
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanVersionFactory,
    UserFactory,
)
from tests.messaging.factories import MessageFactory

# Sent away to log in.
LOGIN = "log in"


@dataclass(frozen=True, slots=True)
class World:
    """One customer with everything a customer can own, and who comes to look at it."""

    owner: User
    stranger: User
    staff: User
    line: Line
    version: PlanVersion
    period: Period
    order: Order
    message: Message


def make_world() -> World:
    """A line of ten days that is running, and the order that renewed it, as the demo has them."""
    now = datetime.now(UTC)
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand, valid_until=now + timedelta(days=10))
    assert line.customer is not None
    period = PeriodFactory.create(line=line, version=version, start_at=now - timedelta(days=20))
    BucketFactory.create(period=period, measured_at=now)
    order = PaymentFactory.create(state="paid", order__line=line, order__state="effective").order
    RenewalFactory.create(order=order, period=period, effective_at=order.effective_at)
    return World(
        owner=line.customer,
        stranger=UserFactory.create(),
        staff=UserFactory.create(is_staff=True, is_superuser=True),
        line=line,
        version=version,
        period=period,
        order=order,
        message=MessageFactory.create(),
    )


type Answer = int | str
type Arguments = Callable[[World], dict[str, object]]


def nothing(_world: World) -> dict[str, object]:
    """The address names no object."""
    return {}


def a_line(world: World) -> dict[str, object]:
    """The address names the owner's line."""
    return {"public_id": world.line.public_id}


def an_order(world: World) -> dict[str, object]:
    """The address names the owner's order, which is paid and in force."""
    return {"number": world.order.number}


def a_plan(world: World) -> dict[str, object]:
    """The address names a plan on sale."""
    return {"sku": world.version.plan.sku}


def a_brand(world: World) -> dict[str, object]:
    """The address names a brand."""
    return {"slug": world.line.brand.slug}


def a_link(world: World) -> dict[str, object]:
    """The address bears the signature of the owner's renewal link."""
    return {"token": renewal_token(world.period)}


def a_link_with_tail(world: World) -> dict[str, object]:
    """The same with words behind it that are none of a text."""
    return {**a_link(world), "tail": "x"}


def a_message(world: World) -> dict[str, object]:
    """The address names a message of the outbox."""
    return {"public_id": world.message.public_id}


@dataclass(frozen=True, slots=True)
class Access:
    """What each visitor gets: a status, or LOGIN."""

    anonymous: Answer
    stranger: Answer
    owner: Answer
    staff: Answer
    arguments: Arguments = nothing
    # An address that only takes forms is tried with one; the others are read.
    method: str = "get"
    form: Mapping[str, str] = field(default_factory=dict)


def everyone(status: int, arguments: Arguments = nothing, method: str = "get") -> Access:
    """The same for all: a public page, or one that this installation does not have."""
    return Access(status, status, status, status, arguments, method)


def customers(status: int, method: str = "get") -> Access:
    """A page of whoever is logged in; it shows each visitor's own."""
    return Access(LOGIN, status, status, status, method=method)


def visitors(status: int) -> Access:
    """A page for who is not logged in; others are sent on to their lines."""
    return Access(status, 302, 302, 302)


def owned(status: int, arguments: Arguments, method: str = "get", **form: str) -> Access:
    """An object of the owner; to others, operators too, it does not exist."""
    return Access(LOGIN, 404, status, 404, arguments, method, form)


TABLE: dict[str, Access] = {
    "portal:home": everyone(200),
    "portal:theme": everyone(303, method="post"),
    "portal:robots": everyone(200),
    "portal:manifest": everyone(200),
    "plans:catalogue": everyone(200),
    "plans:compare": everyone(200),
    "plans:plan": everyone(200, a_plan),
    "plans:brand": everyone(200, a_brand),
    "billing:lines": customers(200),
    "billing:line": owned(200, a_line),
    "billing:usage": owned(200, a_line),
    "billing:line-reminders": owned(303, a_line, "post", channel="email", position="off"),
    "billing:renew": owned(200, a_line),
    "plans:line-add": customers(200),
    # Without a number asked for before, the way back to the first step.
    "plans:line-add-code": customers(303),
    "billing:orders": customers(200),
    "billing:orders-export": customers(200),
    "billing:order": owned(200, an_order),
    "billing:order-state": owned(200, an_order),
    "billing:return": owned(303, an_order),
    "billing:order-pay": owned(303, an_order, "post"),
    "billing:order-cancel": owned(303, an_order, "post"),
    # Whoever has the link may pay; it knows no name.
    "billing:renewal-link": everyone(200, a_link),
    "billing:renewal-link-state": everyone(303, a_link),
    "billing:renewal-link-tail": everyone(404, a_link_with_tail),
    "billing:renewal-link-return": everyone(303, a_link),
    # Not signed: refused, whoever sends it.
    "billing:stripe-webhook": everyone(400, method="post"),
    "billing:network-webhook": everyone(400, method="post"),
    "plans:usage-hook": everyone(400, method="post"),
    "healthz": everyone(200),
    "readyz": everyone(200),
    # 404 but in a local test installation.
    "portal:styleguide": everyone(404),
    "messaging:outbox": everyone(404),
    "messaging:outbox-message": everyone(404, a_message),
    "messaging:outbox-html": everyone(404, a_message),
    # Sign-in and account, by allauth. A code that is asked for belongs to the session, a link
    # to its key: without them there is only a page that says so, or the way back.
    "set_language": everyone(302, method="post"),
    "account_login": visitors(200),
    "account_signup": visitors(200),
    "account_logout": Access(302, 200, 200, 200),
    "account_inactive": everyone(200),
    "account_reauthenticate": customers(200),
    "account_email": customers(200),
    "account_email_verification_sent": everyone(200),
    "account_confirm_email": everyone(200),
    "account_confirm_login_code": everyone(302),
    "account_change_phone": customers(200),
    "account_verify_phone": everyone(302),
    "account_change_password": customers(200),
    # Who has a password is sent on to where it is changed.
    "account_set_password": customers(302),
    "account_reset_password": everyone(200),
    "account_reset_password_done": everyone(200),
    "account_reset_password_from_key": everyone(200),
    "account_reset_password_from_key_done": everyone(200),
}
