"""Columns of records that the database makes: from the item, or of a day from folded states."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast

from registry.schema.code_lists import ON_TRACK_BEFORE, Delivery, Ending, Reporting


def from_item(name: str, **options: Any) -> models.GeneratedField:
    """Return a generated column for a field of the item, so that the two cannot differ."""
    return models.GeneratedField(
        expression=KT(f"item__{name}"), output_field=models.TextField(), db_persist=True, **options
    )


def state_on(day: date, states: str = "states", days: str = "state_days") -> Func:
    """Return an expression that looks up the folded state of a day, as `Record.state_on`."""
    # PostgreSQL counts the elements of an array from 1.
    return _element(states, _steps_begun(day, days) + 1, models.TextField())


def state_day_on(day: date, days: str = "state_days") -> Func:
    """Return an expression for the day on which the state of a day began, NULL for the first."""
    return _element(days, _steps_begun(day, days), models.DateField())


def ending_on(day: date) -> Func:
    """Return an expression that looks up the folded ending of a day, as `Record.ending_on`."""
    return state_on(day, "endings", "ending_days")


def counted_delivery() -> Case:
    """Return `Record.counted_delivery` as an expression; both states must be annotated."""
    is_old = ~Q(reporting=Reporting.UP_TO_DATE)
    return Case(
        When(ending__in=Ending.without_result(), then=F("ending")),
        When(is_old, delivery=Delivery.ON_TRACK, then=Value(ON_TRACK_BEFORE)),
        default=F("delivery"),
        output_field=models.TextField(),
    )


def _steps_begun(day: date, days: str) -> Func:
    return Func(
        Value(day),
        F(days),
        function="width_bucket",
        output_field=models.IntegerField(),
    )


def _element(column: str, position: Any, output_field: Any) -> Func:
    return Func(
        F(column),
        position,
        template="%(expressions)s]",
        arg_joiner="[",
        output_field=output_field,
    )


def named_parent(name: str) -> KeyTextTransform:
    """Return an expression for the key that a field of the item of an entry names. Indexed."""
    return KeyTextTransform(name, Cast("item", models.JSONField()))


def named_keys() -> Func:
    """Return an expression for all keys that stand in the item of an entry, as a JSON array.

    Indexed: the entries that name a record are found from any version, and from what a redaction
    leaves of it.
    """
    return Func(
        Cast("item", models.JSONField()),
        template="jsonb_path_query_array(%(expressions)s, "
        "'$.** ? (@ like_regex \"^[A-Z]-[0-9A-Z]{5,8}$\")'::jsonpath)",
        output_field=models.JSONField(),
    )
