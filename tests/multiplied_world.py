"""A large register in a second: the rows of a small one are copied, with keys of their own."""

from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.db.models import EmailField, Field, ForeignKey, Model, UUIDField

from tests.databases import superuser
from tests.shared_worlds import own_models

STEP = 1_000_000  # between the numbers of a row and those of its copies
# Of these a register has a few, whatever its size; the log has its own tests.
ONCE = {
    *("registry", "account"),
    *("charter.Authority", "charter.Charter", "charter.Theme", "charter.Measure"),
    *("charter.Act", "charter.ActObject", "charter.ActPerson", "charter.StaffMembership"),
    *("charter.BrakeRelease", "charter.SendingPlace", "reporting.MonthlyFigures"),
}
# What a copy needs besides numbers, keys, emails and identities of its own.
OWN_VALUES = {
    ("charter_identifier", "number"): "left(number || n, 30)",
    ("charter_message", "key"): "left(key, 100) || '+' || n",
    ("reporting_evidence", "file"): "CASE file WHEN '' THEN '' ELSE "
    "lpad(to_hex(mod(n, 256)), 2, '0') || substr(file, 3) END",
}


def multiply_world(copies: int) -> None:
    """Copy every row of the private side so often, each with its own people and records."""
    models = [*(model for model in own_models() if is_copied(model)), Session]
    with superuser() as cursor:
        # Copies are written as they are: what triggers added is among them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in models:
            fields = model._meta.concrete_fields
            names = ", ".join(f'"{field.column}"' for field in fields)
            values = ", ".join(copied_value(field, models) for field in fields)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) "  # noqa: S608 - our own names
                f"SELECT {values} FROM {model._meta.db_table}, generate_series(1, %s) AS n",
                [copies],
            )
        cursor.execute("SET LOCAL session_replication_role = origin")


def is_copied(model: type[Model]) -> bool:
    return not {model._meta.app_label, model._meta.label} & ONCE


def copied_value(field: Field, models: Iterable[type[Model]]) -> str:
    """Return the SQL of a column in the copy `n` of a row."""
    column = f'"{field.column}"'
    if own := OWN_VALUES.get((field.model._meta.db_table, field.column)):
        return own
    if isinstance(field, ForeignKey):
        return f"{column} + n * {STEP}" if field.related_model in models else column
    if field.primary_key and field.max_length is None:
        return f"{column} + n * {STEP}"
    if isinstance(field, EmailField):
        return f"CASE {column} WHEN '' THEN '' ELSE n || '.' || {column} END"
    if isinstance(field, UUIDField) and field.unique:
        return "gen_random_uuid()"
    if field.unique:
        return f"right({column} || to_hex(n), {field.max_length})"
    return column
