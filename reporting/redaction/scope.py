"""Whose is what: administrators redact only the records and rows of their own authorities."""

from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from charter.models import Authority, User
from charter.touched_objects import find_owners


def own_rows(model: type[models.Model], user: User) -> QuerySet[Any]:
    """Return the rows of a model that belong to the authorities of a person.

    A model without `for_staff` belongs to what it points to; if that is nobody's, to all.
    """
    manager: Any = model._default_manager
    if hasattr(manager, "for_staff"):
        return manager.for_staff(user)
    for column in model._meta.concrete_fields:
        parent = column.related_model
        if isinstance(parent, type) and parent is not User and _is_somebodys(parent):
            return manager.filter(**{f"{column.name}__in": own_rows(parent, user)})
    return manager.all()


def foreign_rows(rows: Collection[models.Model], user: User) -> set[models.Model]:
    """Return the rows that belong to other authorities only."""
    foreign: set[models.Model] = set()
    for model in {type(row) for row in rows}:
        same_model = {row.pk: row for row in rows if type(row) is model}
        own = own_rows(model, user).filter(pk__in=same_model).values_list("pk", flat=True)
        foreign |= {row for pk, row in same_model.items() if pk not in set(own)}
    return foreign


def foreign_keys(keys: Collection[str], user: User) -> set[str]:
    """Return the keys of public records that belong to other authorities."""
    foreign: set[str] = set()
    for model in keyed_models():
        rows = list(model._default_manager.filter(key__in=keys))
        foreign |= {row.key for row in foreign_rows(rows, user)}  # type: ignore[attr-defined]
    return foreign


def authorities_of(keys: Collection[str]) -> QuerySet[Authority]:
    """Return the authorities that public records belong to."""
    owners = {
        authority
        for model in keyed_models()
        for row in model._default_manager.filter(key__in=keys)
        if (authority := find_owners(row)[1])
    }
    return Authority.objects.filter(pk__in=owners)


def keyed_models() -> Iterator[type[models.Model]]:
    """Yield the models whose rows can be public records."""
    for model in apps.get_models():
        column_names = {column.name for column in model._meta.concrete_fields}
        if "key" in column_names and model._meta.app_label in ("charter", "reporting"):
            yield model


def _is_somebodys(model: type[models.Model]) -> bool:
    return hasattr(model._default_manager, "for_staff") or any(
        isinstance(column.related_model, type)
        and column.related_model not in (User, model)
        and _is_somebodys(column.related_model)
        for column in model._meta.concrete_fields
    )
