"""The state of a line in words: one word, what it means, and a headline about it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

# From this many days left on, today included, the pages say that the plan ends soon.
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a line in one word, what it means, and a headline about it."""

    code: str
    # ok, warn, bad or off: decides colour and dot, never stands alone.
    tone: str
    word: StrOrPromise
    headline: StrOrPromise
    meaning: StrOrPromise


STATUSES = {
    status.code: status
    for status in (
        Status(
            "active",
            "ok",
            _("Active"),
            _("your plan is running"),
            _("Everything in your plan can be used."),
        ),
        Status(
            "ending",
            "warn",
            _("Ends soon"),
            _("your plan ends soon"),
            _("Everything still works. Renew in time and no day is lost."),
        ),
        Status(
            "throttled",
            "warn",
            _("Slowed down"),
            _("your data is used up"),
            _("The data of this period is used up; the line goes on at a low speed."),
        ),
        Status(
            "used_up",
            "warn",
            _("Data used up"),
            _("your data is used up"),
            _("The data of this period is used up; calls and texts work as before."),
        ),
        Status(
            "waiting",
            "ok",
            _("Starts soon"),
            _("your next plan is about to start"),
            _("A plan is paid for and starts by itself."),
        ),
        Status(
            "no_plan",
            "warn",
            _("No plan"),
            _("this line has no plan"),
            _("The number and its balance are alive; data needs a plan."),
        ),
        Status(
            "grace",
            "warn",
            _("Expired, in grace"),
            _("your plan has expired"),
            _("You can still be called and keep your number. Renew to use everything again."),
        ),
        Status(
            "suspended",
            "bad",
            _("Suspended"),
            _("this line is suspended"),
            _("Nothing works at the moment, but the number is still yours. Renewing wakes it."),
        ),
        Status(
            "quarantine",
            "bad",
            _("Number on hold"),
            _("this number is on hold"),
            _("It can no longer be renewed and will be given up."),
        ),
        Status(
            "terminated",
            "off",
            _("Closed"),
            _("this line is closed"),
            _("The number is no longer yours."),
        ),
        Status(
            "pre_active",
            "off",
            _("Not activated"),
            _("this line is not activated yet"),
            _("Activate it before you renew it."),
        ),
        Status(
            "blocked",
            "bad",
            _("Blocked"),
            _("this line is blocked"),
            _("It was blocked for safety or at your wish. Customer service can lift the block."),
        ),
    )
}
