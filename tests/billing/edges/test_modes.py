"""Renewals that lie in other ways than behind the plan, where it hurts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from billing.models import Order
from billing.sandbox.server import SandboxServer
from billing.services.books import check_invariants
from billing.services.quotes import quote_renewal
from billing.services.renewals import push_renewal
from billing.services.settlement import settle_payment
from messaging.models import Message
from plans.chain import Agreed, next_period
from plans.models import Bucket, Line, Period, Plan, PlanVersion
from plans.renewability import why_no_renewal
from plans.services.periods import grant_period
from tests.billing.conftest import NOW
from tests.factories import (
    GIGABYTE,
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
)

Clock = time_machine.Traveller
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
OLD_END = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def version(db: None) -> PlanVersion:
    """A plan of 30 days that replaces what runs."""
    return PlanVersionFactory.create(early_renewal="replace")


@pytest.fixture
def line(version: PlanVersion) -> Line:
    """A line with five days and 1 of 20 GB left."""
    line = LineFactory.create(brand=version.plan.brand, valid_until=OLD_END)
    period = PeriodFactory.create(
        line=line, version=version, start_at=OLD_END - 30 * DAY, end_at=OLD_END
    )
    BucketFactory.create(period=period, used=19 * GIGABYTE)
    return line


def pack_for(line: Line, **fields: object) -> PlanVersion:
    plan = PlanFactory.create(brand=line.brand, kind=Plan.Kind.DATA_PACK)
    return PlanVersionFactory.create(
        plan=plan, **{"early_renewal": "parallel", "validity_count": 1, **fields}
    )


def spans(line: Line) -> list[tuple[datetime, datetime]]:
    return list(line.periods.order_by("sequence").values_list("start_at", "end_at"))


def paid(sandbox: SandboxServer, order: Order, *, settled_at: datetime | None = None) -> Order:
    payment = order.payments.get()
    sandbox.pay(payment.stripe_session_id or "")
    settle_payment(payment_id=payment.pk, now=settled_at or datetime.now(UTC))
    order.refresh_from_db()
    return order


def test_many_packs_do_not_hide_the_plan_they_run_beside(line: Line) -> None:
    year = PlanVersionFactory.create(
        plan__brand=line.brand, plan__kind="year", validity_count=1, validity_unit="year"
    )
    pack, addon = pack_for(line), pack_for(line)
    Plan.objects.filter(pk=addon.plan_id).update(kind="addon")
    addon.plan.refresh_from_db()
    bought = grant_period(line=line, version=year, paid_at=NOW, now=NOW)
    days = [NOW + day * DAY for day in range(70)]
    for now in days:
        grant_period(line=line, version=pack, paid_at=now, now=now)

    assert why_no_renewal(line=line, version=addon, now=days[-1]) is None
    again = grant_period(line=line, version=year, paid_at=days[-1], now=days[-1])

    assert again.start_at == bought.end_at
    assert check_invariants() == []


def test_a_replacement_applied_after_the_end_of_what_it_replaces_gets_its_whole_time(
    version: PlanVersion, line: Line
) -> None:
    old = line.periods.get()
    applied_at = OLD_END + 3 * DAY

    period = grant_period(
        line=line,
        version=version,
        paid_at=NOW,
        now=applied_at,
        agreed=Agreed("replace", old.pk),
    )

    assert spans(line)[0] == (OLD_END - 30 * DAY, OLD_END)
    assert (period.start_at, period.has_delay_credit) == (applied_at, True)
    assert period.end_at - applied_at >= 30 * DAY


def test_consent_to_lose_one_period_is_none_for_another(
    clock: Clock,
    client: Client,
    sandbox: SandboxServer,
    line: Line,
    order_for: Callable[..., Order],
    version: PlanVersion,
) -> None:
    assert line.customer is not None
    client.force_login(line.customer)
    client.cookies["django_language"] = "en"
    address = f"/lines/{line.public_id}/renew/"
    chosen = {"plan": version.plan.sku, "pay": "card:THB"}
    page = client.get(address, chosen)
    assert page.context["quote"].loses.days_lost == 5
    read = {**chosen, "seen": page.context["seen"], "agree": "on"}
    paid(sandbox, order_for(line, may_replace=True))
    running = line.periods.latest("sequence")
    Bucket.objects.filter(period=running, kind="data").update(used=20 * GIGABYTE)
    clock.shift(timedelta(minutes=1))

    answer = client.post(address, read)

    assert answer.status_code == 200
    assert "Price or date has changed" in answer.content.decode()
    assert Order.objects.count() == 1
    running.refresh_from_db()
    assert running.end_at == MIDNIGHT + 30 * DAY


def test_who_agreed_to_replace_and_got_a_place_behind_is_not_told_of_a_loss(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    order = order_for(line, may_replace=True)
    # The operator corrects the use before the money comes.
    Bucket.objects.update(used=0)

    paid(sandbox, order)
    push_renewal(renewal_id=order.renewal.pk, now=datetime.now(UTC))

    assert order.renewal.period.start_at == OLD_END
    told = Message.objects.filter(template="renewal_effective")
    assert {(message.context["lies"], message.context["queued"]) for message in told} == {
        ("", True)
    }


def test_limit_of_no_pack_at_all_is_an_answer(line: Line) -> None:
    pack = pack_for(line, max_queued=0)

    assert why_no_renewal(line=line, version=pack, now=NOW) is None


def test_a_period_behind_one_that_ended_early_counts_from_its_own_start(
    version: PlanVersion, line: Line
) -> None:
    old = line.periods.get()
    new = grant_period(
        line=line, version=version, paid_at=NOW, now=NOW, agreed=Agreed("replace", old.pk)
    )
    Period.objects.filter(pk=new.pk).update(state="cancelled")

    place = next_period(line=line, version=version, paid_at=NOW)

    assert (place.start_at, place.end_at) == (MIDNIGHT, MIDNIGHT + 30 * DAY)


def test_box_says_that_everything_in_the_running_period_ends(
    clock: Clock, client: Client, line: Line, version: PlanVersion
) -> None:
    assert line.customer is not None
    client.force_login(line.customer)
    client.cookies["django_language"] = "en"
    BucketFactory.create(period=line.periods.get(), kind="voice", granted=3_600)

    page = client.get(
        f"/lines/{line.public_id}/renew/", {"plan": version.plan.sku, "pay": "card:THB"}
    )

    assert page.context["quote"].loses
    assert "with everything that is left in it" in page.content.decode()


def test_quote_and_period_agree_on_a_line_with_many_packs(
    clock: Clock, sandbox: SandboxServer, line: Line, order_for: Callable[..., Order]
) -> None:
    for number in range(2, 70):
        start_at = NOW - timedelta(hours=number)
        PeriodFactory.create(
            line=line,
            version=pack_for(line),
            sequence=number,
            start_at=start_at,
            end_at=start_at + timedelta(minutes=30),
            is_parallel=True,
            state="ended",
        )
    plan = PlanVersionFactory.create(plan__brand=line.brand)
    quote = quote_renewal(line=line, version=plan, currency="THB", now=NOW)
    order = paid(sandbox, order_for(line, version=plan))

    assert quote.starts_at == OLD_END == order.renewal.period.start_at
