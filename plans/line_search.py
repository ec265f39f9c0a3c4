"""Which line does the operator's staff mean? A number in any writing, a card, a name."""

import re

from django.db.models import Q

from plans.identifiers import parse
from plans.models import Brand

# Fewer last digits than this would match half of all lines.
FEWEST_DIGITS = 4
BETWEEN_DIGITS = re.compile(r"[\s()./+-]")


def lines_matching(term: str) -> Q:
    """Return the condition for lines that `term` can mean; for querysets of Line.

    A phone number in any writing, national forms tried in every brand's region; ICCID or EID as
    printed; the last four digits or more of number or card; the line's public id; the customer's
    e-mail address or part of the name.
    """
    term = term.strip()
    regions = Brand.objects.order_by().values_list("region", flat=True).distinct()
    numbers = {number for region in regions for number in _parsed("msisdn", term, region)}
    condition = (
        Q(msisdn__in=numbers | _parsed("msisdn", term))
        | Q(iccid__in=_parsed("iccid", term))
        | Q(eid__in=_parsed("eid", term))
        | Q(public_id__iexact=term)
        | Q(customer__email__iexact=term)
        | Q(customer__name__icontains=term)
    )
    digits = BETWEEN_DIGITS.sub("", term)
    if digits.isdecimal() and len(digits) >= FEWEST_DIGITS:
        condition |= Q(msisdn__endswith=digits) | Q(iccid__endswith=digits)
    return condition


def _parsed(kind: str, term: str, region: str | None = None) -> set[str]:
    try:
        return {parse(kind, term, region=region)}
    except ValueError:
        return set()
