"""Lets several processes with several threads each do the same thing at the same moment."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.processes.harness import PATIENCE, ROOT, Installation

PROCESSES = 4


class Contenders:
    """Four processes that share `count` attempts at one action on one row."""

    def __init__(
        self, installation: Installation, action: str, pk: int, *, count: int, guard: bool = True
    ) -> None:
        shares = [len(range(first, count, PROCESSES)) for first in range(PROCESSES)]
        self._processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.processes.with_django"),
                    "tests.concurrency.contender",
                    *(action, str(pk), str(share)),
                    *(() if guard else ("--without-guard",)),
                ],
                cwd=ROOT,
                env=installation.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for share in shares
        ]

    def begin(self) -> None:
        """Wait until all are ready, then give the word."""
        for process in self._processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def outcomes(self) -> Counter[str]:
        """Wait for all and count how the attempts ended: "ok" or the error's name."""
        counted: Counter[str] = Counter()
        for process in self._processes:
            said, _ = process.communicate(timeout=PATIENCE)
            counted.update(json.loads(said))
        return counted

    def end(self) -> None:
        """Kill what still runs."""
        for process in self._processes:
            process.kill()
            process.communicate()


@contextmanager
def contending(
    installation: Installation, action: str, pk: int, *, count: int, guard: bool = True
) -> Iterator[Contenders]:
    """Contenders that have been given the word; ended with the block."""
    with ExitStack() as stack:
        made = Contenders(installation, action, pk, count=count, guard=guard)
        stack.callback(made.end)
        made.begin()
        yield made
