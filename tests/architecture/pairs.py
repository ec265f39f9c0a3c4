"""Which times of a model belong to a state or a person, and whether a constraint ties them."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint

from tests.architecture.source import LAYERS


def our_models() -> list[type[models.Model]]:
    """Every model of the project's own apps."""
    return [model for app in LAYERS for model in apps.get_app_config(app).get_models()]


def times_left_open(model: type[models.Model]) -> list[str]:
    """Nullable times that no check of the table mentions: they could be set in any state.

    `paid_at` without "paid", a `used_at` that nothing reads, `closed_by` without `closed_at`: the
    pair must be a rule of the database, not a habit of the code.
    """
    tied = set(tied_fields(model))
    return [
        f"{model.__name__}.{field.name}"
        for field in model._meta.local_concrete_fields
        if _is_half_of_a_pair(field) and field.name not in tied
    ]


def _is_half_of_a_pair(field: models.Field[object, object]) -> bool:
    is_time = isinstance(field, models.DateTimeField | models.DateField)
    return field.null and (is_time or field.name.endswith("_by"))


def tied_fields(model: type[models.Model]) -> Iterator[str]:
    """Fields that checks and conditions of unique constraints of a model mention."""
    for constraint in model._meta.constraints:
        for condition in _conditions(constraint):
            yield from _fields(condition)


def _conditions(constraint: BaseConstraint) -> Iterator[Q]:
    if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint) and isinstance(
        constraint.condition, Q
    ):
        yield constraint.condition


def _fields(condition: Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, Q):
            yield from _fields(child)
        elif isinstance(child, tuple):
            yield str(child[0]).split("__")[0]
            if isinstance(child[1], models.F):
                yield str(child[1].deconstruct()[1][0])
