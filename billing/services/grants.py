"""Balance that an operator grants, with its counterpart in the ledger."""

from django.db import transaction
from django.db.models import F

from billing.models import LedgerEntry
from billing.services.ledger import balance_account, grant_account, post_entry
from plans.models import Line


def grant_balance(*, line: Line, amount_minor: int, key: str) -> LedgerEntry:
    """Add `amount_minor` of the brand's currency to a line's balance, once per `key`."""
    with transaction.atomic():
        Line.objects.lock(line.pk)
        known = LedgerEntry.objects.filter(key=f"grant:{key}").first()
        if known is not None:
            return known
        Line.objects.filter(pk=line.pk).update(balance_minor=F("balance_minor") + amount_minor)
        return post_entry(
            key=f"grant:{key}",
            debit=grant_account(line.brand),
            credit=balance_account(line),
            amount_minor=amount_minor,
        )
