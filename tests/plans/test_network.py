"""A period reaches the network exactly once, whatever goes wrong on the way."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from plans.models import ServiceOrder, SimulatedOrder, SimulatorFault
from plans.network import get_network
from plans.network.port import (
    NetworkAnswer,
    NetworkOrder,
    NetworkUnavailable,
)
from plans.network.simulator import Simulator
from plans.services.network import Outcome, OutcomeState, place_service_order, push_service_order
from plans.services.periods import grant_period
from tests.factories import LineFactory, PlanVersionFactory, SimulatorFaultFactory
from tests.plans.vectors import scenario

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def clock() -> Any:
    """Our clock and the network's stand at NOW; a test moves both."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def order() -> ServiceOrder:
    """A period bought at NOW, not yet told to the network."""
    version = PlanVersionFactory.create(plan__sku="TH-30", allowances={"data": 1024, "voice": None})
    line = LineFactory.create(brand=version.plan.brand, msisdn="+66812345678")
    period = grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    return place_service_order(period=period, now=NOW)


def fault(order: ServiceOrder, kind: str, **fields: Any) -> SimulatorFault:
    """Something that goes wrong for the order's line."""
    return SimulatorFaultFactory.create(line_ref=order.line.public_id, kind=kind, **fields)


def push(order: ServiceOrder) -> Outcome | None:
    """One push at the present time."""
    return push_service_order(service_order_id=order.pk, now=timezone.now())


def sent(order: ServiceOrder) -> NetworkOrder:
    """The order as the network gets it."""
    return NetworkOrder.from_body(order.public_id, order.body)


def test_placed_order_says_everything_the_contract_asks_for(order: ServiceOrder) -> None:
    assert (order.state, order.next_try_at, order.attempts) == ("due", NOW, 0)
    assert order.body == {
        "line_ref": order.line.public_id,
        "msisdn": "+66812345678",
        "iccid": "8966010000000000010",
        "action": "apply_period",
        "plan_sku": "TH-30",
        "plan_version": 1,
        "start_at": "2026-11-20T17:00:00+00:00",
        "end_at": "2026-12-20T17:00:00+00:00",
        "buckets": [
            {
                "code": "data",
                "unit": "bytes",
                "amount": 1024,
                "scope": ["TH"],
                "valid_from": "2026-11-20T17:00:00+00:00",
                "valid_until": "2026-12-20T17:00:00+00:00",
            },
            {
                "code": "voice",
                "unit": "seconds",
                "amount": None,
                "scope": ["TH"],
                "valid_from": "2026-11-20T17:00:00+00:00",
                "valid_until": "2026-12-20T17:00:00+00:00",
            },
        ],
    }
    assert sent(order).body() == order.body
    assert not SimulatedOrder.objects.exists()


def test_placing_again_returns_the_same_order(order: ServiceOrder) -> None:
    assert order.period is not None
    assert place_service_order(period=order.period, now=NOW + timedelta(hours=1)) == order
    order.refresh_from_db()
    assert order.next_try_at == NOW
    assert ServiceOrder.objects.count() == 1


def test_push_completes_and_gives_the_row_back(order: ServiceOrder) -> None:
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW)
    order.refresh_from_db()
    assert (order.state, order.completed_at, order.error) == ("completed", NOW, "")
    assert (order.leased_until, order.next_try_at, order.attempts) == (None, None, 1)


def test_completed_order_answers_without_a_call(order: ServiceOrder, clock: Any) -> None:
    push(order)
    fault(order, "unavailable")
    clock.shift(timedelta(hours=1))
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW)
    order.refresh_from_db()
    assert order.attempts == 1


def test_order_of_another_worker_is_left_alone(order: ServiceOrder) -> None:
    assert ServiceOrder.objects.claim(order.pk, now=NOW)
    assert push(order) is None
    assert not SimulatedOrder.objects.exists()


def test_order_that_is_not_due_is_left_alone(order: ServiceOrder) -> None:
    assert push_service_order(service_order_id=order.pk, now=NOW - timedelta(seconds=1)) is None
    order.refresh_from_db()
    assert order.attempts == 0


def test_slow_network_is_asked_again_until_it_confirms(
    order: ServiceOrder, clock: Any, settings: Any
) -> None:
    settings.SIMULATOR_SECONDS = 2
    assert push(order) == Outcome(OutcomeState.UNDERWAY, at=NOW, retry_in_seconds=1)
    order.refresh_from_db()
    assert (order.state, order.next_try_at) == ("underway", NOW + timedelta(seconds=1))
    clock.shift(1)
    assert push(order) == Outcome(
        OutcomeState.UNDERWAY, at=NOW + timedelta(seconds=1), retry_in_seconds=1
    )
    clock.shift(5)
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW + timedelta(seconds=2))
    assert SimulatedOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (9, 1),
        (10, 5),
        (59, 5),
        (60, 30),
        (600, 120),
        (3600, 600),
        (86_399, 600),
        (86_400, 3600),
        (604_800, 86_400),
    ],
)
def test_older_orders_are_asked_less_often(
    order: ServiceOrder, clock: Any, age: int, pause: int
) -> None:
    fault(order, "delay", seconds=1_000_000)
    clock.shift(age)
    outcome = push(order)
    assert outcome is not None
    assert (outcome.state, outcome.retry_in_seconds) == ("underway", pause)


def test_delay_fault_adds_its_seconds_once(order: ServiceOrder, clock: Any) -> None:
    late = fault(order, "delay", seconds=30, remaining=1)
    outcome = push(order)
    assert outcome is not None
    assert outcome.state == "underway"
    clock.shift(31)
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW + timedelta(seconds=30))
    late.refresh_from_db()
    assert late.remaining == 0


