"""Pages keep to the strict content security policy, and to one heading and safe forms."""

import re

import pytest

from tests.architecture.pages import (
    count_headings,
    forms_without_token,
    headings,
    page_names,
    unsafe_windows,
)
from tests.architecture.source import LAYERS, files, shown

# The console brings its own pages and policy.
EXEMPT = ("templates/admin/", "templates/unfold/")
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


def raw_pages() -> dict[str, str]:
    """Each page template as it is written."""
    return {
        shown(path): path.read_text(encoding="utf-8")
        for path in files("templates", *LAYERS, suffixes=(".html",))
        # The form pack writes a form whose method it is told, with the token where it posts.
        if not shown(path).startswith("templates/allauth/elements/")
    }


def test_every_form_that_posts_has_its_token() -> None:
    found = {
        name: forms for name, text in raw_pages().items() if (forms := forms_without_token(text))
    }

    assert found == {}


def test_no_link_lets_a_new_window_reach_back() -> None:
    found = {name: links for name, text in raw_pages().items() if (links := unsafe_windows(text))}

    assert found == {}


def test_every_page_has_one_heading() -> None:
    found = {name: counted for name in page_names() if (counted := headings(name)) != (1, 1)}

    assert found == {}
    assert {"home.html", "404.html", "billing/lines.html", "account/login.html"} <= {*page_names()}


@pytest.mark.parametrize(
    "form",
    [
        '<form method="post"><button></button></form>',
        "<form action='x' method=POST></form>{% csrf_token %}",
        "{% element form action=x %}{% slot body %}{% endslot %}{% endelement %}",
    ],
)
def test_a_form_without_token_would_be_found(form: str) -> None:
    assert len(forms_without_token(form)) == 1


@pytest.mark.parametrize(
    "form",
    [
        '<form method="post">{% csrf_token %}</form>',
        '<form method="post">{% crispy form %}</form>',
        '<form method="get"></form>',
        "{% element form %}{% slot body %}{% csrf_token %}{% endslot %}{% endelement %}",
    ],
)
def test_a_safe_form_passes(form: str) -> None:
    assert forms_without_token(form) == []


def test_a_window_that_reaches_back_would_be_found() -> None:
    assert unsafe_windows('<a href="x" target="_blank">')
    assert not unsafe_windows('<a href="x" target="_blank" rel="noopener">')


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("<h1>a</h1>", (1, 1)),
        ("<p>a</p>", (0, 0)),
        ("<h1>a</h1><h1>b</h1>", (2, 2)),
        ("{% if a %}<h1>a</h1>{% endif %}", (0, 1)),
        ("{% if a %}<h1>a</h1>{% elif b %}<h1>b</h1>{% else %}<h1>c</h1>{% endif %}", (1, 1)),
        ("{% if a %}{% if b %}<h1>a</h1>{% endif %}{% else %}<h1>c</h1>{% endif %}", (0, 1)),
        ("{% element h1 %}a{% endelement %}", (1, 1)),
    ],
)
def test_headings_are_counted_by_branch(text: str, counted: tuple[int, int]) -> None:
    assert count_headings(text) == counted
