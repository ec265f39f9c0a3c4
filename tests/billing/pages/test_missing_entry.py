"""The three causes of a missing renewal entry: seen with their way out, refused, gone again.

Money under way is never held back by any of them.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.contact import verify_phone
from billing.models import Order
from billing.sandbox.server import SandboxServer
from billing.services.settlement import settle_payment
from plans.models import Brand, Line, Period, PlanVersion
from tests.accounts.conftest import last_code
from tests.accounts.factories import PASSWORD
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.billing.pages.test_line_pages import renew_hook

pytestmark = pytest.mark.django_db

# What makes a cause, its words, and the way out that stands beside it.
CAUSES = {
    "phone": ("Your phone number is not bound.", "Bind it by a code; then you can renew."),
    "identity": (
        "Your identity has not been verified.",
        "This plan needs an identity check. Customer service helps you with it.",
    ),
    "maintenance": (
        "The system is under maintenance.",
        "Renewals open again on 21 Nov 11:00.",
    ),
}


def bring_about(cause: str) -> None:
    """Make the cause true for every line there is."""
    if cause == "phone":
        Brand.objects.update(phone_required=True)
    elif cause == "identity":
        PlanVersion.objects.update(identity_required=True)
    else:
        hour = timedelta(hours=1)
        Brand.objects.update(maintenance_from_at=NOW - hour, maintenance_until_at=NOW + hour)


def remove(cause: str, customer: User, clock: time_machine.Traveller) -> None:
    """What removes the cause: the customer, customer service, or time."""
    if cause == "phone":
        verify_phone(user=customer, phone="+66899990000", now=timezone.now())
    elif cause == "identity":
        User.objects.filter(pk=customer.pk).update(identity_verified_at=timezone.now())
    else:
        clock.shift(timedelta(hours=1))


@pytest.fixture
def choice(version: PlanVersion) -> dict[str, str]:
    """The plan by card in baht."""
    return {"plan": version.plan.sku, "pay": "card:THB"}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_dashboard_stays_readable_and_says_why_beside_the_button(
    own: Client, line: Line, period: Period, cause: str
) -> None:
    bring_about(cause)
    text = read(own, f"/lines/{line.public_id}/")
    assert "disabled" in renew_hook(text)
    for words in CAUSES[cause]:
        assert words in text
    assert "6.8 GB" in text
    assert 'data-testid="line-expiry"' in text


@pytest.mark.parametrize(
    ("cause", "fix"),
    [
        ("phone", '<a href="/accounts/phone/change/">Bind a phone number</a>'),
        ("identity", '<a href="/b/{slug}/">Contact customer service</a>'),
    ],
)
def test_the_way_out_is_one_tap_away(own: Client, line: Line, cause: str, fix: str) -> None:
    bring_about(cause)
    for url in (f"/lines/{line.public_id}/", f"/lines/{line.public_id}/renew/"):
        assert fix.format(slug=line.brand.slug) in read(own, url)


@pytest.mark.parametrize("cause", ["phone", "maintenance"])
def test_what_holds_for_the_whole_line_is_said_on_its_card(
    own: Client, line: Line, cause: str
) -> None:
    bring_about(cause)
    text = read(own, "/lines/")
    assert "disabled" in renew_hook(text)
    assert CAUSES[cause][0] in text


@pytest.mark.parametrize("cause", CAUSES)
def test_an_order_made_by_hand_is_refused_with_the_same_words(
    own: Client, line: Line, choice: dict[str, str], sandbox: SandboxServer, cause: str
) -> None:
    bring_about(cause)
    answer = own.post(f"/lines/{line.public_id}/renew/", choice)
    assert answer.status_code == 409
    for words in CAUSES[cause]:
        assert words in answer.content.decode()
    assert Order.objects.count() == 0
    assert sandbox.requests == []


@pytest.mark.parametrize("cause", CAUSES)
def test_without_the_cause_the_same_button_and_the_same_order_work(
    own: Client,
    line: Line,
    customer: User,
    choice: dict[str, str],
    sandbox: SandboxServer,
    clock: time_machine.Traveller,
    cause: str,
) -> None:
    bring_about(cause)
    remove(cause, customer, clock)
    text = read(own, f"/lines/{line.public_id}/")
    assert "disabled" not in renew_hook(text)
    assert CAUSES[cause][0] not in text
    assert own.post(f"/lines/{line.public_id}/renew/", choice).status_code == 303
    assert Order.objects.count() == 1


@pytest.mark.parametrize("cause", CAUSES)
def test_money_under_way_becomes_service_all_the_same(
    clock: time_machine.Traveller,
    line: Line,
    order_for: Callable[..., Order],
    sandbox: SandboxServer,
    cause: str,
) -> None:
    order = order_for(line)
    payment = order.payments.get()
    bring_about(cause)
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=timezone.now())
    order.refresh_from_db()
    assert order.state == Order.State.APPLIED
    assert Period.objects.filter(line=line).count() == 1


def test_binding_a_number_by_code_leads_back_to_the_lines(
    client: Client, customer: User, line: Line, clock: time_machine.Traveller
) -> None:
    """By hand, step by step: from the disabled button to the working one."""
    bring_about("phone")
    client.cookies["django_language"] = "en"
    client.post("/accounts/login/", {"login": customer.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/?next=/accounts/phone/change/", {"password": PASSWORD})
    page = client.post("/accounts/phone/change/", {"phone": "+66899990000"})
    assert page.headers["Location"] == "/accounts/phone/verify/"
    page = client.post("/accounts/phone/verify/", {"code": last_code("+66899990000")})
    assert page.headers["Location"] == "/accounts/phone/change/"
    text = client.get("/accounts/phone/change/").content.decode()
    assert '<a class="btn btn--line btn--wide" href="/lines/">Back to my lines</a>' in text
    assert "disabled" not in renew_hook(read(client, "/lines/"))
