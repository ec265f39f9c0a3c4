"""Lists as Stripe gives them: newest first, cursors, time windows, `has_more`."""

from collections.abc import Callable, Collection

from billing.sandbox.errors import missing
from billing.sandbox.params import Fields
from billing.sandbox.store import Json
from billing.sandbox.world import World

PAGING = frozenset({"limit", "starting_after", "ending_before"})
DEFAULT_LIMIT = 10
MAX_LIMIT = 100

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def page(items: list[Json], fields: Fields, *, url: str) -> Json:
    """One page of `items` (already in the order of the list) by cursor and limit."""
    limit = fields.whole("limit", low=1, high=MAX_LIMIT) or DEFAULT_LIMIT
    after, before = fields.text("starting_after"), fields.text("ending_before")
    if after is not None:
        items = items[_position(items, after, "starting_after") + 1 :]
    if before is not None:
        # Towards the newer end: the page is the stretch that lies right before the cursor.
        items = items[: _position(items, before, "ending_before")]
        return _list(items[-limit:], url=url, has_more=len(items) > limit)
    return _list(items[:limit], url=url, has_more=len(items) > limit)


def stored(
    world: World,
    kind: str,
    fields: Fields,
    *,
    url: str,
    where: Callable[[Json], bool] = lambda _: True,
) -> Json:
    """A page of the stored objects of a type, filtered by `created` and by `where`."""
    in_window = created_window(fields)
    items = [item for item in world.store.newest_first(kind) if in_window(item) and where(item)]
    return page(items, fields, url=url)


def created_window(fields: Fields) -> Callable[[Json], bool]:
    """The `created` filter: an exact second, or any of gt, gte, lt, lte."""
    if "created" not in fields:
        return lambda _: True
    if fields.is_text("created"):
        exact = fields.whole("created")
        return lambda item: item["created"] == exact
    window = fields.inside("created", _COMPARE)
    bounds = {name: bound for name in _COMPARE if (bound := window.whole(name)) is not None}
    return lambda item: all(_COMPARE[n](item["created"], bound) for n, bound in bounds.items())


def equals(fields: Fields, names: Collection[str]) -> Callable[[Json], bool]:
    """A filter by plain equality on those of the named fields that were sent."""
    wanted = {name: value for name in names if (value := fields.text(name)) is not None}
    return lambda item: all(item.get(name) == value for name, value in wanted.items())


def _position(items: list[Json], object_id: str, param: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == object_id:
            return position
    raise missing("object in this list", object_id, param=param, status=400)


def _list(data: list[Json], *, url: str, has_more: bool) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
