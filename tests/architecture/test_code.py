"""What no file of the product does, but at the places named here, each with its reason."""

import ast
from pathlib import Path

import pytest

from tests.architecture import laws
from tests.architecture.source import LAYERS, files, parsed, python_files, shown

PRODUCT = (*LAYERS, "tools", "benchmarks")

# file:function → why this import may not stand at the top.
LOCAL_IMPORTS = {
    "portal/celery.py:_read_schedule": "settings load that module before they are ready",
    "tools/update_goldens.py:main": "models load only after django.setup()",
}
# file:function → the process edge that may not fall over a single bad row, line or request.
EDGES = {
    "billing/sandbox/listener.py:respond": "a mistake of the stand-in is a 500, never a hang",
    "billing/services/reconciliation.py:_fetch_missed_events": "one event must not hide others",
    "messaging/services/delivery.py:_deliver": "the error is kept on the row",
    "portal/logs.py:_safe_text": "a log line must never raise",
    "portal/logs.py:filter": "a log line must never raise",
    "portal/sweep.py:_did": "one row leaves others their turn; the error is in the log",
}
# Only what migrate brings along; between our own apps there is no signal at all.
SIGNALS = {
    "billing/apps.py": ["django.db.models.signals.post_migrate"],
    "portal/apps.py": ["django.db.models.signals.post_migrate"],
}


def product_files() -> list[Path]:
    return files(*PRODUCT, suffixes=(".py",))


def test_imports_stand_at_the_top() -> None:
    found = {
        f"{shown(path)}:{name}"
        for path in product_files()
        for name in laws.local_imports(parsed(path))
    }

    assert found == set(LOCAL_IMPORTS)


def test_only_process_edges_catch_everything() -> None:
    found = {
        f"{shown(path)}:{name}"
        for path in product_files()
        for name in laws.blind_excepts(parsed(path))
    }

    assert found == set(EDGES)


def test_no_app_acts_behind_the_back_of_another_by_signals() -> None:
    found = {
        shown(path): names for path in product_files() if (names := laws.signals(parsed(path)))
    }

    assert found == SIGNALS


def test_nothing_prints_but_tools() -> None:
    found = [
        f"{shown(path)}:{name}"
        for path in files(*LAYERS, suffixes=(".py",))
        for name in laws.prints(parsed(path))
    ]

    assert found == []


def test_every_excuse_has_its_code_and_its_reason() -> None:
    found = {
        shown(path): wrong
        for path in product_files()
        if (wrong := laws.bare_excuses(path.read_text(encoding="utf-8")))
    }

    assert found == {}


def test_no_module_is_a_dumping_ground() -> None:
    named = [
        shown(path)
        for path in python_files()
        if laws.DUMPING_GROUNDS & {path.stem, path.parent.name}
    ]

    assert named == []


@pytest.mark.parametrize(
    ("law", "code", "found"),
    [
        (laws.local_imports, "def f():\n    import os\n", ["f"]),
        (laws.local_imports, "class A:\n    def f(self):\n        from a import b\n", ["f"]),
        (laws.local_imports, "import os\nif os.name:\n    import re\n", []),
        (laws.blind_excepts, "def f():\n  try: g()\n  except Exception: pass\n", ["f"]),
        (laws.blind_excepts, "try: g()\nexcept: pass\n", ["module"]),
        (laws.blind_excepts, "try: g()\nexcept (KeyError, BaseException): pass\n", ["module"]),
        (laws.blind_excepts, "try: g()\nexcept Exception:\n  f()\n  raise\n", []),
        (laws.blind_excepts, "try: g()\nexcept (KeyError, OSError): pass\n", []),
        (laws.prints, "def f():\n    print(1)\n", ["f"]),
        (laws.prints, "def f(out):\n    out.print(1)\n", []),
        (
            laws.signals,
            "from django.db.models.signals import post_save\n",
            ["django.db.models.signals.post_save"],
        ),
        (laws.signals, "from django.dispatch import receiver\n", ["django.dispatch.receiver"]),
        (laws.signals, "from django.db import models\n", []),
    ],
)
def test_each_breach_would_be_found(law: object, code: str, found: list[str]) -> None:
    assert callable(law)
    assert law(ast.parse(code)) == found


@pytest.mark.parametrize(
    "line", ["x = 1  # noqa", "x = 1  # type: ignore", "x = 1  # noqa: E501", "# type: ignore[x]"]
)
def test_an_excuse_without_code_or_reason_would_be_found(line: str) -> None:
    assert len(laws.bare_excuses(f"{line}\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa: E501 (an address)\n",
        "# An address.\nx = 1  # noqa: E501\n",
        "x = 1  # noqa: E501 (an address)\ny = 2  # noqa: E501\n",
        "x = 1  # type: ignore[misc]  # untyped there\n",
        'x = "# noqa"\n',
    ],
)
def test_an_excuse_with_its_reason_passes(text: str) -> None:
    assert laws.bare_excuses(text) == []
