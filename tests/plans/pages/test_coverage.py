"""Zones and countries: a plan covers what its zones stand for, and nothing else."""

import pytest

from plans.coverage import country_choices, covers, eu_members, works_abroad


@pytest.mark.parametrize(
    ("zones", "country", "expected"),
    [
        (["TH"], "TH", True),
        (["TH"], "CN", False),
        (["GB", "EU"], "FR", True),
        (["GB", "EU"], "CH", False),
        (["EU"], "GB", False),
        (["WORLD"], "BR", True),
        (["WORLD"], "WORLD", True),
        (["EU"], "WORLD", False),
        ([], "TH", False),
    ],
)
def test_plan_covers_the_countries_of_its_zones(
    zones: list[str], country: str, *, expected: bool
) -> None:
    assert covers(zones, country) is expected


@pytest.mark.parametrize(
    ("zones", "expected"), [(["TH"], False), (["TH", "CN"], True), (["WORLD"], True), ([], False)]
)
def test_plan_works_abroad_beyond_the_brand_s_own_country(
    zones: list[str], *, expected: bool
) -> None:
    assert works_abroad(zones, "TH") is expected


def test_countries_are_offered_by_name_and_the_world_last(en: object) -> None:
    assert country_choices(["TH", "CN", "TH"]) == [("CN", "China"), ("TH", "Thailand")]
    choices = country_choices(["TH", "EU", "WORLD"])
    assert choices[0] == ("AT", "Austria")
    assert choices[-1] == ("WORLD", "worldwide")
    assert len(choices) == 29


def test_the_european_union_has_27_countries(en: object) -> None:
    assert len(eu_members(["GB", "EU"])) == 27
    assert eu_members(["GB"]) == []