def test_s31_three_lost_answers_apply_the_order_once(order: ServiceOrder, clock: Any) -> None:
    assert scenario("S31")["expected_decision"] == "mark applied once"
    lost = fault(order, "lost_answer", remaining=3)
    pauses = []
    for _ in range(3):
        outcome = push(order)
        assert outcome is not None
        assert (outcome.state, outcome.reason) == ("underway", "answer_lost")
        pauses.append(outcome.retry_in_seconds)
        clock.shift(outcome.retry_in_seconds)
    assert pauses == [5, 10, 20]
    # The work was done at the first try; the fourth only hears of it.
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW)
    assert SimulatedOrder.objects.count() == 1
    order.refresh_from_db()
    assert (order.state, order.completed_at, order.attempts) == ("completed", NOW, 4)
    lost.refresh_from_db()
    assert lost.remaining == 0


def test_unavailable_network_gets_the_order_later(order: ServiceOrder, clock: Any) -> None:
    fault(order, "unavailable", remaining=1)
    assert push(order) == Outcome(
        OutcomeState.UNDERWAY, at=NOW, reason="unavailable", retry_in_seconds=5
    )
    order.refresh_from_db()
    assert (order.state, order.error, order.leased_until) == ("due", "unavailable", None)
    assert not SimulatedOrder.objects.exists()
    clock.shift(5)
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW + timedelta(seconds=5))
    order.refresh_from_db()
    assert order.error == ""


def test_unavailable_network_may_say_when_to_come_back(order: ServiceOrder) -> None:
    fault(order, "unavailable", seconds=120)
    outcome = push(order)
    assert outcome is not None
    assert outcome.retry_in_seconds == 120


def test_refusal_is_final(order: ServiceOrder, clock: Any) -> None:
    fault(order, "refuse", remaining=1)
    assert push(order) == Outcome(OutcomeState.REFUSED, at=NOW, reason="unknown_line")
    order.refresh_from_db()
    assert (order.state, order.error, order.next_try_at) == ("refused", "unknown_line", None)
    assert order.completed_at is None
    clock.shift(3600)
    outcome = push(order)
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("refused", "unknown_line")
    order.refresh_from_db()
    assert order.attempts == 1


def test_refusal_whose_answer_was_lost_is_found_by_asking(order: ServiceOrder, clock: Any) -> None:
    fault(order, "refuse")
    fault(order, "lost_answer", remaining=1)
    push(order)
    clock.shift(5)
    outcome = push(order)
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("refused", "unknown_line")


def test_worker_killed_before_it_sent_is_replaced_after_its_lease(
    order: ServiceOrder, clock: Any, settings: Any
) -> None:
    ServiceOrder.objects.claim(order.pk, now=NOW)
    clock.shift(settings.WORK_LEASE_SECONDS - 1)
    assert push(order) is None
    clock.shift(1)
    outcome = push(order)
    assert outcome is not None
    assert outcome.state == "completed"
    assert SimulatedOrder.objects.count() == 1


def test_worker_killed_after_it_sent_leaves_one_order_with_the_network(
    order: ServiceOrder, clock: Any, settings: Any
) -> None:
    ServiceOrder.objects.claim(order.pk, now=NOW)
    get_network().put(sent(order))
    clock.shift(settings.WORK_LEASE_SECONDS)
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW)
    assert SimulatedOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_pushes_at_once_claim_once() -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand)
    period = grant_period(line=line, version=version, paid_at=NOW, now=NOW)
    placed = place_service_order(period=period, now=NOW)
    gate = threading.Barrier(2)
    outcomes: list[Outcome | None] = []

    def run() -> None:
        gate.wait(timeout=10)
        try:
            outcomes.append(push_service_order(service_order_id=placed.pk, now=NOW))
        finally:
            connection.close()

    _together([run, run])
    # The second finds it claimed, or already completed; it never sends.
    assert Outcome(OutcomeState.COMPLETED, at=NOW) in outcomes
    assert {outcome for outcome in outcomes if outcome} == {Outcome(OutcomeState.COMPLETED, at=NOW)}
    placed.refresh_from_db()
    assert (placed.attempts, placed.state) == (1, "completed")
    assert SimulatedOrder.objects.count() == 1


def _together(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


class SleepyNetwork(Simulator):
    """Sleeps over its first order for a whole lease, and only then says that it is down."""

    def __init__(self, sleep: Callable[[], None]) -> None:
        self.naps = [sleep]

    def put(self, order: NetworkOrder) -> NetworkAnswer:
        if self.naps:
            self.naps.pop()()
            raise NetworkUnavailable
        return super().put(order)


def test_worker_that_slept_through_its_lease_overwrites_nothing(
    order: ServiceOrder, clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken = NOW + timedelta(seconds=settings.WORK_LEASE_SECONDS)
    successor: list[Outcome | None] = []

    def sleep() -> None:
        clock.move_to(woken)
        successor.append(push(order))

    network = SleepyNetwork(sleep)
    monkeypatch.setattr("plans.services.network.get_network", lambda: network)
    assert push(order) is None
    assert successor == [Outcome(OutcomeState.COMPLETED, at=woken)]
    order.refresh_from_db()
    assert (order.state, order.completed_at, order.error) == ("completed", woken, "")
    assert (order.attempts, order.next_try_at) == (2, None)


def test_simulator_fault_of_one_line_leaves_others_alone(order: ServiceOrder) -> None:
    SimulatorFaultFactory.create(line_ref="ANOTHER", kind="unavailable")
    assert push(order) == Outcome(OutcomeState.COMPLETED, at=NOW)
