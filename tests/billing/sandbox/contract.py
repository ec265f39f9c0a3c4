"""Does a JSON object satisfy the annotations of the installed SDK? Says every place it does not."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import stripe

ROOT = Path(stripe.__file__).parent

# Object name → where the SDK describes it.
CLASSES = {
    "balance_transaction": ("_balance_transaction", "BalanceTransaction"),
    "charge": ("_charge", "Charge"),
    "checkout.session": ("checkout/_session", "Session"),
    "customer": ("_customer", "Customer"),
    "event": ("_event", "Event"),
    "item": ("_line_item", "LineItem"),
    "list": ("_list_object", "ListObject"),
    "payment_intent": ("_payment_intent", "PaymentIntent"),
    "payment_method": ("_payment_method", "PaymentMethod"),
    "refund": ("_refund", "Refund"),
}
PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    # Travels as text; the SDK makes it a Decimal.
    "Decimal": (str, Decimal),
}


@dataclass(frozen=True)
class Scope:
    """Where a name in an annotation is looked up: the module, and the classes around it."""

    module: str
    classes: tuple[ast.ClassDef, ...]


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((ROOT / f"{module}.py").read_text())


def problems(value: Any, name: str | None = None) -> list[str]:
    """Every way in which an API object breaks the SDK's description of it."""
    module, class_name = CLASSES[name or value["object"]]
    return _object(value, _class(module, class_name), Scope(module, ()), class_name)


def fields_of(name: str) -> dict[str, bool]:
    """Field name → True when it may be null or absent."""
    module, class_name = CLASSES[name]
    found = _annotations(_class(module, class_name))
    return {field: _is_optional(annotation) for field, annotation in found.items()}


def parameters(module: str, class_name: str) -> dict[str, str]:
    """The parameters of one call: name → annotation, as the SDK writes it."""
    found = _annotations(_class(f"params/{module}", class_name))
    return {name: ast.unparse(annotation) for name, annotation in found.items()}


def _class(module: str, name: str) -> ast.ClassDef:
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"{name} is not in {module}")


def _annotations(node: ast.ClassDef) -> dict[str, ast.expr]:
    return {
        part.target.id: part.annotation
        for part in node.body
        if isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and not ast.unparse(part.annotation).startswith("ClassVar")
    }


def _object(value: Any, node: ast.ClassDef, scope: Scope, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: not an object"]
    inner = Scope(scope.module, (*scope.classes, node))
    known = _annotations(node)
    # `metadata[x]` and the like are free; a list names its type without describing it.
    found = [f"{path}.{name}: unknown" for name in value.keys() - known.keys() - {"object"}]
    for name, annotation in known.items():
        if name in value:
            found += _value(value[name], annotation, inner, f"{path}.{name}")
        elif not _is_optional(annotation):
            found.append(f"{path}.{name}: missing")
    return found


def _is_optional(annotation: ast.expr) -> bool:
    return ast.unparse(annotation).startswith("Optional[")


def _value(value: Any, annotation: ast.expr, scope: Scope, path: str) -> list[str]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    if isinstance(annotation, ast.Subscript):
        return _generic(value, annotation, scope, path)
    name = ast.unparse(annotation)
    if name == "Any":
        return []
    if name in PLAIN:
        fits = isinstance(value, PLAIN[name]) and (name == "bool" or not isinstance(value, bool))
        return [] if fits else [f"{path}: {value!r} is not {name}"]
    node, where = _named(name, scope)
    return _object(value, node, where, path)


def _generic(value: Any, annotation: ast.Subscript, scope: Scope, path: str) -> list[str]:
    kind, inside = ast.unparse(annotation.value), annotation.slice
    if kind == "Optional":
        return [] if value is None else _value(value, inside, scope, path)
    if kind == "ExpandableField":
        return [] if isinstance(value, str) else _value(value, inside, scope, path)
    if kind == "Literal":
        words = ast.literal_eval(inside)
        allowed = words if isinstance(words, tuple) else (words,)
        return [] if value in allowed else [f"{path}: {value!r} is not one of {allowed}"]
    if kind == "Union":
        assert isinstance(inside, ast.Tuple)
        return _union(value, inside.elts, scope, path)
    return _container(value, kind, inside, scope, path)


def _union(value: Any, parts: list[ast.expr], scope: Scope, path: str) -> list[str]:
    # `Union[Literal[…], str]` lists the known words: ours must be one of them.
    words = [part for part in parts if ast.unparse(part).startswith("Literal[")]
    tried = [_value(value, part, scope, path) for part in words or parts]
    return min(tried, key=len)


def _container(value: Any, kind: str, inside: ast.expr, scope: Scope, path: str) -> list[str]:
    if kind == "List":
        if not isinstance(value, list):
            return [f"{path}: not an array"]
        rows: Iterable[tuple[Any, Any]] = enumerate(value)
    elif kind == "ListObject":
        found = problems(value | {"data": []}, "list") if isinstance(value, dict) else [path]
        if found:
            return found
        rows = enumerate(value["data"])
    elif kind in {"Dict", "UntypedStripeObject"}:
        if not isinstance(value, dict):
            return [f"{path}: not a hash"]
        rows = value.items()
        inside = inside.elts[-1] if isinstance(inside, ast.Tuple) else inside
    else:
        raise LookupError(f"{path}: no rule for {kind}")
    return [found for n, row in rows for found in _value(row, inside, scope, f"{path}[{n}]")]


def _named(name: str, scope: Scope) -> tuple[ast.ClassDef, Scope]:
    """The class that a name means here: a nested one, one of the module, or an imported one."""
    for depth in range(len(scope.classes), 0, -1):
        for part in scope.classes[depth - 1].body:
            if isinstance(part, ast.ClassDef) and part.name == name:
                return part, Scope(scope.module, scope.classes[:depth])
    for node in ast.walk(_tree(scope.module)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe."):
            for imported in node.names:
                if name == (imported.asname or imported.name):
                    module = node.module.removeprefix("stripe.").replace(".", "/")
                    return _class(module, imported.name), Scope(module, ())
    return _class(scope.module, name), Scope(scope.module, ())
