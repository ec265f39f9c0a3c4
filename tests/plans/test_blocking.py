"""A line is blocked and freed again, and nothing else of it changes."""

import pytest

from plans.models import Line
from plans.services.blocking import block_line, unblock_line
from tests.factories import LineFactory

pytestmark = pytest.mark.django_db


def test_blocking_and_lifting_change_this_one_column() -> None:
    line = LineFactory.create(balance_minor=500)
    before = Line.objects.filter(pk=line.pk).values().get()

    for _ in range(2):
        block_line(line_id=line.pk)
        assert Line.objects.filter(pk=line.pk).values().get() == {**before, "is_blocked": True}
    for _ in range(2):
        unblock_line(line_id=line.pk)
        assert Line.objects.filter(pk=line.pk).values().get() == before


def test_a_line_that_is_not_there_cannot_be_blocked() -> None:
    with pytest.raises(Line.DoesNotExist):
        block_line(line_id=1)
