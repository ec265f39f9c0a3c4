"""`.env.example` is the documentation of the settings: every variable, none too many."""

import ast
import re

from tests.portal.production import ROOT

READERS = {"text", "flag", "number", "secret", "named_secrets", "names", "database"}
SECRET_READERS = {"secret", "named_secrets", "database"}


def variables_in_settings() -> dict[str, str]:
    """Each variable portal/settings.py reads, with the reader it uses."""
    tree = ast.parse((ROOT / "portal/settings.py").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=reader),
                args=[ast.Constant(value=str(name)), *_],
            ) if reader in READERS:
                found[name] = reader
    return found


def documented() -> list[str]:
    """Lines of the example that give a variable, set or commented out."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, flags=re.MULTILINE)


def test_every_call_of_a_reader_names_its_variable_in_plain_sight() -> None:
    source = (ROOT / "portal/settings.py").read_text(encoding="utf-8")

    assert len(re.findall(r"\benv\.\w+\(", source)) == len(variables_in_settings())


def test_every_variable_is_documented_once_and_no_other() -> None:
    names = documented()

    assert sorted(names) == sorted(set(names))
    assert set(names) == set(variables_in_settings())


def test_every_variable_has_a_comment_above_it() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if re.match(r"#? ?[A-Z][A-Z0-9_]+=", line) and not above.startswith("# ")
    ]

    assert bare == []


def test_the_example_says_which_secrets_may_come_from_a_file() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    secrets = [name for name, reader in variables_in_settings().items() if reader in SECRET_READERS]

    assert [name for name in secrets if f"{name}_FILE" not in text] == []
