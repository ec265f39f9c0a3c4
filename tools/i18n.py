"""Translations: `uv run tools/i18n.py extract | merge FILES… | compile | check`.

Source language is English; Chinese lives in locale/zh_Hans. Only `extract` needs gettext, and
`check` uses it when it is there. The compiled file is committed, so that nobody needs gettext.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
# Run as a script, Python looks beside the script only, not in the project's folder.
sys.path.insert(0, str(ROOT))

from tools.unfold_texts import unfold_entries  # noqa: E402 (the path first)

LANGUAGE = "zh_Hans"
PO = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# What people may come to read is in these.
SOURCES = ("portal", "support", "billing", "plans", "accounts", "messaging", "templates")
# Bilingual on purpose: a page that must not look like the portal's.
BILINGUAL = "billing/sandbox"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# Files that may hold Chinese outside locale/, each with its reason.
HAN_ALLOWED = {
    # Patterns of dates and numbers, not sentences: gettext has no word for them.
    "messaging/formats.py",
    "plans/charts.py",
    # Names of invented people, and the product's own name on the console.
    "portal/seed.py",
    "portal/management/commands/demo.py",
    # The stand-in speaks both languages at once.
    "billing/management/commands/stripe_sandbox.py",
    # Each language is named in itself.
    "templates/parts/language.html",
}


def key_of(entry: polib.POEntry | polib.MOEntry) -> tuple[str, str]:
    """What tells entries apart: context and source text."""
    return entry.msgctxt or "", entry.msgid


def extracted() -> polib.POFile:
    """The catalogue as today's sources want it, kept translations included.

    Runs makemessages in a folder of links, so that a failure leaves locale/ as it was.
    Raises CalledProcessError with gettext's own words on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="xuka-i18n-") as name:
        folder = Path(name)
        for source in (*SOURCES, "manage.py"):
            (folder / source).symlink_to(ROOT / source)
        po = folder / PO.relative_to(ROOT)
        po.parent.mkdir(parents=True)
        if PO.exists():
            shutil.copy(PO, po)
        options = ["--locale", LANGUAGE, "--symlinks", "--extension", "html,txt,mjml,py"]
        options += ["--no-obsolete", "--no-wrap", "--add-location", "file", "--verbosity", "0"]
        options += ["--ignore", f"{BILINGUAL}/*", "--ignore", "migrations/*"]
        subprocess.run(  # noqa: S603 (our own command line)
            [sys.executable, "manage.py", "makemessages", *options],
            cwd=folder,
            env={**os.environ, "DEBUG": "yes"},
            check=True,
        )
        catalogue = polib.pofile(str(po), wrapwidth=0)
    for entry in catalogue:
        if entry.fuzzy:
            # A guess by likeness is worse than a gap that `check` reports.
            entry.flags.remove("fuzzy")
            entry.previous_msgid = entry.previous_msgid_plural = None
            entry.msgstr = ""
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
    add_unfold(catalogue)
    return catalogue


def add_unfold(catalogue: polib.POFile) -> None:
    """Add the texts of the console's framework, with the translations that we have already."""
    ours = {key_of(entry) for entry in catalogue}
    kept = {key_of(entry): entry for entry in polib.pofile(str(PO))} if PO.exists() else {}
    for entry in unfold_entries(LANGUAGE):
        if key_of(entry) not in ours:
            catalogue.append(kept.get(key_of(entry), entry))


def is_translated(entry: polib.POEntry) -> bool:
    """Whether every form has a text and none is a guess."""
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return bool(texts) and all(texts) and not entry.fuzzy


def extract() -> list[str]:
    """Write today's catalogue; report nothing, gaps are normal at this point."""
    catalogue = extracted()
    for noisy in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Report-Msgid-Bugs-To",
    ):
        catalogue.metadata.pop(noisy, None)
    catalogue.metadata |= {
        "Project-Id-Version": "Xuka",
        "Language": LANGUAGE,
        "Language-Team": "Xuka",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    PO.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(PO))
    gaps = sum(not is_translated(entry) for entry in catalogue)
    print(f"{len(catalogue)} texts, {gaps} without translation")
    return []


def pairs_of(path: Path) -> Iterator[tuple[str, str]]:
    r"""Pairs of a file «English<TAB>中文», one per line, with `\n` for a line break.

    A text with a plural stands as «one ||| many<TAB>中文»; the many are what it is known by.
    """
    for line in path.read_text(encoding="utf-8").splitlines():
        english, tab, chinese = line.partition("\t")
        if tab and english and chinese and not line.startswith("#"):
            yield unescaped(english.rpartition(" ||| ")[2]), unescaped(chinese)


