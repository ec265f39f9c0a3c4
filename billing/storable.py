"""Can a body from outside be kept in a JSON column of either database?"""

import json
from typing import Any

# Stripe's objects nest some ten levels deep; SQLite stores no JSON deeper than a thousand.
MAX_DEPTH = 100


def why_not_storable(body: Any) -> str:
    """Return what PostgreSQL or SQLite would refuse about parsed JSON; "" when it can be kept."""
    layer = [body]
    for _ in range(MAX_DEPTH):
        if any("\x00" in part for part in layer if isinstance(part, str)):
            return "NUL in the body"
        layer = [child for part in layer for child in _children(part)]
    if layer:
        return "nested too deeply"
    try:
        # Halves of characters, and numbers that are none, are no JSON to a database.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return "not to be stored as JSON"
    return ""


def _children(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return [*part.keys(), *part.values()]
    return part if isinstance(part, list) else []
