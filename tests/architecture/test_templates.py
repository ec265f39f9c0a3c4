"""Pages keep to the strict content security policy: nothing inline, in any template."""

import re

import pytest

from tests.architecture.source import LAYERS, files, shown

# A mail needs inline styles, and the console brings its own pages and policy.
EXEMPT = ("templates/messaging/", "templates/admin/", "templates/unfold/")
TEMPLATE_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", flags=re.DOTALL)
FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "a script without its own file": r"<script\b(?![^>]*\ssrc\s*=)",
    "a script with content": r"<script\b[^>]*>\s*[^\s<]",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "an htmx script attribute": r"<[^>]*\shx-on\b",
    "a script address": r"javascript:",
}


def pages() -> dict[str, str]:
    """Each page template with its template code taken out."""
    return {
        shown(path): TEMPLATE_CODE.sub(" ", path.read_text(encoding="utf-8"))
        for path in files("templates", *LAYERS, suffixes=(".html",))
        if not shown(path).startswith(EXEMPT)
    }


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_has_anything_inline(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], flags=re.IGNORECASE)

    assert [name for name, text in pages().items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("a style attribute", '<p class="a"\nstyle="x">'),
        ("a style element", "<style>p{}</style>"),
        ("a script without its own file", "<script defer>"),
        ("a script with content", '<script src="a.js">x()</script>'),
        ("an event attribute", "<body onload = x>"),
        ("an htmx script attribute", '<a hx-on:click="x">'),
        ("a script address", '<a href="javascript:x">'),
    ],
)
def test_each_kind_of_inline_code_would_be_found(what: str, sample: str) -> None:
    assert re.search(FORBIDDEN[what], sample, flags=re.IGNORECASE)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_clean_page_passes(what: str) -> None:
    sample = (
        '<script src="a.js" defer></script><p class="style on">only = one, on = 2</p>'
        '<button hx-get="/x/" data-once="1">'
    )

    assert not re.search(FORBIDDEN[what], sample, flags=re.IGNORECASE)
