"""What the start page says beyond the brands: the visitor's lines, or how to try the demo."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import User
from plans.models import Brand
from plans.selectors.glance import lines_at_a_glance
from portal.seed import CUSTOMERS, OPERATOR, PASSWORD


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One published log-in of the demo: who it is, and what to type."""

    name: str
    email: str
    phone: str = ""
    is_operator: bool = False


def own_part(user: object, brands: Iterable[Brand], *, now: datetime) -> dict[str, object]:
    """Return what a customer sees of their lines, or a visitor of the demo; one query at most.

    The demo's log-ins appear only on a test machine that has demo brands: nowhere else are they
    known, and no other installation tells its password.
    """
    if isinstance(user, User):
        return {"glance": lines_at_a_glance(user, now=now)}
    if not (settings.LOCAL_TEST and any(brand.is_demo for brand in brands)):
        return {}
    logins = [DemoLogin(one.name, one.email, one.phone) for one in CUSTOMERS]
    operator = DemoLogin(OPERATOR, OPERATOR, is_operator=True)
    return {"demo_logins": [*logins, operator], "demo_password": PASSWORD}
