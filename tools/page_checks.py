"""What is wrong with a page in a real browser: accessibility, console, width, and its address."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

# Height of the window in CSS px, as of a common phone.
HEIGHT = 844
# What Chromium says about any address that answers 400 or more.
FAILED_LOAD = "Failed to load resource"
# WCAG 2.2 A and AA, and what axe calls good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# Not slotted: Playwright hangs its own wrapper on the object whose method it calls.
@dataclass
class Listener:
    """Hears what a page's console says, but that the page itself answered an error."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _said(self, said: ConsoleMessage) -> None:
        # The status of the page is judged by who opened it.
        is_own_answer = said.text.startswith(FAILED_LOAD) and said.location["url"] == self.page.url
        if said.type == "error" and not is_own_answer:
            self.errors.append(f"{said.text} ({said.location['url']})")

    def take(self) -> list[str]:
        """Return what was heard since the last call."""
        heard, self.errors = self.errors, []
        return [f"console: {text}" for text in heard]


@cache
def axe_source() -> str:
    """Return axe-core's script; run by the debugger, so that no policy of the page is loosened."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe_violations(page: Page) -> list[str]:
    """Return one line for each rule of axe-core that the page breaks, with the first places."""
    page.evaluate(axe_source())
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"axe {one['id']} ({one['impact']}): "
        + " | ".join(" ".join(node["target"]) for node in one["nodes"][:3])
        for one in result["violations"]
    ]


def sideways(page: Page) -> list[str]:
    """Return a line when the page is wider than its window."""
    wide, window = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return [f"scrolls sideways: {wide} px in {window} px"] if wide > window else []


def resize(page: Page, width: int) -> None:
    """Change the window without loading the page again."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
