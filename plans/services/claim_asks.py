"""What a claimant's page remembers about a number: when a code was asked for, and wrong tries.

The same is kept for every number, whether a line has it or not, so that page, tries left and
expiry tell nothing about it. What decides is the claim's row; this only speaks about it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from accounts.models import User

# How long a code can be used, and how many wrong ones end it.
CODE_LIFE = timedelta(minutes=10)
MOST_WRONG_CODES = 5


@dataclass(frozen=True, slots=True)
class ClaimAsk:
    """One request for a code and the wrong codes since."""

    asked_at: datetime
    wrong_codes: int = 0

    def is_over(self, now: datetime) -> bool:
        """Whether a code sent then is too old by now."""
        return now >= self.asked_at + CODE_LIFE

    @property
    def tries_left(self) -> int:
        """How many more codes may be tried."""
        return max(MOST_WRONG_CODES - self.wrong_codes, 0)


def remember_ask(*, claimant: User, numbers: set[str], now: datetime) -> None:
    """Note that a code was asked for now; earlier tries no longer count."""
    _keep(claimant, numbers, ClaimAsk(asked_at=now))


def read_ask(*, claimant: User, numbers: set[str]) -> ClaimAsk | None:
    """Return what the claimant last asked for about these numbers, if it is still known."""
    kept = cache.get(_key(claimant, numbers))
    return ClaimAsk(*kept) if kept else None


def count_wrong_code(*, claimant: User, numbers: set[str], ask: ClaimAsk) -> None:
    """Note one more wrong code."""
    _keep(claimant, numbers, ClaimAsk(ask.asked_at, ask.wrong_codes + 1))


def _keep(claimant: User, numbers: set[str], ask: ClaimAsk) -> None:
    # Kept longer than a code lives, so that the page can still say that it is too old.
    cache.set(
        _key(claimant, numbers),
        (ask.asked_at, ask.wrong_codes),
        timeout=2 * CODE_LIFE.total_seconds(),
    )


def _key(claimant: User, numbers: set[str]) -> str:
    meant = hashlib.sha256(" ".join(sorted(numbers)).encode()).hexdigest()
    return f"plans:claim-ask:{claimant.pk}:{meant}"
