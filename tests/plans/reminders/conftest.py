"""A line in Bangkok whose plan ends with 26 November, and the moments of its last days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plans.models import Line, Period
from tests.factories import LineFactory, PeriodFactory

# The midnight that closes 26 November in Bangkok.
END = datetime(2026, 11, 26, 17, tzinfo=UTC)
TEN = datetime(2026, 11, 26, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def period() -> Period:
    """30 calendar days on a line whose owner reads English; stages on 19, 23, 25 and 26."""
    return ending(line__customer__language="en")


def ending(**changes: Any) -> Period:
    """A running period that ends at END, with whatever a test changes."""
    return PeriodFactory.create(
        **{"start_at": END - 30 * DAY, "end_at": END, "line__msisdn": "+66812345678", **changes}
    )


def renewal_of(period: Period, **changes: Any) -> Period:
    """The next period of the chain, as a renewal writes it."""
    values = {"line": period.line, "version": period.version, "start_at": period.end_at}
    return PeriodFactory.create(**{**values, "state": "queued", **changes})


def another_line(period: Period, **changes: Any) -> Line:
    """A second line of the same brand."""
    return LineFactory.create(brand=period.line.brand, **changes)
