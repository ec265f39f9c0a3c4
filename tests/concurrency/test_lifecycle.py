"""Four processes move the same lines, or import the same file, at the same moment."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Message
from plans.models import Brand, Line, LineHistory, LineNotice, NumberAssignment
from plans.services.lifecycle_run import run_lifecycle
from tests.concurrency.contenders import contending
from tests.processes.fixtures import Install

pytestmark = pytest.mark.processes

LINES = 300
# Midnight that closes 1 December in Bangkok; seeded brand: 15 days of grace, 45 suspended.
END = datetime(2026, 12, 1, 17, tzinfo=UTC)
NOW = END + timedelta(days=17)


def make_lines() -> None:
    """Lines of one seeded customer that are late by two stages; no other line ages."""
    Line.objects.update(valid_until=None)
    seeded = Line.objects.filter(brand__slug="hongka").first()
    assert seeded is not None
    Line.objects.bulk_create(
        Line(
            brand=seeded.brand,
            customer=seeded.customer,
            msisdn=f"+6691{number:07}",
            valid_until=END,
            is_demo=True,
        )
        for number in range(LINES)
    )


def test_four_clocks_at_once_move_each_line_once(install: Install) -> None:
    installation = install()
    with installation.opened():
        make_lines()
    with contending(installation, "run_lifecycle", int(NOW.timestamp()), count=8) as contenders:
        ended = contenders.outcomes()

    with installation.opened():
        # Notices that one process held were left alone by the others; nothing was left behind.
        run_lifecycle(now=NOW)
        assert ended == {"ok": 8}
        steps = Counter(LineHistory.objects.filter(by="clock").values_list("line", "to_state"))
        assert set(steps.values()) == {1}
        assert Counter(state for _, state in steps) == {"grace": LINES, "suspended": LINES}
        assert set(LineNotice.objects.values_list("stage", "state", "error")) == {
            ("grace", "skipped", "line suspended"),
            ("suspended", "queued", ""),
        }
        told = Message.objects.filter(template="line_stage").values_list("channel", flat=True)
        assert Counter(told)["email"] == LINES


def test_four_imports_of_one_file_add_each_line_once(install: Install) -> None:
    installation = install()
    with contending(installation, "import_lines", LINES, count=4) as contenders:
        ended = contenders.outcomes()

    with installation.opened():
        assert ended == {"ok": 4}
        lines = Line.objects.filter(msisdn__startswith="+6692")
        assert lines.count() == LINES
        assert Brand.objects.get(slug="hongka").lines.filter(pk__in=lines).count() == LINES
        assert NumberAssignment.objects.filter(line__in=lines, to_at=None).count() == LINES
        assert LineHistory.objects.filter(line__in=lines, by="import").count() == LINES
