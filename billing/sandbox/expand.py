"""`expand[]`: putting the object where only its id stands."""

from typing import Any

from billing.sandbox.errors import ApiError
from billing.sandbox.store import Json
from billing.sandbox.world import World, kind_of

MAX_LEVELS = 4


def expanded(world: World, value: Json, paths: list[str]) -> Json:
    """The answer with every asked-for path filled in; `data.` leads into a list's rows."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_LEVELS:
            raise ApiError(f"You cannot expand more than {MAX_LEVELS} levels.", param="expand")
        _expand(world, value, steps, path)
    return value


def _expand(world: World, value: Json, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if name == "data" and rest and value.get("object") == "list":
        for row in value["data"]:
            _expand(world, row, rest, path)
        return
    value[name] = _filled(world, value, name, path)
    if rest and isinstance(value[name], dict):
        _expand(world, value[name], rest, path)


def _filled(world: World, value: Json, name: str, path: str) -> Any:
    if name == "line_items" and value.get("object") == "checkout.session":
        return line_items(world, value["id"])
    found = value.get(name, ...)
    if found is None or isinstance(found, dict):
        return found
    kind = kind_of(found) if isinstance(found, str) else None
    if kind is None:
        message = f"This property cannot be expanded ({path})."
        raise ApiError(message, param="expand")
    return world.read(kind, found)


def line_items(world: World, session_id: str) -> Json:
    """The first rows of a session, as they are embedded in it."""
    rows = world.read("session_notes", session_id)["line_items"]
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    # Stripe embeds ten and leaves the rest to the list.
    return {"object": "list", "data": rows[:10], "has_more": len(rows) > 10, "url": url}  # noqa: PLR2004
