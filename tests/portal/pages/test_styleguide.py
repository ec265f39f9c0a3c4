"""The style guide: there on a test installation, nowhere else."""

import pytest
from django.conf import LazySettings
from django.test import Client

from portal.styleguide import ICONS
from tests.portal.pages.test_frame import TEMPLATES

pytestmark = pytest.mark.django_db


def test_style_guide_is_not_there_outside_a_test_installation(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


def test_style_guide_shows_the_components_to_anyone(
    client: Client, settings: LazySettings, en: dict[str, str]
) -> None:
    settings.LOCAL_TEST = True
    text = client.get("/styleguide/", headers=en).content.decode()
    shown = (
        "btn--spark",
        "pill--bad",
        "note--info",
        "opt--off",
        "switch",
        "field--bad",
        "timeline",
    )
    assert [name for name in shown if name not in text] == []
    for brand in ("jade", "azure", "crimson"):
        assert f'data-brand="{brand}"' in text


def test_style_guide_names_every_icon() -> None:
    text = (TEMPLATES / "parts" / "icons.html").read_text()
    assert {f'id="i-{name}"' for name in ICONS} == {
        part.split(" ")[0] for part in text.split("<symbol ")[1:]
    }
