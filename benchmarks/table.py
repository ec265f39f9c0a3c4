"""The rows that are printed, and whether each goal of the design (DESIGN.md §10) is met."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.clock import Timing

HEADINGS = ("measurement", "ours", "baseline", "ratio", "rounds", "goal", "met")


@dataclass(frozen=True, slots=True)
class RatioRow:
    """Time against time; `goal` is the largest ratio allowed."""

    measurement: str
    timing: Timing
    goal: float

    @property
    def ratio(self) -> float:
        """Ours divided by the baseline, each the median of its rounds."""
        return self.timing.ours / self.timing.baseline

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, without the verdict."""
        least, most = min(self.timing.ratios), max(self.timing.ratios)
        return (
            self.measurement,
            f"{self.timing.ours * 1000:.2f} ms",
            f"{self.timing.baseline * 1000:.2f} ms",
            f"{self.ratio:.2f} ×",
            f"{least:.2f}–{most:.2f}",
            f"≤ {self.goal:g} ×",
        )


@dataclass(frozen=True, slots=True)
class PerRow:
    """Time for each row of many; `goal` is the longest allowed for ours, in seconds."""

    measurement: str
    timing: Timing
    goal: float

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.timing.ours <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, without the verdict."""
        least, most = min(self.timing.ratios), max(self.timing.ratios)
        return (
            self.measurement,
            f"{self.timing.ours * 1e6:.1f} µs",
            f"{self.timing.baseline * 1e6:.1f} µs",
            f"{self.timing.ours / self.timing.baseline:.2f} ×",
            f"{least:.2f}–{most:.2f}",
            f"≤ {self.goal * 1e6:g} µs",
        )


@dataclass(frozen=True, slots=True)
class CountRow:
    """Number against number; `goal` is the largest number allowed for ours."""

    measurement: str
    ours: int
    baseline: int
    goal: int

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.ours <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, without the verdict."""
        return (self.measurement, str(self.ours), str(self.baseline), "", "", f"≤ {self.goal}")


type Row = RatioRow | PerRow | CountRow


def table(rows: Iterable[Row]) -> str:
    """All rows in columns, headings first."""
    lines = [HEADINGS, *((*row.cells, "yes" if row.is_met else "no") for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    shown = (
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    head, *body = shown
    return "\n".join([head, "-" * len(head), *body])
