"""In which colour the console shows each state of lines and of what belongs to them."""

from messaging.console import BAD, GOOD, NEWS, OFF, WAIT
from plans.models import (
    Line,
    LineClaim,
    LineNotice,
    NetworkDifference,
    Period,
    Reminder,
    ServiceOrder,
)

LINE_TONES = {
    Line.State.PRE_ACTIVE.value: NEWS,
    Line.State.ACTIVE.value: GOOD,
    Line.State.GRACE.value: WAIT,
    Line.State.SUSPENDED.value: BAD,
    Line.State.QUARANTINE.value: BAD,
    Line.State.TERMINATED.value: OFF,
}
PERIOD_TONES = {
    Period.State.QUEUED.value: NEWS,
    Period.State.ACTIVE.value: GOOD,
    Period.State.ENDED.value: OFF,
    Period.State.CANCELLED.value: OFF,
}
NETWORK_TONES = {
    ServiceOrder.State.DUE.value: WAIT,
    ServiceOrder.State.UNDERWAY.value: WAIT,
    ServiceOrder.State.COMPLETED.value: GOOD,
    ServiceOrder.State.REFUSED.value: BAD,
}
DIFFERENCE_TONES = {
    NetworkDifference.State.OPEN.value: BAD,
    NetworkDifference.State.CLOSED.value: OFF,
}
REMINDER_TONES = {
    Reminder.State.DUE.value: WAIT,
    Reminder.State.QUEUED.value: GOOD,
    Reminder.State.WITHDRAWN.value: OFF,
    Reminder.State.SKIPPED.value: OFF,
}
NOTICE_TONES = {
    LineNotice.State.DUE.value: WAIT,
    LineNotice.State.QUEUED.value: GOOD,
    LineNotice.State.WITHDRAWN.value: OFF,
    LineNotice.State.SKIPPED.value: OFF,
}
CLAIM_TONES = {
    LineClaim.State.OPEN.value: WAIT,
    LineClaim.State.CONFIRMED.value: GOOD,
    LineClaim.State.REFUSED.value: BAD,
    LineClaim.State.EXPIRED.value: OFF,
}
