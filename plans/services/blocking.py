"""Blocks a line for loss, fraud or a dispute, and lifts the block again."""

from django.db import transaction

from plans.models import Line


def block_line(*, line_id: int) -> None:
    """Stop every purchase for the line (T6); blocking it again changes nothing."""
    _set_block(line_id, is_blocked=True)


def unblock_line(*, line_id: int) -> None:
    """Let the line be renewed again; lifting a block that is not there changes nothing."""
    _set_block(line_id, is_blocked=False)


def _set_block(line_id: int, *, is_blocked: bool) -> None:
    """Write this one column under the line's lock: balance and state belong to others."""
    with transaction.atomic():
        line = Line.objects.lock(line_id)
        line.is_blocked = is_blocked
        line.save(update_fields=["is_blocked"])
