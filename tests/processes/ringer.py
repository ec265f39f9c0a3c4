"""Rings many times as a page would, with the real settings; run by test_ring.

Prints "rung" when none of the COUNT rings raised and none took longer than it may; otherwise it
ends with the reason and a non-zero code.
"""

import signal
import sys
from importlib import import_module

from portal.ring import ring

# Seconds that one ring may cost a page: a socket timeout of half a second, and slow machines.
MOST_SECONDS = 1.5


class TooLong(BaseException):
    """Not an Exception: whatever swallows those must not swallow this."""


def stop(_number: int, _frame: object) -> None:
    """The alarm clock went off inside a ring."""
    raise TooLong


def main() -> None:
    """Ring, each time under an alarm clock."""
    # Loading it takes its time once, which is not the ring's.
    import_module("kombu.transport.redis")
    signal.signal(signal.SIGALRM, stop)
    for number in range(int(sys.argv[1])):
        signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
        ring("billing.push_refund", number)
        signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.write("rung\n")


if __name__ == "__main__":
    main()
