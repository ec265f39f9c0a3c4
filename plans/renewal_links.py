"""The signed link of a reminder: one line, one plan, pays only, shows nobody's name (G13).

The token carries a period's id and a signature over it and the line's owner, so that it needs no
row, cannot be guessed, and dies when the line changes hands.
"""

from datetime import datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from plans.models import Period

# After the period's end the link still opens, for whoever renews a few days late.
KEPT_AFTER_END = timedelta(days=15)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
# 13 signs of 54 are 74 bits.
SIGNATURE_LENGTH = 13


def renewal_token(period: Period) -> str:
    """Return the token of the link that renews `period` (its line read): ~18 URL-safe signs."""
    return f"{_written(period.pk)}-{_signature(period.pk, period.line.customer_id)}"


def period_of_token(token: str, *, now: datetime) -> Period | None:
    """Return the period a token stands for, with line, brand, owner and version; None for a
    token that is forged, over, or of a line that has changed hands."""
    number, _, signature = token.partition("-")
    pk = _read(number)
    if pk is None or not signature or set(signature) - set(ALPHABET):
        return None
    period = (
        Period.objects.standing()
        .select_related("line__brand", "line__customer", "version__plan")
        .filter(pk=pk, end_at__gt=now - KEPT_AFTER_END)
        .first()
    )
    if period is None or not constant_time_compare(
        signature, _signature(pk, period.line.customer_id)
    ):
        return None
    return period


def _signature(pk: int, customer_id: int | None) -> str:
    key = salted_hmac("plans.renewal_links", f"{pk}:{customer_id}", algorithm="sha256").digest()
    return _written(int.from_bytes(key))[-SIGNATURE_LENGTH:]


def _written(number: int) -> str:
    signs = ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        signs = ALPHABET[rest] + signs
    return signs or ALPHABET[0]


def _read(signs: str) -> int | None:
    """The number, or None where it is none of ours or larger than any id."""
    if not signs or len(signs) > 10 or set(signs) - set(ALPHABET):  # noqa: PLR2004 (10 signs are 57 bits)
        return None
    number = 0
    for sign in signs:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    return number
