"""What the tests about the repository read: our own files, found once and in one way."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# From the roof down; an app imports only what stands to its right (DESIGN.md section 2).
LAYERS = ("portal", "support", "billing", "plans", "accounts", "messaging")
FOLDERS = (*LAYERS, "tests", "tools", "benchmarks")
SKIPPED = {"migrations", "__pycache__", "node_modules"}

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str, suffixes: tuple[str, ...]) -> list[Path]:
    """Our files under `folders` with one of `suffixes`, generated ones left out."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and path.is_file() and not SKIPPED.intersection(path.parts)
    )


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file we wrote, but migrations."""
    return (ROOT / "manage.py", *files(*FOLDERS, suffixes=(".py",)))


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of one file, nested ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(path: Path) -> Iterator[str]:
    """Full dotted names that one file imports; `from a import b` gives `a.b`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _package(path, node.level) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _package(path: Path, level: int) -> list[str]:
    parts = list(path.relative_to(ROOT).parent.parts)
    return parts[: len(parts) - level + 1]


def shown(path: Path) -> str:
    """Path as the reader of a failure wants it."""
    return str(path.relative_to(ROOT))
