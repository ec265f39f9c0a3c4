"""What the network holds otherwise than we do becomes a row, and goes when both are equal."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from plans.models import Line, NetworkDifference, NetworkReconciliation, Period, ServiceOrder
from plans.network.operator_book import Book
from plans.network.port import NetworkLine
from plans.network.simulated_operator import SimulatedOperator
from plans.network.simulator import Simulator
from plans.services.network import place_service_order, push_service_order
from plans.services.network_differences import reconcile_network
from plans.tasks import reconcile_network as nightly
from tests.factories import LineFactory, PeriodFactory, PlanVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
# When the comparison runs: what was confirmed at NOW has settled by then.
NIGHT = NOW + timedelta(hours=16)
END = datetime(2026, 12, 1, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Our clock and the network's."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def confirmed(clock: time_machine.Traveller) -> Callable[..., Line]:
    """Make a line whose period the network confirmed at NOW; the clock then stands at NIGHT."""
    version = PlanVersionFactory.create()

    def make(msisdn: str = "+66812345678") -> Line:
        clock.move_to(NOW)
        line = LineFactory.create(brand=version.plan.brand, msisdn=msisdn)
        period = PeriodFactory.create(line=line, version=version)
        placed = place_service_order(period=period, now=NOW)
        push_service_order(service_order_id=placed.pk, now=NOW)
        clock.move_to(NIGHT)
        return line

    return make


def rows(state: str = "open") -> list[tuple[str, str, str, str]]:
    found = NetworkDifference.objects.filter(state=state).order_by("line_ref", "field")
    return [(row.line_ref, row.field, row.ours, row.theirs) for row in found]


def says(monkeypatch: pytest.MonkeyPatch, *lines: NetworkLine) -> None:
    """Let the network hold exactly these lines."""

    class Saying(Simulator):
        def changed_lines(self, since: datetime) -> Iterator[NetworkLine]:
            assert since.tzinfo
            yield from lines

        def line(self, line_ref: str) -> NetworkLine | None:
            return next((line for line in lines if line.line_ref == line_ref), None)

    monkeypatch.setattr("plans.services.network_differences.get_network", Saying)


def test_equal_lines_leave_no_row(confirmed: Callable[..., Line]) -> None:
    confirmed()

    run = reconcile_network(now=NIGHT)

    assert (run.line_count, run.found_count, run.closed_count) == (1, 0, 0)
    assert (run.is_complete, run.error) == (True, "")
    assert run.changed_since == NIGHT - timedelta(days=2)
    assert rows() == []


def test_each_fact_that_differs_is_a_row(
    confirmed: Callable[..., Line],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = confirmed()
    theirs = NetworkLine(
        line.public_id, "+66800000000", "8966019999999999999", "suspended", END - timedelta(days=1)
    )
    says(monkeypatch, theirs)

    run = reconcile_network(now=NIGHT)

    assert run.found_count == 4
    assert rows() == [
        (line.public_id, "iccid", line.iccid, "8966019999999999999"),
        (line.public_id, "msisdn", "+66812345678", "+66800000000"),
        (
            line.public_id,
            "service_until",
            "2026-12-01T17:00:00+00:00",
            "2026-11-30T17:00:00+00:00",
        ),
        (line.public_id, "state", "active", "suspended"),
    ]
    first = NetworkDifference.objects.earliest("pk")
    assert (first.line, first.found_at, first.closed_at) == (line, NIGHT, None)
    assert "network differs" in caplog.text


def test_what_the_network_does_not_say_is_not_compared(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, NetworkLine(confirmed().public_id))

    reconcile_network(now=NIGHT)

    assert rows() == []


def test_a_plan_that_the_network_lost_is_a_row(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = confirmed()
    says(monkeypatch, NetworkLine(line.public_id, has_service=False))

    reconcile_network(now=NIGHT)

    assert rows() == [(line.public_id, "service_until", "2026-12-01T17:00:00+00:00", "")]


def test_a_cancelled_period_is_not_ours_any_more(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = confirmed()
    Period.objects.update(state="cancelled")
    says(monkeypatch, NetworkLine(line.public_id, service_until=END))

    reconcile_network(now=NIGHT)

    assert rows() == [(line.public_id, "service_until", "", "2026-12-01T17:00:00+00:00")]


def test_a_line_that_only_the_network_knows_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, NetworkLine("STRANGE", "+66800000000"), NetworkLine("NAMELESS"))

    reconcile_network(now=NIGHT)

    assert rows() == [
        ("NAMELESS", "line", "", "NAMELESS"),
        ("STRANGE", "line", "", "+66800000000"),
    ]
    assert not NetworkDifference.objects.filter(line__isnull=False).exists()


@pytest.mark.parametrize(
    "moving",
    [
        {"state": "underway", "completed_at": None},
        {"completed_at": NIGHT - timedelta(minutes=9)},
    ],
)
def test_a_line_on_the_move_is_compared_later(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch, moving: dict[str, Any]
) -> None:
    line = confirmed()
    ServiceOrder.objects.update(**moving)
    says(monkeypatch, NetworkLine(line.public_id, "+66812345678", has_service=False))

    reconcile_network(now=NIGHT)

    assert rows() == []


def test_the_same_difference_stays_one_row(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = confirmed()
    says(monkeypatch, NetworkLine(line.public_id, "+66800000000"))
    reconcile_network(now=NIGHT)
    says(monkeypatch, NetworkLine(line.public_id, "+66800000001"))

    run = reconcile_network(now=NIGHT + timedelta(days=1))

    assert run.found_count == 0
    assert rows() == [(line.public_id, "msisdn", "+66812345678", "+66800000001")]
    assert NetworkDifference.objects.get().found_at == NIGHT


def test_what_is_equal_again_is_closed_though_the_network_changed_nothing(
    confirmed: Callable[..., Line],
) -> None:
    line = confirmed()
    Line.objects.update(msisdn="+66899999999")
    reconcile_network(now=NIGHT)
    assert rows() == [(line.public_id, "msisdn", "+66899999999", "+66812345678")]
    Line.objects.update(msisdn="+66812345678")

    # A month later the line is in no listing of changes; what is open is asked about by itself.
    run = reconcile_network(now=NIGHT + timedelta(days=30), since=NIGHT + timedelta(days=29))

    assert (run.line_count, run.closed_count) == (1, 1)
    assert rows() == []
    assert rows("closed") == [(line.public_id, "msisdn", "+66899999999", "+66812345678")]
    assert NetworkDifference.objects.get().closed_at == NIGHT + timedelta(days=30)


def test_a_line_that_the_network_has_forgotten_is_a_row(
    confirmed: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = confirmed()
    says(monkeypatch, NetworkLine(line.public_id, "+66800000000"))
    reconcile_network(now=NIGHT)
    says(monkeypatch)

    reconcile_network(now=NIGHT + timedelta(days=1))

    assert (line.public_id, "line", "+66812345678", "") in rows()


def test_a_missed_night_is_made_good_by_the_next() -> None:
    reconcile_network(now=NIGHT)
    broken = NetworkReconciliation.objects.create(
        started_at=NIGHT + timedelta(days=1), changed_since=NIGHT, error="answer_lost"
    )

    run = reconcile_network(now=NIGHT + timedelta(days=4))

    assert not broken.is_complete
    assert run.changed_since == NIGHT - timedelta(hours=1)


def test_a_broken_off_comparison_keeps_what_it_found(
    confirmed: Callable[..., Line],
    book: Book,
    over_http: SimulatedOperator,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = confirmed()
    Line.objects.update(msisdn="+66899999999")
    reconcile_network(now=NIGHT)
    assert rows() == [(line.public_id, "msisdn", "+66899999999", "+66812345678")]
    over_http.stop()

    run = reconcile_network(now=NIGHT + timedelta(days=1))

    assert (run.is_complete, run.error) == (False, "network unavailable")
    assert len(rows()) == 1


def test_queries_do_not_grow_with_the_lines(
    confirmed: Callable[..., Line],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    lines = [confirmed(f"+6681234567{number}") for number in range(9)]
    theirs = [NetworkLine(line.public_id, line.msisdn, line.iccid, "active", END) for line in lines]
    says(monkeypatch, *theirs)

    # The run, where it begins, one batch in its transaction, what is open, the run again.
    with django_assert_num_queries(8):
        run = reconcile_network(now=NIGHT)

    assert (run.line_count, run.found_count) == (9, 0)


def test_it_works_over_http_too(
    over_http: SimulatedOperator, confirmed: Callable[..., Line], book: Book
) -> None:
    line = confirmed()
    Line.objects.update(iccid="8966010000000000999")

    reconcile_network(now=NIGHT)

    assert rows() == [(line.public_id, "iccid", "8966010000000000999", "8966010000000000010")]
    assert book.applied.total() == 1


def test_the_task_and_the_command_compare_now(confirmed: Callable[..., Line]) -> None:
    confirmed()
    nightly()
    out = io.StringIO()

    call_command("reconcile_network", "--since", "2026-11-20", stdout=out)

    assert out.getvalue().splitlines() == [
        "changed since: 2026-11-20 00:00 UTC",
        "lines: 1",
        "differences found: 0",
        "differences gone: 0",
    ]
    assert NetworkReconciliation.objects.filter(is_complete=True).count() == 2


def test_the_command_fails_when_the_network_cannot_be_asked(over_http: SimulatedOperator) -> None:
    over_http.stop()

    with pytest.raises(CommandError, match="could not be asked to the end"):
        call_command("reconcile_network", stdout=io.StringIO())


def test_the_command_refuses_a_day_that_is_none() -> None:
    with pytest.raises(CommandError, match="--since is no day"):
        call_command("reconcile_network", "--since", "yesterday", stdout=io.StringIO())

    assert not NetworkReconciliation.objects.exists()


def test_the_console_lists_differences_and_lets_nobody_change_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, NetworkLine("STRANGE", "+66800000000"))
    reconcile_network(now=NIGHT)
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))

    page = client.get("/admin/plans/networkdifference/?q=STRANGE")

    assert page.status_code == 200
    assert "+66800000000" in page.content.decode()
    assert client.post("/admin/plans/networkdifference/add/", {}).status_code == 403
