"""The simulated network keeps the contract, and fails as it is told to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine

from plans.models import SimulatedOrder
from plans.network import get_network
from plans.network.port import (
    AnswerLost,
    AnswerState,
    NetworkAnswer,
    NetworkOrder,
    NetworkRefused,
    NetworkUnavailable,
)
from tests.factories import SimulatorFaultFactory

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock() -> Iterator[None]:
    """The network's clock stands at NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def order() -> NetworkOrder:
    """An order for the line that the faults of the factory are for."""
    return NetworkOrder(
        order_id=UUID("7f1c2c1e-6f0f-4bb1-9a45-0d3a3f6c2d10"),
        line_ref="7KQ2M9XW4D",
        msisdn="+66812345678",
        iccid="8966010000000000010",
        action="apply_period",
        plan_sku="TH-30",
        plan_version=1,
        start_at=NOW,
        end_at=datetime(2026, 12, 21, 5, 0, tzinfo=UTC),
        buckets=(),
    )


def test_simulator_gives_the_same_answer_to_the_same_order(order: NetworkOrder) -> None:
    network = get_network()
    first = network.put(order)
    assert first == NetworkAnswer(AnswerState.COMPLETED, completed_at=NOW)
    assert network.put(order) == first
    assert network.get(order.order_id) == first
    assert SimulatedOrder.objects.count() == 1


def test_simulator_refuses_the_same_id_with_another_body(order: NetworkOrder) -> None:
    network = get_network()
    network.put(order)
    other = replace(order, msisdn="+66812345679")
    with pytest.raises(NetworkRefused) as refused:
        network.put(other)
    assert refused.value.code == "conflict"
    assert network.get(order.order_id) == NetworkAnswer(AnswerState.COMPLETED, completed_at=NOW)


def test_simulator_knows_nothing_of_an_order_it_never_got(order: NetworkOrder) -> None:
    assert get_network().get(order.order_id) is None


def test_simulator_counts_a_fault_down_to_nothing(order: NetworkOrder) -> None:
    network = get_network()
    down = SimulatorFaultFactory.create(kind="unavailable", remaining=2)
    for left in (1, 0):
        with pytest.raises(NetworkUnavailable):
            network.put(order)
        down.refresh_from_db()
        assert down.remaining == left
    assert network.put(order).state == AnswerState.COMPLETED


def test_simulator_fault_without_a_count_stays(order: NetworkOrder) -> None:
    SimulatorFaultFactory.create(kind="lost_answer")
    for _ in range(3):
        with pytest.raises(AnswerLost):
            get_network().put(order)
    assert SimulatedOrder.objects.count() == 1
