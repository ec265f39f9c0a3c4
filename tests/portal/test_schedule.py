"""Every bell and every line of the beat table names a task that exists."""

import ast
import importlib
from pathlib import Path

from django.conf import settings

from portal.celery import app
from portal.schedule import SCHEDULE
from portal.sweep import WORK

APPS = ("messaging", "accounts", "plans", "billing", "support", "portal")


def import_tasks() -> None:
    """What a worker does when it starts."""
    for name in APPS:
        if (Path(settings.BASE_DIR) / name / "tasks.py").exists():
            importlib.import_module(f"{name}.tasks")


def rung_names() -> set[str]:
    """Names given to ring() as text anywhere in the product."""
    return {
        call.args[0].value
        for folder in APPS
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "ring"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_bell_names_a_task_that_is_registered() -> None:
    import_tasks()
    names = rung_names() | {work.task for work in WORK}
    assert len(names) >= 6
    assert names <= set(app.tasks)


def test_every_line_of_the_beat_table_names_a_task_that_is_registered() -> None:
    import_tasks()
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(app.tasks)
    assert app.conf.beat_schedule == SCHEDULE
