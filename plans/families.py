"""The families of plans, by the names of the guides, and whom each suits; no database."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class FamilyName:
    """What a family is called, and whom it suits."""

    label: StrOrPromise
    suits: StrOrPromise


# In the order in which they are shown; the keys stand in addresses.
FAMILIES = {
    "monthly": FamilyName(_("Monthly plans"), _("For long use and a steady need of data.")),
    "basic": FamilyName(
        _("Basic data plans"), _("Data for every day, and nothing you don't need.")
    ),
    "quarter": FamilyName(
        _("Quarter offers"), _("Paid at once for three months, cheaper a month.")
    ),
    "year": FamilyName(_("Annual offers"), _("Paid at once for a year, cheapest a month.")),
    "mixed": FamilyName(_("Mixed plans"), _("Data, calls and texts in one plan.")),
    "voice": FamilyName(_("Voice plans"), _("For those who call more than they surf.")),
    "cross_border": FamilyName(
        _("Cross-border data plans"), _("One plan that works in several countries.")
    ),
    "data_pack": FamilyName(_("Data packs"), _("For the odd time when you need a lot of data.")),
    "addon": FamilyName(_("Add-ons"), _("More for the plan that runs already.")),
    "topup": FamilyName(_("Top-ups"), _("Money on the line's balance, and days for its number.")),
    "keepalive": FamilyName(_("Keep the number"), _("The least it costs not to lose a number.")),
}
