"""What the documents say is there: every link leads to a file, every word stands in the glossary."""

import re
from pathlib import Path

import pytest
from django.db import models
from django.utils import translation

from tests.architecture.pairs import our_models
from tests.architecture.source import ROOT

# `[text](target)` and `![text](target)`; addresses, anchors and mail are somebody else's.
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)(?P<target>[^)\s]+)\)")
# A file or folder of the repository, named in code marks.
PATH = re.compile(
    r"`(?P<path>(?:portal|support|billing|plans|accounts|messaging|templates|static|locale|tests"
    r"|tools|docs|benchmarks)/[\w./-]*)`"
)
RECIPE = re.compile(r"`make (?P<name>[a-z]+)`")
CODE = re.compile(r"```.*?```|`[^`\n]*`", flags=re.DOTALL)
ROW = re.compile(r"^\| `(?P<value>\w+)` \| (?P<meaning>[^|]+) \| (?P<label>[^|]*) \|$")
SECTION = re.compile(r"^### `(?P<name>[\w.]+)`", flags=re.MULTILINE)
GLOSSARY = ROOT / "docs" / "glossary.md"


def documents() -> list[Path]:
    """Every document of the repository."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def dead_links(text: str, folder: Path) -> list[str]:
    """Relative links of a document in `folder` that lead to no file."""
    targets = [match["target"].split("#")[0] for match in LINK.finditer(CODE.sub("", text))]
    return [target for target in targets if target and not (folder / target).exists()]


def test_every_link_leads_to_a_file() -> None:
    dead = {
        str(path.relative_to(ROOT)): found
        for path in documents()
        if (found := dead_links(path.read_text(encoding="utf-8"), path.parent))
    }

    assert dead == {}


def dead_paths(text: str) -> list[str]:
    """Files and folders that a document names and the repository does not have."""
    return [match["path"] for match in PATH.finditer(text) if not (ROOT / match["path"]).exists()]


def test_every_file_that_is_named_exists() -> None:
    dead = {
        str(path.relative_to(ROOT)): found
        for path in documents()
        if (found := dead_paths(path.read_text(encoding="utf-8")))
    }

    assert dead == {}


def test_every_recipe_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = set(re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE))
    named = {
        match["name"]
        for path in documents()
        for match in RECIPE.finditer(path.read_text(encoding="utf-8"))
    }

    assert {"setup", "check", "bench"} <= named
    assert named - recipes == set()


def test_a_file_that_is_not_there_would_be_found() -> None:
    assert dead_paths("`billing/nowhere.py` and `billing/urls.py` and `billing.urls`") == [
        "billing/nowhere.py"
    ]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda p: p.name)
def test_a_decision_says_its_number_tags_reason_and_cost(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert re.match(rf"# {int(path.name[:4])}\. \S", lines[0])
    assert re.match(r"Tags: .+ · \d{4}-\d{2}-\d{2} · (in force|replaced by \d+)$", lines[2])
    assert [part for part in ("**Why.**", "**Cost.**") if part not in "\n".join(lines)] == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](nowhere.md)", ["nowhere.md"]),
        ("![a](nowhere.png)", ["nowhere.png"]),
        ("[a](README.md#walk) [b](https://example.com/x.md) [c](#here)", []),
        ("`[a](nowhere.md)`", []),
    ],
)
def test_a_dead_link_would_be_found(text: str, dead: list[str]) -> None:
    assert dead_links(text, ROOT) == dead


def choices() -> dict[str, type[models.Choices]]:
    """Every class of choices of our models, as `Model.Class`."""
    return {
        f"{model.__name__}.{name}": choice
        for model in our_models()
        for name, choice in vars(model).items()
        if isinstance(choice, type) and issubclass(choice, models.Choices)
    }


def glossary() -> dict[str, dict[str, str]]:
    """Section `Model.Class` → value → label, as the glossary has them."""
    text = GLOSSARY.read_text(encoding="utf-8")
    heads = [*SECTION.finditer(text)]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return {
        head["name"]: {
            match["value"]: match["label"].strip()
            for line in text[head.end() : end].splitlines()
            if (match := ROW.match(line))
        }
        for head, end in zip(heads, ends, strict=True)
    }


def test_every_table_stands_in_the_glossary() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")

    assert [one.__name__ for one in our_models() if f"| `{one.__name__}` |" not in text] == []


def test_every_value_that_a_reader_meets_stands_in_the_glossary() -> None:
    said = {name: list(rows) for name, rows in glossary().items()}

    assert said == {name: list(choice.values) for name, choice in choices().items()}


def test_the_glossary_says_what_the_screens_say() -> None:
    wrong: dict[str, str] = {}
    for name, choice in choices().items():
        for member in choice:
            with translation.override("zh-hans"):
                shown_as = str(member.label)
            with translation.override("en"):
                is_translated = shown_as != str(member.label)
            said = glossary()[name][str(member.value)]
            if is_translated and said != shown_as:
                wrong[f"{name}.{member.value}"] = f"{said} instead of {shown_as}"

    assert wrong == {}
