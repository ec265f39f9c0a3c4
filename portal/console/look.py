"""How the console looks and what its sidebar leads to; read by the settings."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

START = "portal.console.start"


def _item(
    title: StrOrPromise, icon: str, name: str, query: str = "", **more: Any
) -> dict[str, Any]:
    """One entry of the sidebar: title, Material icon, and the list it leads to."""
    link = reverse_lazy(f"admin:{name}")
    return {"title": title, "icon": icon, "link": _with_query(link, query), **more}


def _with_query(link: Any, query: str) -> Any:
    return lazy(lambda: f"{link}?{query}", str)() if query else link


def _may_see(model: str) -> Callable[[HttpRequest], bool]:
    """Whether whoever looks may see the rows of `app_model`."""
    app, name = model.split("_")
    return lambda request: request.user.has_perm(f"{app}.view_{name}")


def _list(
    title: StrOrPromise, icon: str, model: str, query: str = "", **more: Any
) -> dict[str, Any]:
    return _item(title, icon, f"{model}_changelist", query, permission=_may_see(model), **more)


NAVIGATION = [
    {
        "items": [
            _item(_("Start"), "dashboard", "index"),
            _item(
                _("Search"),
                "search",
                "search",
                permission="portal.console.results.may_see_customers",
            ),
        ],
    },
    {
        "title": _("Customers"),
        "items": [
            _list(_("Lines"), "sim_card", "plans_line"),
            _list(_("Customers"), "group", "accounts_user"),
            _list(_("Claims"), "how_to_reg", "plans_lineclaim"),
        ],
    },
    {
        "title": _("Sales"),
        "items": [
            _list(
                _("Orders"),
                "receipt_long",
                "billing_order",
                badge=f"{START}.hanging_badge",
                badge_variant="warning",
            ),
            _list(
                _("In review"),
                "gavel",
                "billing_order",
                "state__exact=in_review",
                badge=f"{START}.review_badge",
                badge_variant="danger",
                active=f"{START}.is_review_list",
            ),
            _list(_("Payment attempts"), "credit_card", "billing_payment"),
            _list(_("Refunds"), "undo", "billing_refund"),
            _list(_("Renewals"), "autorenew", "billing_renewal"),
            _list(_("Ledger"), "account_balance", "billing_ledgerentry"),
            _list(_("Ledger accounts"), "account_tree", "billing_ledgeraccount"),
        ],
    },
    {
        "title": _("Work"),
        "items": [
            _list(_("Messages"), "mail", "messaging_message"),
            _list(_("Reminders"), "notifications", "plans_reminder"),
            _list(_("Notices about lines"), "timer_off", "plans_linenotice"),
            _list(_("Changes of state"), "history", "plans_linehistory"),
            _list(_("Number assignments"), "dialpad", "plans_numberassignment"),
            _list(_("Network orders"), "cell_tower", "plans_serviceorder"),
            _list(_("Network differences"), "difference", "plans_networkdifference"),
            _list(_("Network events"), "rss_feed", "plans_networkevent"),
            _list(_("Network comparisons"), "compare_arrows", "plans_networkreconciliation"),
            _list(_("Periods"), "date_range", "plans_period"),
            _list(_("Stripe events"), "webhook", "billing_stripeevent"),
        ],
    },
    {
        "title": _("Shop"),
        "items": [
            _list(_("Brands"), "storefront", "plans_brand"),
            _list(_("Plans"), "sell", "plans_plan"),
            _list(_("Plan versions"), "history", "plans_planversion"),
        ],
    },
    {
        "title": _("House"),
        "collapsible": True,
        "items": [
            _list(_("Roles"), "badge", "auth_group"),
            _list(_("Proved addresses"), "alternate_email", "account_emailaddress"),
            _list(_("Simulator faults"), "bug_report", "plans_simulatorfault"),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": "Xuka",
    "SITE_HEADER": "Xuka",
    "SITE_SUBHEADER": _("operator's console"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "autorenew",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("icon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "ENVIRONMENT": f"{START}.environment",
    "DASHBOARD_CALLBACK": f"{START}.start_page",
    "STYLES": [lambda _request: static("css/console.css")],
    "COMMAND": {"search_callback": "portal.console.results.palette"},
    "SIDEBAR": {"show_search": True, "navigation": NAVIGATION},
    "ACCOUNT": {"navigation": [{"title": _("Account"), "link": reverse_lazy("account_email")}]},
    "BORDER_RADIUS": "8px",
    "COLORS": {
        # The jade of the portal's own pages, and its greys.
        "primary": {
            "50": "oklch(97% .02 163)",
            "100": "oklch(94% .04 163)",
            "200": "oklch(89% .07 163)",
            "300": "oklch(82% .1 163)",
            "400": "oklch(72% .13 163)",
            "500": "oklch(60% .125 163)",
            "600": "oklch(47% .105 163)",
            "700": "oklch(41% .09 163)",
            "800": "oklch(35% .075 165)",
            "900": "oklch(30% .062 168)",
            "950": "oklch(22% .045 178)",
        },
    },
}
