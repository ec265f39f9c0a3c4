"""Who may know whom, where import-linter's contracts cannot say it."""

import sys
import tomllib

from django.conf import settings

from tests.architecture.source import LAYERS, ROOT, files, imports, shown

SANDBOX = "billing.sandbox"
SANDBOX_COMMAND = "billing/management/commands/stripe_sandbox.py"


def test_the_contract_of_import_linter_names_every_app() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = project["tool"]["importlinter"]
    ours = {name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()}

    assert linter["contracts"][0]["layers"] == list(LAYERS)
    assert ours == set(LAYERS) == set(linter["root_packages"])


def test_only_the_client_module_imports_stripe() -> None:
    importers = {
        shown(path)
        for path in files(*LAYERS, suffixes=(".py",))
        if any(name.split(".")[0] == "stripe" for name in imports(path))
    }

    assert importers == {"billing/stripe_client.py"}


def test_the_stand_in_needs_nothing_but_python() -> None:
    allowed = {*sys.stdlib_module_names, "__future__"}
    foreign = {
        f"{shown(path)}: {name}"
        for path in files("billing/sandbox", suffixes=(".py",))
        for name in imports(path)
        if name.split(".")[0] not in allowed and not name.startswith(SANDBOX)
    }

    assert foreign == set()


def test_only_its_command_and_tests_import_the_stand_in() -> None:
    importers = {
        shown(path)
        for path in files(*LAYERS, suffixes=(".py",))
        if not path.is_relative_to(ROOT / "billing/sandbox")
        and any(name == SANDBOX or name.startswith(f"{SANDBOX}.") for name in imports(path))
    }

    assert importers == {SANDBOX_COMMAND}
