"""Portal and operator over real sockets in both directions: order out, callback in, effective."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytest_django.live_server_helper import LiveServer

from billing.models import Renewal
from billing.services.renewals import push_renewal
from plans.models import NetworkEvent
from plans.network.operator_book import Book, Fault
from plans.network.simulated_operator import SimulatedOperator
from plans.services.network import place_service_order
from tests.billing.factories import OrderFactory, RenewalFactory
from tests.factories import PeriodFactory

# Longest wait for something that normally takes a moment.
PATIENCE = 20


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_callback_ends_the_waiting_and_its_copy_changes_nothing(
    live_server: LiveServer, book: Book, over_http: SimulatedOperator
) -> None:
    now = datetime.now(UTC)
    order = OrderFactory.create(state="applied", applied_at=now, paid_at=now)
    period = PeriodFactory.create(line=order.line)
    placed = place_service_order(period=period, now=now)
    renewal = RenewalFactory.create(
        order=order, period=period, service_order=placed, applied_at=now
    )
    book.fail(Fault.DELAY, seconds=1)
    book.fail(Fault.DUPLICATE_CALLBACK, times=2)
    over_http.callback_url = f"{live_server.url}/hooks/network/"

    push_renewal(renewal_id=renewal.pk, now=datetime.now(UTC))
    assert Renewal.objects.get().effective_at is None
    wait_until(lambda: NetworkEvent.objects.filter(said="completed").exists())
    push_renewal(renewal_id=renewal.pk, now=datetime.now(UTC))

    assert Renewal.objects.get().effective_at is not None
    assert sorted(NetworkEvent.objects.values_list("said", flat=True)) == [
        "completed",
        "inProgress",
    ]
    assert book.applied == {str(placed.public_id): 1}
