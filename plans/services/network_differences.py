"""Every night: does the network hold our lines as we do? What differs becomes work for a person."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from plans.models import Line, NetworkDifference, NetworkReconciliation, Period, ServiceOrder
from plans.network import get_network
from plans.network.port import AnswerLost, Network, NetworkLine, NetworkUnavailable

logger = logging.getLogger(__name__)

Field = NetworkDifference.Field

# The first comparison looks this far back; a later one begins an hour before the last complete
# one did, for clocks that differ.
FIRST_LOOK = timedelta(days=2)
OVERLAP = timedelta(hours=1)
# What the network confirmed more recently may be missing from a listing it made before.
SETTLING = timedelta(minutes=10)
# Lines that are compared in one transaction, and open differences that one run asks about again.
BATCH = 200
ASKED_AGAIN = 1000
# Characters of a value that a row keeps.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Compared:
    """One fact of one line on both sides, as text."""

    line_ref: str
    field: str
    ours: str
    theirs: str

    @property
    def key(self) -> tuple[str, str]:
        """What there is at most one open difference for."""
        return self.line_ref, self.field


def reconcile_network(*, now: datetime, since: datetime | None = None) -> NetworkReconciliation:
    """Compare every line that changed at the network, and again every one that differed before.

    Without `since` it begins where the last complete comparison began, so that a missed night is
    made good by the next. What has become equal is closed. When the network cannot be asked to
    the end, what was compared stays and the run is kept as incomplete, with its error.
    """
    run = NetworkReconciliation.objects.create(started_at=now, changed_since=since or _since(now))
    network = get_network()
    try:
        for batch in batched(network.changed_lines(run.changed_since), BATCH):
            _compare(run, batch)
        for refs in batched(_open_refs(run), BATCH):
            _compare(run, [_ask_line(network, ref) for ref in refs])
    except (NetworkUnavailable, AnswerLost) as error:
        run.error = str(error)[:200]
        logger.exception("comparison with the network broke off", extra={"run": run.pk})
    else:
        run.is_complete = True
    run.save()
    if run.found_count:
        logger.error("network differs", extra={"run": run.pk, "found": run.found_count})
    return run


def _since(now: datetime) -> datetime:
    last = NetworkReconciliation.objects.filter(is_complete=True).aggregate(at=Max("started_at"))
    return last["at"] - OVERLAP if last["at"] else now - FIRST_LOOK


def _open_refs(run: NetworkReconciliation) -> list[str]:
    before = NetworkDifference.objects.filter(
        state=NetworkDifference.State.OPEN, found_at__lt=run.started_at
    )
    refs = before.order_by("line_ref").values_list("line_ref", flat=True).distinct()
    return list(refs[:ASKED_AGAIN])


def _ask_line(network: Network, line_ref: str) -> NetworkLine:
    """The line as the network holds it; one that it does not know holds nothing."""
    return network.line(line_ref) or NetworkLine(line_ref=line_ref, is_known=False)


def _compare(run: NetworkReconciliation, theirs: Sequence[NetworkLine]) -> None:
    refs = [line.line_ref for line in theirs]
    with transaction.atomic():
        ours = {line.public_id: line for line in _our_lines(refs, run.started_at)}
        compared = [fact for line in theirs for fact in _facts(ours.get(line.line_ref), line)]
        opened = _open(run, compared, ours)
        closed = _close(run, compared)
    run.line_count += len(refs)
    run.found_count += opened
    run.closed_count += closed


def _our_lines(refs: Iterable[str], now: datetime) -> Iterable[Line]:
    """Our lines with the end of what the network confirmed, and whether more is on its way."""
    confirmed = Q(
        service_orders__state=ServiceOrder.State.COMPLETED,
        service_orders__action=ServiceOrder.Action.APPLY_PERIOD,
    ) & ~Q(service_orders__period__state=Period.State.CANCELLED)
    moving = ServiceOrder.objects.filter(line=OuterRef("pk")).filter(
        Q(state__in=ServiceOrder.due_states) | Q(completed_at__gt=now - SETTLING)
    )
    return Line.objects.filter(public_id__in=list(refs)).annotate(
        confirmed_until=Max("service_orders__period__end_at", filter=confirmed),
        is_moving=Exists(moving),
    )


def _facts(ours: Line | None, theirs: NetworkLine) -> Iterator[Compared]:
    """Each fact that both sides tell; a line that one side lacks is one fact by itself."""
    ref = theirs.line_ref[:LONGEST]
    if ours is None or not theirs.is_known:
        us = ours.msisdn if ours else ""
        yield Compared(ref, Field.LINE, us, (theirs.msisdn or ref) if theirs.is_known else "")
        return
    yield Compared(ref, Field.LINE, ours.msisdn, ours.msisdn)
    pairs = (
        (Field.MSISDN, ours.msisdn, theirs.msisdn),
        (Field.ICCID, ours.iccid, theirs.iccid),
        (Field.STATE, ours.state, theirs.state),
    )
    for field, us, them in pairs:
        if them is not None:
            yield Compared(ref, field, us, them[:LONGEST])
    is_told = theirs.service_until is not None or not theirs.has_service
    if is_told and not ours.is_moving:  # type: ignore[attr-defined]  # annotated by _our_lines
        until = ours.confirmed_until  # type: ignore[attr-defined]  # annotated by _our_lines
        yield Compared(ref, Field.SERVICE_UNTIL, _moment(until), _moment(theirs.service_until))


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _open(run: NetworkReconciliation, compared: Sequence[Compared], ours: dict[str, Line]) -> int:
    """Write each difference that is new; return how many. One that is known is brought up to
    date."""
    new = 0
    for fact in compared:
        if fact.ours == fact.theirs:
            continue
        _row, is_new = NetworkDifference.objects.update_or_create(
            line_ref=fact.line_ref,
            field=fact.field,
            state=NetworkDifference.State.OPEN,
            defaults={"ours": fact.ours, "theirs": fact.theirs},
            create_defaults={
                "line": ours.get(fact.line_ref),
                "ours": fact.ours,
                "theirs": fact.theirs,
                "found_at": run.started_at,
            },
        )
        new += is_new
    return new


def _close(run: NetworkReconciliation, compared: Sequence[Compared]) -> int:
    """Close what was open about facts that are equal now; return how many."""
    equal = {fact.key for fact in compared if fact.ours == fact.theirs}
    rows = NetworkDifference.objects.filter(
        state=NetworkDifference.State.OPEN, line_ref__in={ref for ref, _field in equal}
    )
    gone = [row.pk for row in rows if (row.line_ref, row.field) in equal]
    return NetworkDifference.objects.filter(pk__in=gone).update(
        state=NetworkDifference.State.CLOSED, closed_at=run.started_at
    )
