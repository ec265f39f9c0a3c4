"""How a customer's lines stand, in a few figures for the start page."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from plans.selectors.lines import lines_of, short_status


@dataclass(frozen=True, slots=True)
class Glance:
    """Lines that are not closed: all of them, those that end soon, and those without a plan."""

    total: int
    ending: int
    lapsed: int


def lines_at_a_glance(customer: User, *, now: datetime) -> Glance:
    """Count the customer's lines by what they need, by the words of their own pages; one query."""
    codes = Counter(short_status(line, now=now).code for line in lines_of(customer))
    return Glance(
        total=codes.total() - codes["terminated"],
        ending=codes["ending"],
        lapsed=codes["no_plan"] + codes["grace"] + codes["suspended"],
    )
