"""Which line does somebody mean who wants to add it to an account; nothing is written here."""

from django.conf import settings

from accounts.phones import normalise_phone
from plans.models import Brand, Line
from plans.models.lines import LineQuerySet

# What has ended belongs to nobody any more: its number may already be another line's.
DEAD_STATES = (Line.State.QUARANTINE, Line.State.TERMINATED)


def numbers_meant(text: str) -> set[str]:
    """Return every number, in E.164, that a customer can mean; national forms of all brands."""
    regions = {*settings.PHONE_REGIONS, *Brand.objects.values_list("region", flat=True)}
    return normalise_phone(text, regions=sorted(regions))


def line_of_numbers(numbers: set[str]) -> Line | None:
    """Return the one living line among the numbers; None for none, and for several."""
    return _only(_living().filter(msisdn__in=numbers))


def line_of_card(iccid: str) -> Line | None:
    """Return the one living line with this card; None for none, and for several."""
    return _only(_living().filter(iccid=iccid))


def _living() -> LineQuerySet:
    return Line.objects.exclude(state__in=DEAD_STATES)


def _only(lines: LineQuerySet) -> Line | None:
    found = list(lines[:2])
    return found[0] if len(found) == 1 else None
