"""One name, one thing: rules, tasks and commands are found by searching for their name."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from portal.celery import app
from portal.schedule import SCHEDULE
from portal.sweep import WORK
from tests.architecture.source import LAYERS, ROOT, files, parsed, shown
from tests.portal.test_schedule import import_tasks, rung_names

# Rules that stand beside services: pure arithmetic and the answers built on it.
RULES_BESIDE = ("plans/chain.py", "plans/validity.py", "plans/renewability.py")
TASK_NAME = re.compile(rf"({'|'.join(LAYERS)})\.[a-z]+(_[a-z]+)+")
# The sweep has no object: it looks at everything.
SHORT_TASK = "portal.sweep"


def public_functions(tree: ast.Module) -> list[str]:
    """Names of the public functions at the top of one file."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    ]


def names_used_twice(rules: dict[str, ast.Module], others: dict[str, ast.Module]) -> list[str]:
    """Public rules whose name another rule or any other file's function bears too."""
    defined = Counter(name for tree in rules.values() for name in public_functions(tree))
    elsewhere = {name for tree in others.values() for name in public_functions(tree)}
    return sorted(name for name, count in defined.items() if count > 1 or name in elsewhere)


def is_rule_file(path: Path) -> bool:
    return path.parent.name == "services" or shown(path) in RULES_BESIDE


def test_a_rule_has_a_name_of_its_own() -> None:
    # A task bears the name of the one service it calls: it is that rule's bell.
    paths = [path for path in files(*LAYERS, suffixes=(".py",)) if path.name != "tasks.py"]
    rules = {shown(path): parsed(path) for path in paths if is_rule_file(path)}
    others = {shown(path): parsed(path) for path in paths if not is_rule_file(path)}

    assert set(RULES_BESIDE) < set(rules)
    assert names_used_twice(rules, others) == []


@pytest.mark.parametrize(
    ("rules", "others", "found"),
    [
        (["def renew(): ...", "def renew(): ..."], [], ["renew"]),
        (["def renew(): ..."], ["def renew(): ..."], ["renew"]),
        (["def _renew(): ..."], ["def _renew(): ..."], []),
        (["def renew(): ..."], ["class A:\n    def renew(self): ..."], []),
    ],
)
def test_a_name_used_twice_would_be_found(
    rules: list[str], others: list[str], found: list[str]
) -> None:
    assert (
        names_used_twice(
            {f"rule{number}": ast.parse(text) for number, text in enumerate(rules)},
            {f"other{number}": ast.parse(text) for number, text in enumerate(others)},
        )
        == found
    )


def our_tasks() -> dict[str, str]:
    """Registered name → module of every task of ours."""
    import_tasks()
    return {
        name: task.__module__
        for name, task in app.tasks.items()
        if task.__module__.split(".")[0] in LAYERS
    }


def test_a_task_is_named_after_its_app_and_what_it_does() -> None:
    wrong = [
        name
        for name, module in our_tasks().items()
        if name != SHORT_TASK
        and not (TASK_NAME.fullmatch(name) and module == f"{name.split('.')[0]}.tasks")
    ]

    assert wrong == []


def test_every_task_is_rung_or_scheduled() -> None:
    reached = rung_names() | {work.task for work in WORK}
    reached |= {entry["task"] for entry in SCHEDULE.values()}

    assert sorted(set(our_tasks()) - reached) == []


@pytest.mark.parametrize("name", ["billing.orders", "portal.Sweep", "tasks.push_refund", "sweep"])
def test_a_task_without_a_verb_and_an_object_would_be_found(name: str) -> None:
    assert not TASK_NAME.fullmatch(name)


def our_commands() -> dict[str, str]:
    """Every management command of ours with its app."""
    return {name: app for name, app in get_commands().items() if app in LAYERS}


def text_constants(*folders: str) -> set[str]:
    """Every text that stands as such in the code of these folders."""
    return {
        node.value
        for path in files(*folders, suffixes=(".py",))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_command_says_what_it_does() -> None:
    wordless = [
        name
        for name, app_name in our_commands().items()
        if not load_command_class(app_name, name).help.strip()
    ]

    assert wordless == []


def test_every_command_is_called_by_a_test_and_told_in_the_readme() -> None:
    folders = [
        shown(path)
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name not in {"architecture", "__pycache__"}
    ]
    called = text_constants(*folders)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert sorted(set(our_commands()) - called) == []
    assert [name for name in our_commands() if not re.search(rf"`[^`]*\b{name}\b", readme)] == []
