"""The laws of the house as functions: each takes one file's tree or text and names the breaches.

Tests apply them to every file and, with a sample, prove that a breach would be found.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

# Files that would become a dumping ground (STYLE.md section 4).
DUMPING_GROUNDS = {"util", "utils", "helper", "helpers", "common", "misc"}
SIGNALS = ("django.db.models.signals", "django.dispatch")
BLIND = {"Exception", "BaseException"}
EXCUSE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:)", flags=re.IGNORECASE)
NOQA = re.compile(r"#\s*noqa:\s*(?P<codes>[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)(?P<reason>.*)")
IGNORE = re.compile(r"#\s*type:\s*ignore\[(?P<codes>[\w, -]+)\](?P<reason>.*)")


def scopes(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every node with the name of the function around it, "" at module level."""

    def walk(node: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            yield name, child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from walk(child, child.name)
            else:
                yield from walk(child, name)

    yield from walk(tree, "")


def local_imports(tree: ast.Module) -> list[str]:
    """Functions that import: a cycle that is hidden, or a start that is put off."""
    return [
        name
        for name, node in scopes(tree)
        if name and isinstance(node, ast.Import | ast.ImportFrom)
    ]


def blind_excepts(tree: ast.Module) -> list[str]:
    """Functions that catch everything, bugs included, and do not raise it again."""
    return [
        name or "module"
        for name, node in scopes(tree)
        if isinstance(node, ast.ExceptHandler) and _is_blind(node.type)
        # A bare `raise` at the end only cleans up behind the error.
        if not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]


def _is_blind(caught: ast.expr | None) -> bool:
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or (isinstance(one, ast.Name) and one.id in BLIND) for one in each)


def prints(tree: ast.Module) -> list[str]:
    """Functions that print: a page, a task or a rule has a log; a command has its stdout."""
    return [
        name or "module"
        for name, node in scopes(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"print", "pprint"}
    ]


def signals(tree: ast.Module) -> list[str]:
    """Signals of Django that a file imports: with them one app acts behind another's back."""
    found = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    found += [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    return [name for name in found if name.startswith(SIGNALS)]


def bare_excuses(text: str) -> list[str]:
    """Lint codes and type errors that are excused without a code, or nowhere with a reason.

    A reason stands behind the code or on a comment line just above; the same code needs it once
    in a file.
    """
    comments = list(_comments(text))
    bare = [
        f"{line}: {comment}"
        for line, comment in comments
        if EXCUSE.search(comment) and not (NOQA.search(comment) or IGNORE.search(comment))
    ]
    explained: set[str] = set()
    given: dict[str, int] = {}
    above = {line for line, comment in comments if not EXCUSE.search(comment)}
    for line, comment in comments:
        for match in [*NOQA.finditer(comment), *IGNORE.finditer(comment)]:
            for code in re.split(r",\s*", match["codes"]):
                given.setdefault(code, line)
                if match["reason"].strip(" #()") or line - 1 in above:
                    explained.add(code)
    return bare + [
        f"{line}: {code} without a reason" for code, line in given.items() if code not in explained
    ]


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
