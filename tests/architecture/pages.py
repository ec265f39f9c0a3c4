"""What a page is made of, read from its template without rendering it."""

import re
from functools import cache

from tests.architecture.source import ROOT, files, shown

TEMPLATES = ROOT / "templates"
# The console brings its own pages; allauth's elements and the form pack are parts of pages.
NOT_PAGES = ("admin/", "unfold/", "allauth/", "portal/", "parts/")
EXTENDS = re.compile(r"\{%\s*extends\s+[\"'](?P<name>[^\"']+)[\"']")
INCLUDE = re.compile(r"\{%\s*include\s+[\"'](?P<name>[^\"']+)[\"'][^%]*%\}")
REMARK = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}", flags=re.DOTALL)
PIECE = re.compile(r"\{%\s*(?P<tag>if|elif|else|endif)\b[^%]*%\}|(?P<h1><h1\b|\{%\s*element h1\b)")
FORM = re.compile(
    r"(<form\b[^>]*\bmethod\s*=\s*[\"']?post\b[^>]*>)(.*?)</form>", flags=re.DOTALL | re.IGNORECASE
)
# An element of allauth posts unless told otherwise, and knows no token by itself.
ELEMENT = re.compile(
    r"(\{%\s*element form\b(?![^%]*method=.get)[^%]*%\})(.*?)(?=\{%\s*element form\b|\Z)",
    flags=re.DOTALL,
)
NEW_WINDOW = re.compile(r"<a\b[^>]*\btarget\s*=[^>]*>", flags=re.IGNORECASE)


@cache
def template(name: str) -> str:
    """Text of a template, with what it includes put in; "" for one that a library brings."""
    path = TEMPLATES / name
    if not path.is_file():
        return ""
    text = REMARK.sub("", path.read_text(encoding="utf-8"))
    return INCLUDE.sub(lambda match: template(match["name"]), text)


def page_names() -> list[str]:
    """Templates that are a whole page: they extend another, or are extended by none."""
    names = [
        shown(path).removeprefix("templates/") for path in files("templates", suffixes=(".html",))
    ]
    parents = {match["name"] for name in names if (match := EXTENDS.search(template(name)))}
    return [
        name
        for name in names
        if not name.startswith(NOT_PAGES)
        and not name.split("/")[-1].startswith("_")
        and name not in parents
        and (EXTENDS.search(template(name)) or "<html" in template(name))
    ]


def headings(name: str) -> tuple[int, int]:
    """The least and the greatest number of `<h1>` that a page can have, by its branches.

    A page without any takes its parent's.
    """
    text = template(name)
    least, most = count_headings(text)
    if most == 0 and (parent := EXTENDS.search(text)):
        return headings(parent["name"])
    return least, most


def count_headings(text: str) -> tuple[int, int]:
    """The least and the greatest number of `<h1>` in a template's text."""
    pieces = [match["tag"] or "h1" for match in PIECE.finditer(text)]
    return _count(pieces, 0)[:2]


def _count(pieces: list[str], at: int) -> tuple[int, int, int]:
    """Counts of one sequence up to the tag that ends it, and where that tag stands."""
    least = most = 0
    while at < len(pieces) and pieces[at] not in {"elif", "else", "endif"}:
        if pieces[at] == "h1":
            few, many, at = 1, 1, at + 1
        else:
            few, many, at = _branches(pieces, at + 1)
        least, most = least + few, most + many
    return least, most, at


def _branches(pieces: list[str], at: int) -> tuple[int, int, int]:
    few, many, at = _count(pieces, at)
    has_else = False
    while at < len(pieces) and pieces[at] != "endif":
        has_else = has_else or pieces[at] == "else"
        one_few, one_many, at = _count(pieces, at + 1)
        few, many = min(few, one_few), max(many, one_many)
    return few if has_else else 0, many, at + 1


def forms_without_token(text: str) -> list[str]:
    """Opening of each form that posts and has no token against forged requests."""
    forms = [*FORM.findall(text), *ELEMENT.findall(text)]
    return [head for head, body in forms if not re.search(r"csrf_token|\{%\s*crispy\b", body)]


def unsafe_windows(text: str) -> list[str]:
    """Links into a new window that could reach back into ours."""
    return [link for link in NEW_WINDOW.findall(text) if "noopener" not in link]
