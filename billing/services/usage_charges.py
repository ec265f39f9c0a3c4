"""Takes what use has cost from the balance of its line: down to 0, once for each record."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from billing.services.ledger import balance_account, post_entry, revenue_account
from plans.models import Line, UsageCharge

logger = logging.getLogger(__name__)


def post_usage_charge(*, charge_id: int, now: datetime) -> int:
    """Take a charge from the balance as far as it goes; return what was taken, in minor units.

    A balance never goes below 0: what it does not cover is reported and left (rule 14, DESIGN.md
    section 2). Calling it again takes nothing.
    """
    line_id = UsageCharge.objects.values_list("line_id", flat=True).get(pk=charge_id)
    with transaction.atomic():
        line = Line.objects.lock(line_id)
        charge = UsageCharge.objects.select_for_update().get(pk=charge_id)
        if charge.state == UsageCharge.State.POSTED:
            return 0
        taken = min(charge.amount_minor, line.balance_minor)
        if taken:
            Line.objects.filter(pk=line.pk).update(balance_minor=F("balance_minor") - taken)
            post_entry(
                key=f"usage:{charge.pk}",
                debit=balance_account(line),
                credit=revenue_account(line.brand, line.brand.currency),
                amount_minor=taken,
            )
        charge.state = UsageCharge.State.POSTED
        charge.posted_minor, charge.posted_at = taken, now
        charge.next_try_at = charge.leased_until = None
        charge.save()
    if taken < charge.amount_minor:
        rest = charge.amount_minor - taken
        logger.warning("use not covered", extra={"line": line.public_id, "rest_minor": rest})
    return taken