def unescaped(text: str) -> str:
    """Text with line breaks for `\\n` and gettext's placeholders for a template's."""
    named = re.sub(r"\{\{ *(\w+)[^}]*\}\}", r"%(\1)s", text)
    return named.replace("\\n", "\n").strip()


def merge(files: list[Path]) -> list[str]:
    """Fill in translations by source text; report contradictions and what is still missing."""
    known: dict[str, str] = {}
    problems = []
    for path in files:
        for english, chinese in pairs_of(path):
            if known.setdefault(english, chinese) != chinese:
                problems.append(f"{path.name}: {english!r} is {known[english]!r} and {chinese!r}")
    catalogue = polib.pofile(str(PO), wrapwidth=0)
    for entry in catalogue:
        chinese = known.get(entry.msgid_plural.strip()) or known.get(entry.msgid.strip(), "")
        if not chinese:
            continue
        # gettext wants a line break at both ends or at none.
        head = "\n" if entry.msgid.startswith("\n") else ""
        tail = "\n" if entry.msgid.endswith("\n") else ""
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"{head}{chinese}{tail}"}
        else:
            entry.msgstr = f"{head}{chinese}{tail}"
    catalogue.save(str(PO))
    missing = [entry for entry in catalogue if not is_translated(entry)]
    return problems + [f"no translation: {entry.msgid!r}" for entry in missing]


def compile_catalogue() -> list[str]:
    """Write the compiled file that the portal reads."""
    polib.pofile(str(PO)).save_as_mofile(str(MO))
    return []


def check_entries(catalogue: polib.POFile) -> Iterator[str]:
    """Gaps, guesses, leftovers, and placeholders that a translation lost or invented."""
    for entry in catalogue:
        if entry.obsolete:
            yield f"no longer used: {entry.msgid!r}"
        elif not is_translated(entry):
            yield f"no translation: {entry.msgid!r}"
        else:
            source = entry.msgid_plural or entry.msgid
            for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
                if Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(source)):
                    yield f"other placeholders: {source!r} and {text!r}"


def check_compiled(catalogue: polib.POFile) -> Iterator[str]:
    """The compiled file says the same; compared as texts, for tools differ in bytes."""
    if not MO.exists():
        yield f"{MO.relative_to(ROOT)} is missing; run `uv run tools/i18n.py compile`"
        return
    wanted = {key_of(entry): (entry.msgstr, dict(entry.msgstr_plural)) for entry in catalogue}
    compiled = polib.mofile(str(MO))
    found = {key_of(entry): (entry.msgstr, dict(entry.msgstr_plural)) for entry in compiled}
    if wanted != found:
        yield f"{MO.relative_to(ROOT)} is old; run `uv run tools/i18n.py compile`"


def check_extracted(catalogue: polib.POFile) -> Iterator[str]:
    """The catalogue holds what the sources say today."""
    if not shutil.which("xgettext"):
        print("note: gettext is not here, so new texts in the sources are not looked for")
        return
    wanted = {key_of(entry) for entry in extracted()}
    found = {key_of(entry) for entry in catalogue}
    yield from (f"not extracted: {text!r}" for _, text in sorted(wanted - found))
    yield from (f"no longer used: {text!r}" for _, text in sorted(found - wanted))


def texts_of(path: Path) -> Iterator[str]:
    """What of a source file may reach a person: a template whole, of Python its strings."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield source
        return
    tree = ast.parse(source)
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in remarks
        ):
            yield node.value


def check_sources() -> Iterator[str]:
    """No Chinese outside locale/: such a text could not be read in English."""
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.suffix not in {".py", ".html", ".txt", ".mjml"} or name in HAN_ALLOWED:
                continue
            if not name.startswith(BILINGUAL) and any(map(HAN.search, texts_of(path))):
                yield f"Chinese in a source: {name}"


def check() -> list[str]:
    """Everything that must hold before a change lands."""
    if not PO.exists():
        return [f"{PO.relative_to(ROOT)} is missing; run `uv run tools/i18n.py extract`"]
    catalogue = polib.pofile(str(PO))
    return [
        *check_entries(catalogue),
        *check_compiled(catalogue),
        *check_extracted(catalogue),
        *check_sources(),
    ]


def main() -> int:
    """Run one command; 1 when it found something to mend."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("extract", "compile", "check"):
        commands.add_parser(name)
    commands.add_parser("merge").add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    if options.command == "merge":
        problems = merge(options.files)
    else:
        run = {"extract": extract, "compile": compile_catalogue, "check": check}
        problems = run[options.command]()
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
