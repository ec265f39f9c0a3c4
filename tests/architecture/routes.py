"""Every route of the project with an address that reaches it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

# Tried in turn until an address resolves to the route: numbers, words, ids, dates, codes.
SAMPLES = (
    "1",
    "x",
    "hongka",
    "accounts",
    "00000000-0000-4000-8000-000000000000",
    "ABCDEFGHJKMNPQRS",
    "abcdefghjkmnpqrstvwxyz",
    "2026",
    "1-x",
    "app.css",
)


@dataclass(frozen=True, slots=True)
class Route:
    """`name` with its namespaces, or the pattern where it has none; `path` reaches it."""

    name: str
    path: str


@cache
def all_routes() -> tuple[Route, ...]:
    """Walk the resolver; raises LookupError for a route no sample reaches."""
    return tuple(_route(*found) for found in _walk(get_resolver(), "", ""))


def _walk(
    resolver: URLResolver, prefix: str, namespace: str
) -> Iterator[tuple[URLPattern, str, str]]:
    for pattern in resolver.url_patterns:
        regex = prefix + str(pattern.pattern.regex.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, regex, inner)
        else:
            yield pattern, regex, namespace


def _route(pattern: URLPattern, regex: str, namespace: str) -> Route:
    name = f"{namespace}{pattern.name}" if pattern.name else regex
    for template, parameters in normalize(regex):
        for values in itertools.product(SAMPLES, repeat=len(parameters)):
            path = "/" + template % dict(zip(parameters, values, strict=True))
            try:
                if resolve(path).func is pattern.callback:
                    return Route(name, path)
            except Resolver404:
                continue
    raise LookupError(f"No sample address reaches {name} ({regex}); extend SAMPLES.")
