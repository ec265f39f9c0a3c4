"""What the tests of the shop front share: plans on sale, and a page read as text."""

import re
from html import unescape

from django.test import Client

from plans.models import Brand, Plan
from tests.factories import PlanFactory, PlanVersionFactory

GB = 1024**3


def sell(brand: Brand, sku: str, kind: str = "plan", **terms: object) -> Plan:
    """Put a plan on sale."""
    return PlanVersionFactory.create(
        plan=PlanFactory.create(brand=brand, sku=sku, kind=kind), **terms
    ).plan


def read(client: Client, url: str, headers: dict[str, str]) -> str:
    """Return the page, which must be there."""
    page = client.get(url, headers=headers)
    assert page.status_code == 200
    return page.content.decode()


def skus(page: str) -> list[str]:
    """Return the plans of a catalogue page in their order."""
    return re.findall(r'<article.*?href="/plans/([A-Z0-9-]+)/"', page, flags=re.DOTALL)


def words(page: str) -> str:
    """Return what a page says, without tags and with single blanks."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
