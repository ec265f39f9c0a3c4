"""docs/rules.md names only what exists: each rule its function, each function its test."""

import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings

ROW = re.compile(
    r"^\| (?P<rule>.+?) \| `(?P<function>[\w.]+)` \| `(?P<test>[\w.]+::\w+)` \|$", re.MULTILINE
)
ROWS = ROW.findall((Path(settings.BASE_DIR) / "docs" / "rules.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("rule", "function", "test"), ROWS)
def test_rule_has_its_function_and_its_test(rule: str, function: str, test: str) -> None:
    module, name = function.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))
    module, name = test.split("::")
    assert callable(getattr(importlib.import_module(module), name))


def test_the_table_is_read_as_a_whole() -> None:
    table = (Path(settings.BASE_DIR) / "docs" / "rules.md").read_text(encoding="utf-8")
    assert len(ROWS) == sum(1 for line in table.splitlines() if line.startswith("| ")) - 1
    assert len(ROWS) > 30
