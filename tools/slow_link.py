"""How long the dashboard takes on a bad link, and how much a whole renewal weighs.

`uv run python -m tools.slow_link` against a running demo, whose pages and files travel compressed.
For the files of a real installation, hashed and compressed beforehand, fill a folder with
`DEBUG=yes DATA_DIR=/tmp/slow uv run manage.py seed_demo` (after `migrate`), then, without DEBUG
and with ALLOWED_HOSTS=127.0.0.1, SITE_URL=https://portal.example.com, SECURE_SSL_REDIRECT=no, a
SECRET_KEY, any sk_test_ key and the same DATA_DIR, run `manage.py collectstatic --noinput` and
`gunicorn portal.wsgi`; there the renewal ends at the summary and an order of the list is opened.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tools.customer_pages import LOGIN, PASSWORD, launch, log_in, places, visitor

# The link of DESIGN.md section 9: 128 kbit/s and 400 ms there and back.
KBITS, LATENCY_MS = 128, 400
# Milliseconds after which a slow page counts as lost.
PATIENCE = 120_000
# What a browser fetches aside, when it has nothing else to do.
ASIDE = ("/icon.", "/manifest.")
CARD = "4242424242424242"


# Not slotted: Playwright hangs its own wrapper on the object whose method it calls.
@dataclass
class Traffic:
    """Answers of one origin, as bytes on the wire with their headers."""

    origin: str
    size_of: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)

    def sent(self, event: dict[str, Any]) -> None:
        """Remember a request of ours; a redirect keeps its id and is one request more."""
        url = event["request"]["url"]
        if "redirectResponse" in event and event["requestId"] in self._asked:
            hop = f"{event['requestId']}:{len(self.size_of)}"
            self.size_of[hop] = int(event["redirectResponse"]["encodedDataLength"])
            del self._asked[event["requestId"]]
        if url.startswith(self.origin) and not any(part in url for part in ASIDE):
            self._asked[event["requestId"]] = url

    def finished(self, event: dict[str, Any]) -> None:
        """Add what has arrived; files that the browser had already count as nothing."""
        if event["requestId"] in self._asked:
            self.size_of[event["requestId"]] = int(event["encodedDataLength"])

    @property
    def requests(self) -> int:
        """Answers that came over the wire."""
        return sum(1 for size in self.size_of.values() if size)

    @property
    def kilobytes(self) -> float:
        """All of them in KB of 1024 bytes."""
        return sum(self.size_of.values()) / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure against a running portal and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default=LOGIN)
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--chromium", default=os.environ.get("PORTAL_CHROMIUM", ""))
    options = parser.parse_args(arguments)
    with sync_playwright() as playwright:
        browser = launch(playwright, options.chromium)
        try:
            measure(browser, options)
        finally:
            browser.close()
    return 0


def measure(browser: Browser, options: argparse.Namespace) -> None:
    """Log in on a fast link, then see the dashboard and renew on a slow one, with no cache."""
    base = options.base_url.rstrip("/")
    with visitor(browser, language="zh", width=390, scheme="light") as context:
        page = context.new_page()
        log_in(page, base, login=options.login, password=options.password)
        found = places(page, base)
        cookies = context.storage_state()
    with fresh(browser, cookies) as page, listening(page, base) as traffic:
        seconds = first_load(page, base + found["line_1"])
    print(f"link                   {KBITS} kbit/s, {LATENCY_MS} ms")
    print(f"dashboard, first load  {seconds:.1f} s until the renew button is visible")
    print(f"                       {traffic.kilobytes:.1f} KB in {traffic.requests} requests")
    with fresh(browser, cookies) as page, listening(page, base) as traffic:
        way = renew(page, base, found)
    print(f"renewal, empty cache   {traffic.kilobytes:.1f} KB in {traffic.requests} requests")
    print(f"                       {way}")


@contextmanager
def fresh(browser: Browser, cookies: StorageState) -> Iterator[Page]:
    """A phone that is logged in and has nothing in its cache."""
    with visitor(browser, language="zh", width=390, scheme="light", cookies=cookies) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page


@contextmanager
def listening(page: Page, base: str) -> Iterator[Traffic]:
    """Slow the link down and count what comes from our own origin."""
    traffic = Traffic(origin=f"{base}/")
    session = page.context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", traffic.sent)
    session.on("Network.loadingFinished", traffic.finished)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": KBITS * 1000 / 8,
            "uploadThroughput": KBITS * 1000 / 8,
        },
    )
    yield traffic
    session.detach()


def first_load(page: Page, url: str) -> float:
    """Return the seconds from the click until the renew button is painted."""
    start = time.monotonic()
    page.goto(url, wait_until="commit")
    page.get_by_test_id("renew").first.wait_for(state="visible")
    seen = time.monotonic() - start
    page.wait_for_load_state("networkidle")
    # Nothing is painted before the style sheets are there, whatever the layout knows already.
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return max(seen, float(painted) / 1000)


def renew(page: Page, base: str, found: dict[str, str]) -> str:
    """Choose, confirm, pay where the simulated checkout answers, and wait; return the way taken."""
    page.goto(f"{base}{urlsplit(found['line_1']).path}renew/")
    page.locator("main form:has([data-testid=plan-option]) button").last.click()
    page.get_by_test_id("confirm-order").wait_for()
    try:
        page.get_by_test_id("confirm-order").click()
        page.wait_for_load_state()
    finally:
        here = page.url
    if here.startswith(base):
        page.goto(base + found["order_first"], wait_until="networkidle")
        return "choose, summary, an order of the list (no simulated checkout answered)"
    page.get_by_test_id("card-number").fill(CARD)
    page.get_by_test_id("pay-now").click()
    page.wait_for_url(f"{base}/orders/**")
    page.locator("[data-testid=order-state][data-state=effective]").wait_for()
    return "choose, summary, order page until effective (the hosted page is not counted)"


if __name__ == "__main__":
    sys.exit(main())
