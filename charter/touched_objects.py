"""What an act keeps of the objects that it touched: the changed fields, and whose they are."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from charter.models import ActObject, Authority, Charter, Organisation, Signatory
from registry.log import keys

Values = dict[str, Any]
SAVED_VALUES = "_saved_values"  # The attribute of an instance with its values as last saved.

# These count as a change, but their values are secrets, private messages or files, or they name a
# person.
WITHHELD = {
    "password",
    "token_hash",
    "draft_form_data",
    "charter.Acceptance.name",
    "charter.User.name",
    "charter.Proposal.arguments",
    "reporting.HelpRequest.text",
    "reporting.HelpRequest.answer",
}
WITHHELD_TYPES = (models.EmailField, models.BinaryField)
# These count as no change.
BOOKKEEPING = {"version", "last_login", "looked_at", "last_worked_on", "fingerprint"}
# Relations that lead from an object to its organisation and to the authority of its charter.
OWNERS = {
    *("evidence", "update", "period", "success", "commitment"),
    *("signatory", "application", "theme", "charter", "organisation", "authority"),
}


@dataclass
class TouchedObject:
    """An object with its values before the act and now; None while there is no such object."""

    instance: models.Model
    object_id: int  # Django takes it off an instance that it deletes.
    before: Values | None
    after: Values | None
    is_concerned: bool = False  # Part of the act, even unchanged.
    owners: tuple[int | None, int | None] | None = None  # By default those at the end of the act.

    def build_row(self, *, keeps_values: bool) -> ActObject | None:
        """Return the unsaved row of the object, or None if nothing happened to it."""
        changed_columns = self._changed_columns()
        if not (changed_columns or self.is_concerned):
            return None
        organisation_id, authority_id = self.owners or find_owners(self.instance)
        key = getattr(self.instance, "key", "")
        kept_columns = [c for c in changed_columns if keeps_values and not _is_withheld(c)]
        return ActObject(
            label=self.instance._meta.label,
            object_id=self.object_id,
            key=key if keys.is_key(key) else "",
            organisation_id=organisation_id,
            authority_id=authority_id,
            before=_kept_values(self.before, kept_columns),
            after=_kept_values(self.after, kept_columns),
        )

    def _changed_columns(self) -> list[Any]:
        before, after = self.before or {}, self.after or {}
        return [
            column
            for column in self.instance._meta.concrete_fields
            if not (column.primary_key or column.name in BOOKKEEPING)
            and _stored_value(before, column) != _stored_value(after, column)
        ]


def values_of(instance: models.Model) -> Values:
    """Return the values that an instance has loaded, by column.

    It is called for each instance, so it is quick and keeps what is no column as well.
    """
    values = vars(instance).copy()
    del values["_state"]
    values.pop(SAVED_VALUES, None)
    return values


def find_owners(instance: models.Model) -> tuple[int | None, int | None]:
    """Return the ids of the organisation and the authority that an object belongs to."""
    match instance:
        case Organisation():
            return instance.pk, None
        case Authority():
            return None, instance.pk
        case Signatory():
            return instance.organisation_id, instance.charter.authority_id
        case Charter():
            return None, instance.authority_id
    for column in instance._meta.concrete_fields:
        if column.name in OWNERS and (owner := getattr(instance, column.name)):
            return find_owners(owner)
    return None, None


def _kept_values(values: Values | None, columns: list[Any]) -> Values | None:
    if values is None or not columns:
        return None
    return {column.name: _stored_value(values, column) for column in columns}


def _stored_value(values: Values, column: Any) -> Any:
    """Return a value as it is stored, so that equal ones compare equal; empty ones are None."""
    value = column.get_prep_value(values.get(column.attname))
    return None if value in ("", [], {}) else value


def _is_withheld(column: Any) -> bool:
    label = f"{column.model._meta.label}.{column.name}"
    return isinstance(column, WITHHELD_TYPES) or bool({column.name, label} & WITHHELD)
