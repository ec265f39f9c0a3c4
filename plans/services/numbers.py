"""Who has a number from when to when (rule 17). The number of a closed line goes to somebody else."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Max

from accounts.services.contact import release_phones
from messaging.services.outbox import withdraw_texts
from plans.models import Line, NumberAssignment


def assign_numbers(*, lines: Sequence[Line], now: datetime) -> None:
    """Write that these lines, which have just come to be, hold their numbers from now on.

    Part of the caller's transaction. A number that another line held before is held from its end
    on at the earliest, so that two stretches never overlap, and what still waits to be sent to the
    old holder is taken back.
    """
    earlier = dict(
        NumberAssignment.objects.filter(
            msisdn__in={line.msisdn for line in lines}, to_at__isnull=False
        )
        .order_by()
        .values_list("msisdn")
        .annotate(last=Max("to_at"))
    )
    if earlier:
        withdraw_texts(numbers=earlier.keys())
    NumberAssignment.objects.bulk_create(
        NumberAssignment(
            msisdn=line.msisdn, line=line, from_at=max(now, earlier.get(line.msisdn, now))
        )
        for line in lines
    )


def free_numbers(*, numbers: Collection[str]) -> None:
    """Cut the ties of the old owners to numbers whose lines are closed, in the caller's transaction.

    Nobody logs in by such a number any more, codes to it are void, and what waits to be sent to it
    is taken back: the next holder must not read it.
    """
    if numbers:
        withdraw_texts(numbers=numbers)
        release_phones(numbers=numbers)
