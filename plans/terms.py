"""What a plan's terms mean, in the customer's words: for its page and the comparison."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.formats import place
from plans.models import Brand, PlanVersion


def after_limit_text(version: PlanVersion) -> str:
    """Return what happens when an allowance is used up; empty where nothing can be."""
    rule = PlanVersion.AfterLimit
    return {
        rule.STOP.value: _("stops until you renew; nothing is charged on top"),
        rule.THROTTLE.value: _("slows down to %(speed)s kbit/s; nothing is charged on top")
        % {"speed": version.throttle_kbps},
        rule.PAY.value: _("is paid from the line's balance: %(rate)s") % {"rate": version.pay_rate},
    }.get(version.after_limit, "")


def early_renewal_text(version: PlanVersion) -> str:
    """Return what becomes of the running period when this is bought before it ends (rule 4).

    Empty for what gives a line no period at all: top-ups and the like.
    """
    if not version.gives_a_period:
        return ""
    rule = PlanVersion.EarlyRenewal
    return {
        rule.QUEUE: _("The new period begins when the running one ends; no day is lost."),
        rule.STACK: _(
            "If the same plan is running, the days are added to its end and the new data can be"
            " used at once. Otherwise the new period begins when the running one ends."
        ),
        rule.REPLACE: _(
            "It starts at once, and the rest of the running period is lost. That is possible only"
            " when what is left of it is below 500 MB or 10 %; before that, the new period begins"
            " when the running one ends."
        ),
        rule.PARALLEL: _(
            "It starts at once and runs beside your plan. It does not make the plan last longer."
        ),
    }[rule(version.early_renewal)]


def counting_text(version: PlanVersion, brand: Brand) -> str:
    """Return how the days of a period are counted; empty for what gives no period."""
    if not version.gives_a_period:
        return ""
    if version.validity_mode == PlanVersion.Mode.ROLLING:
        return _("A day is 24 hours, counted from the moment it begins.")
    return _("The day it begins counts as the first day; it ends at midnight, %(place)s time.") % {
        "place": place(brand.time_zone)
    }


def identity_text(version: PlanVersion) -> str:
    """Return whether the buyer's identity must have been checked."""
    return _("needed before you buy") if version.identity_required else _("not needed")


def rollover_text(version: PlanVersion) -> str:
    """Return what becomes of data that is left at the end of a period."""
    if version.rollover == PlanVersion.Rollover.ONE_PERIOD:
        return _("moves into the next period once, if you renew in time")
    return _("ends with the period")


def refund_text(brand: Brand) -> str:
    """Return how long a buyer may change their mind, by the brand's rule."""
    days = brand.refund_days
    if not days:
        return _("no refund")
    return ngettext(
        "%(days)s day, as long as nothing of it has been used",
        "%(days)s days, as long as nothing of it has been used",
        days,
    ) % {"days": days}


def tax_text(brand: Brand) -> str:
    """Return what the brand's prices say about tax."""
    if brand.tax_included or not brand.tax_rate_percent:
        return _("tax included")
    return _("plus %(rate)s %% tax") % {"rate": f"{brand.tax_rate_percent.normalize():f}"}
