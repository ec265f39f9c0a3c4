"""Measures ours and a bare baseline call by call in turn, so that both meet the same machine."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

from django.db import connection

# Calls of each side before the clock counts: caches of templates, translations and plans fill.
WARM_UP = 5

type Clock = Callable[[], float]

# Time the process spends computing; what it waits for a database server is not in it.
CPU: Clock = time.process_time
# Time until the answer, the database's included.
WALL: Clock = time.perf_counter


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each side is called: so many rounds of so many calls."""

    rounds: int
    calls: int

    @property
    def inputs(self) -> int:
        """Inputs each side needs: one for every call, those of the warm-up included."""
        return WARM_UP + self.rounds * self.calls


@dataclass(frozen=True, slots=True)
class Side[Input]:
    """What is called, and what with: every call takes an input that was made beforehand."""

    call: Callable[[Input], object]
    inputs: Sequence[Input]


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians over the rounds, in seconds per call, and the ratio of each round by itself."""

    ours: float
    baseline: float
    ratios: tuple[float, ...]


def alternate[Ours, Bare](
    ours: Side[Ours], baseline: Side[Bare], *, clock: Clock, effort: Effort
) -> Timing:
    """Call both sides in turn and return what a call of each took.

    Within a pair the sides take turns in going first, and each round begins with the garbage
    collected: neither pays for what the other left behind.
    """
    pairs = zip(ours.inputs, baseline.inputs, strict=True)

    def spend(calls: int) -> tuple[float, float]:
        """Seconds per call of each side."""
        own = bare = 0.0
        for number, (own_input, bare_input) in enumerate(islice(pairs, calls)):
            if number % 2:
                bare += _seconds(baseline.call, bare_input, clock)
                own += _seconds(ours.call, own_input, clock)
            else:
                own += _seconds(ours.call, own_input, clock)
                bare += _seconds(baseline.call, bare_input, clock)
        return own / calls, bare / calls

    spend(WARM_UP)
    rounds = []
    for _ in range(effort.rounds):
        gc.collect()
        rounds.append(spend(effort.calls))
    return Timing(
        ours=median(own for own, _ in rounds),
        baseline=median(bare for _, bare in rounds),
        ratios=tuple(own / bare for own, bare in rounds),
    )


def _seconds[Input](call: Callable[[Input], object], value: Input, clock: Clock) -> float:
    started = clock()
    call(value)
    return clock() - started


def statements(call: Callable[[], object]) -> list[str]:
    """The SQL that one call sends, in order; never while the clock runs."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        call()
    return sent
