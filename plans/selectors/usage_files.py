"""Which of the operator's usage files never came."""

from dataclasses import dataclass
from itertools import pairwise

from plans.models import UsageFile

# Latest numbers of a source that are looked at.
LATEST = 10_000


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of one source that are missing, first and last included."""

    source: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.source} {self.first}–{self.last}"


def file_gaps(source: str) -> list[Gap]:
    """Numbers missing between those that came, the lowest first.

    The first file that ever came is where counting begins: an operator may start at any number.
    """
    latest = UsageFile.objects.filter(source=source).order_by("-file_seq")
    numbers = sorted(latest.values_list("file_seq", flat=True)[:LATEST])
    return [
        Gap(source, before + 1, after - 1)
        for before, after in pairwise(numbers)
        if after > before + 1
    ]
