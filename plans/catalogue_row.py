"""One row of a brands or catalogue file, and everything that is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one cell was refused; column "" means the row as a whole."""

    column: str
    reason: str


class RowError(Exception):
    """A row that cannot be taken, with every problem found in it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.column}: {problem.reason}" for problem in problems))
        self.problems = problems


class Cells:
    """One row by column; collects what is wrong, so that one import shows every mistake."""

    def __init__(self, columns: tuple[str, ...], cells: list[str]) -> None:
        self._cells = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
        self._problems: list[Problem] = []

    def take(self, column: str, read: Callable[[str], Any]) -> Any:
        """Return what `read` makes of a cell; None after noting its mistake."""
        try:
            return read(self._cells[column])
        except ValueError as error:
            self._problems.append(Problem(column, str(error)))
            return None

    def note(self, column: str, reason: str) -> None:
        """Note a mistake that shows only when cells are read together."""
        self._problems.append(Problem(column, reason))

    def finish(self) -> None:
        """Raise RowError when any cell was wrong."""
        if self._problems:
            raise RowError(*self._problems)
