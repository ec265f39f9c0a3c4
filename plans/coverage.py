"""Where a plan works: the zones of the catalogue and the countries they stand for; no database.

A zone is a country's code, or EU or WORLD.
"""

from collections.abc import Iterable

from plans.presenters import zone_names

EU, WORLD = "EU", "WORLD"
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU_MEMBERS = frozenset(_MEMBERS.split())


def covers(zones: Iterable[str], country: str) -> bool:
    """Return whether a plan of these zones works in `country`; WORLD asks for a worldwide one."""
    found = set(zones)
    return bool(found & {country, WORLD}) or (EU in found and country in EU_MEMBERS)


def works_abroad(zones: Iterable[str], home: str) -> bool:
    """Return whether a plan of these zones works in any country but `home`."""
    return any(zone != home for zone in zones)


def country_choices(zones: Iterable[str]) -> list[tuple[str, str]]:
    """Return (code, name) of every country that one of the zones names, by name; WORLD last."""
    found = set(zones)
    countries = found - {EU, WORLD} | (EU_MEMBERS if EU in found else set())
    named = sorted(((code, _name(code)) for code in countries), key=lambda choice: choice[1])
    return named + ([(WORLD, _name(WORLD))] if WORLD in found else [])


def eu_members(zones: Iterable[str]) -> list[str]:
    """Return the names of the countries behind EU, where the zones hold it; else nothing."""
    return sorted(_name(code) for code in EU_MEMBERS) if EU in zones else []


def _name(zone: str) -> str:
    return zone_names([zone])[0]
