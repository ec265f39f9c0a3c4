"""Every table has a factory, so that a test may ask for a row of any kind in one line."""

import importlib
from typing import Any

import pytest
from django.db import models
from factory.django import DjangoModelFactory

from tests.architecture.pairs import our_models
from tests.architecture.source import ROOT

MODULES = (
    "tests.factories",
    *(
        f"tests.{path.parent.name}.factories"
        for path in sorted((ROOT / "tests").glob("*/factories.py"))
    ),
)


def factories() -> dict[type[models.Model], type[DjangoModelFactory[Any]]]:
    """Model → its factory, of all modules named factories."""
    return {
        made._meta.model: made
        for module in MODULES
        for made in vars(importlib.import_module(module)).values()
        if isinstance(made, type)
        and issubclass(made, DjangoModelFactory)
        and made is not DjangoModelFactory
    }


def without_factory(wanted: list[type[models.Model]]) -> list[str]:
    """Names of the models that no factory makes."""
    return [model.__name__ for model in wanted if model not in factories()]


def test_every_model_has_a_factory() -> None:
    assert without_factory(our_models()) == []


def test_a_model_without_factory_would_be_found() -> None:
    class Unmade(models.Model):
        class Meta:
            app_label = "tests"
            abstract = True

    assert without_factory([Unmade]) == ["Unmade"]


@pytest.mark.django_db
@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_a_factory_makes_two_rows_that_the_database_takes(model: type[models.Model]) -> None:
    made = [factories()[model].create() for _ in range(2)]

    assert len({row.pk for row in made}) == 2
    assert all(str(row) for row in made)
