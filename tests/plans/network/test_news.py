"""A callback that comes while we ask is not lost, and the simulator's own calls come twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from plans.models import NetworkEvent, ServiceOrder, SimulatedOrder
from plans.network.port import NetworkAnswer, NetworkOrder
from plans.network.simulator import Simulator
from plans.services.network import Outcome, OutcomeState, place_service_order, push_service_order
from plans.services.network_events import NetworkNews, store_network_event
from tests.factories import PeriodFactory, SimulatorFaultFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Our clock and the network's stand at NOW."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def order() -> ServiceOrder:
    """An order that is due at NOW."""
    return place_service_order(period=PeriodFactory.create(), now=NOW)


class TalkativeNetwork(Simulator):
    """Calls back before its answer is stored by us, as a fast network does."""

    def put(self, order: NetworkOrder) -> NetworkAnswer:
        answer = super().put(order)
        news = NetworkNews(str(uuid4()), order.order_id, "completed", {})
        store_network_event(news, now=NOW + timedelta(milliseconds=20))
        return answer


def test_news_that_comes_while_we_ask_makes_the_order_due_again(
    order: ServiceOrder, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SIMULATOR_SECONDS = 2
    monkeypatch.setattr("plans.services.network.get_network", TalkativeNetwork)

    outcome = push_service_order(service_order_id=order.pk, now=NOW)

    assert outcome == Outcome(OutcomeState.UNDERWAY, at=NOW, retry_in_seconds=0)
    order.refresh_from_db()
    assert (order.state, order.next_try_at) == ("underway", NOW)


def test_old_news_does_not_hurry_us(order: ServiceOrder, settings: Any) -> None:
    settings.SIMULATOR_SECONDS = 60
    news = NetworkNews("ev-1", order.public_id, "acknowledged", {})
    store_network_event(news, now=NOW - timedelta(seconds=1))

    outcome = push_service_order(service_order_id=order.pk, now=NOW)

    assert outcome == Outcome(OutcomeState.UNDERWAY, at=NOW, retry_in_seconds=1)


def test_the_simulator_calls_back_twice_by_a_fault_and_nothing_is_done_twice(
    order: ServiceOrder,
) -> None:
    SimulatorFaultFactory.create(
        line_ref=order.line.public_id, kind="duplicate_callback", remaining=1
    )

    assert push_service_order(service_order_id=order.pk, now=NOW) == Outcome(
        OutcomeState.COMPLETED, at=NOW
    )

    stored = NetworkEvent.objects.get()
    assert (stored.service_order, stored.said) == (order, "completed")
    assert SimulatedOrder.objects.count() == 1
