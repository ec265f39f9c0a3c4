"""Many renewals through an operator on its worst day: each effective once, or refused with why.

Runs 120 renewals; NETWORK_STORM=1000 runs as many as the goal asks for.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from billing.models import OrderEvent, Renewal
from billing.services.renewals import push_renewal
from messaging.models import Message
from plans.models import NetworkEvent, ServiceOrder
from plans.network.operator_book import Book, Callback, Fault
from plans.network.simulated_operator import SimulatedOperator
from plans.services.network import place_service_order
from portal.sweep import WORK
from tests.billing.factories import OrderFactory, OrderLineFactory, RenewalFactory
from tests.factories import LineFactory, PeriodFactory, PlanVersionFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
RENEWALS = int(os.environ.get("NETWORK_STORM", "120"))
# Sweeps until all must be done, and the steps of the clock between them.
SWEEPS = 200
STEP = timedelta(seconds=30)
SEED = 20_261_121
# Faults that pass, with the most times and seconds that one line sees of each.
PASSING = {
    Fault.DELAY: (1, 900),
    Fault.LOST_ANSWER: (3, 0),
    Fault.SERVER_ERROR: (2, 0),
    Fault.UNAVAILABLE: (3, 120),
    Fault.TOO_MANY: (2, 60),
    Fault.DUPLICATE_CALLBACK: (2, 0),
    Fault.WRONG_SIGNATURE: (1, 0),
}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """One clock for us and the operator, moved by the test only."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def plant(book: Book, renewals: list[Renewal], chance: random.Random) -> dict[str, int]:
    """Give each line its own bad luck; return the lines that are refused for good, with the id of
    the network order of each renewal."""
    refused: dict[str, int] = {}
    for renewal in renewals:
        ref = renewal.line.public_id
        for fault, (times, seconds) in PASSING.items():
            if chance.random() < 0.4:
                often, long = chance.randint(1, times), chance.randint(0, seconds)
                book.fail(fault, line_ref=ref, times=often, seconds=long)
        if chance.random() < 0.1:
            book.fail(Fault.REFUSE, line_ref=ref)
            refused[ref] = renewal.pk
    return refused


def make_renewals() -> list[Renewal]:
    """Renewals that are paid, applied, and due at the network."""
    version = PlanVersionFactory.create()
    made = []
    for number in range(RENEWALS):
        line = LineFactory.create(brand=version.plan.brand, msisdn=f"+6681{number:07}")
        period = PeriodFactory.create(line=line, version=version)
        placed = place_service_order(period=period, now=NOW)
        order = OrderFactory.create(line=line, state="applied", plan=False)
        OrderLineFactory.create(order=order, version=version)
        made.append(RenewalFactory.create(order=order, period=period, service_order=placed))
    return made


def call_back(client: Client, operator: SimulatedOperator, chance: random.Random) -> Counter[int]:
    """Deliver what the operator has to tell, shuffled, a tenth of it not at all."""
    due: list[Callback] = operator.book.due_callbacks()
    chance.shuffle(due)
    statuses: Counter[int] = Counter()
    for callback in due:
        if chance.random() < 0.1:
            continue
        body, headers = operator.signed(callback)
        del headers["Content-Type"]
        answer = client.post(
            "/hooks/network/", body, content_type="application/json", headers=headers
        )
        assert answer.status_code == (400 if callback.is_wrong else 200), json.loads(body)
        statuses[answer.status_code] += 1
    return statuses


def test_each_renewal_is_effective_once_or_refused_with_a_reason(
    clock: time_machine.Traveller, client: Client, book: Book, over_http: SimulatedOperator
) -> None:
    chance = random.Random(SEED)  # noqa: S311 (bad luck that repeats)
    renewals = make_renewals()
    refused = plant(book, renewals, chance)
    due = next(work.due for work in WORK if work.name == "renewals")
    statuses: Counter[int] = Counter()
    for _sweep in range(SWEEPS):
        now = datetime.now(UTC)
        for pk in due(now):
            push_renewal(renewal_id=pk, now=now)
        statuses += call_back(client, over_http, chance)
        if not ServiceOrder.objects.filter(state__in=ServiceOrder.due_states).exists():
            break
        clock.shift(STEP)

    done = Renewal.objects.filter(effective_at__isnull=False)
    assert set(done.values_list("pk", flat=True)) == {one.pk for one in renewals} - set(
        refused.values()
    )
    assert {one.order.state for one in done.select_related("order")} == {"effective"}
    # The operator did each piece of work once, and none that it had refused.
    ids = {str(one.service_order.public_id): one for one in renewals}
    assert {key: book.applied[key] for key in ids} == {
        key: int(one.line.public_id not in refused) for key, one in ids.items()
    }
    # Each story ends once, and each customer hears of it once per channel.
    ends = Counter(OrderEvent.objects.values_list("order_id", "kind"))
    assert ends == Counter(
        (one.order_id, "network_refused" if one.pk in refused.values() else "effective")
        for one in renewals
    )
    told = Counter(Message.objects.values_list("dedupe_key", flat=True))
    assert set(told.values()) == {1}
    assert len(told) == 2 * (len(renewals) - len(refused))
    errors = ServiceOrder.objects.filter(state="refused").values_list("error", flat=True)
    assert list(errors) == ["unknown_line"] * len(refused)
    # The storm was one: faults struck, callbacks came twice, and forged ones were refused.
    assert len(refused) > 0
    assert ServiceOrder.objects.filter(attempts__gt=3).exists()
    assert statuses[400] > 0
    assert statuses[200] > NetworkEvent.objects.count()
