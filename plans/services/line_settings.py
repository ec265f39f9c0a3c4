"""What the owner of a line may set on it."""

import logging

from accounts.models import User
from plans.models import Line

logger = logging.getLogger(__name__)


def set_reminders(
    *, line: Line, by: User, by_email: bool | None = None, by_sms: bool | None = None
) -> bool:
    """Switch reminders of the line's end on or off, per channel; None leaves one as it is.

    Only the channels that are named are written, so that two switches pressed at once both
    count. Returns False, and changes nothing, where `by` does not own the line.
    """
    wanted = {"remind_by_email": by_email, "remind_by_sms": by_sms}
    changes = {name: value for name, value in wanted.items() if value is not None}
    own = Line.objects.owned_by(by).filter(pk=line.pk)
    if not changes or not own.update(**changes):
        return False
    logger.info("reminders set", extra={"line": line.public_id, "by": by.pk, **changes})
    return True
