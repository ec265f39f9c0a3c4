"""The texts of the console's framework that Django does not translate for it.

Unfold brings no translations of its own, and makemessages does not see installed packages, so
its sources are read here, by Django's own reader of templates. Texts that Django's catalogues
know are left out: they come translated.
"""

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import django
import polib
import unfold
from django.utils.translation.template import templatize

UNFOLD = Path(unfold.__file__).parent
DJANGO = Path(django.__file__).parent
# Parts for other packages, none of which is installed here.
UNUSED = {"contrib", "templates/unfold_crispy"}
USED = {"contrib/filters"}
NOTE = "unfold"
# Where Django's own words come from, as far as the portal uses it.
CATALOGUES = ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes", "contrib/humanize")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(?:n?gettext|_)\({LITERAL}(?:, {LITERAL}, count)?\)")


def unfold_entries(language: str) -> list[polib.POEntry]:
    """Every text of the parts in use that Django has no translation of, sorted; msgstr empty."""
    known = texts_of_django(language)
    texts = {text: plural for text, plural in _texts() if text not in known and text.strip()}
    return [
        polib.POEntry(
            msgid=text,
            msgid_plural=plural,
            msgstr_plural={0: ""} if plural else {},
            comment=NOTE,
        )
        for text, plural in sorted(texts.items())
    ]


def texts_of_django(language: str) -> set[str]:
    """What Django's own catalogues translate into the language."""
    known: set[str] = set()
    for folder in CATALOGUES:
        with (DJANGO / folder / f"locale/{language}/LC_MESSAGES/django.mo").open("rb") as file:
            catalogue = GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # noqa: SLF001 (no other way in)
        known |= {key[0] if isinstance(key, tuple) else key for key in catalogue}
    return known


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted(UNFOLD.rglob("*")):
        name = path.relative_to(UNFOLD).as_posix()
        is_unused = any(name.startswith(f"{part}/") for part in UNUSED)
        if is_unused and not any(name.startswith(f"{part}/") for part in USED):
            continue
        if path.suffix == ".html":
            yield from _of_template(path.read_text(encoding="utf-8"))
        elif path.suffix == ".py":
            yield from _of_module(path.read_text(encoding="utf-8"))


def _of_template(source: str) -> Iterator[tuple[str, str]]:
    for found in CALL.finditer(templatize(source)):
        singular, plural = found.groups()
        yield ast.literal_eval(singular), ast.literal_eval(plural) if plural else ""


def _of_module(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *more]) if (
                name in FUNCTIONS
            ):
                plural = more[0].value if more and isinstance(more[0], ast.Constant) else ""
                yield text, str(plural)
