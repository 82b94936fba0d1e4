"""Emptying rows of all text, where a redaction is repeated whose words nobody knows any more."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q

from charter import acts
from charter.models import (
    ActObject,
    Authority,
    Change,
    Charter,
    DetailsRequest,
    ErrorReport,
    Identifier,
    Message,
    Organisation,
    Proposal,
    Signatory,
    Upload,
)
from charter.workflow import ChangeStatus, MessageState
from registry import clock
from reporting.evidence import erasing
from reporting.models import Evidence
from reporting.redaction.scope import keyed_models
from reporting.redaction.search import ADDRESS_FIELDS, REMOVED
from reporting.redaction.text_columns import searched_models, text_columns
from reporting.redaction.traces import PARENTS

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WAITING_STATES = [
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.DEFERRED,
    MessageState.IN_DOUBT,
]


def empty_keys(keys: Iterable[str]) -> None:
    """Empty every row that belongs to one of these public keys, and the emails about it."""
    for model in searched_models():
        for row in model._default_manager.filter(_belongs_to(model, set(keys))):
            empty_row(row)
    for key in keys:
        about = Q(text__contains=key) | Q(html__contains=key) | Q(key__contains=key)
        for message in Message.objects.filter(about):
            empty_row(message)


def empty_row(row: models.Model) -> None:
    """Empty a row of its text and what acts kept of it; delete it where it is nothing without."""
    acts.concerns(row)
    if isinstance(row, ActObject):
        ActObject.objects.filter(pk=row.pk).empty_values()
        return
    ActObject.objects.filter(label=row._meta.label, object_id=row.pk).empty_values()
    if _is_deleted(row):
        if isinstance(row, Evidence) and row.file:
            erasing.erase_file(str(row.file))
        row.delete()
        return
    values = {
        column.name: _emptied(getattr(row, column.name), column)
        for column in text_columns(type(row))
    }
    if any(column.name == "version" for column in row._meta.concrete_fields):
        values["version"] = F("version") + 1
    if isinstance(row, Change) and row.status not in (ChangeStatus.PUBLISHED, ChangeStatus.DROPPED):
        values["status"] = ChangeStatus.DROPPED
    if isinstance(row, Message) and row.state in WAITING_STATES:
        values |= {"state": MessageState.CANCELLED, "lease_until": None}
        values["finished_at"] = clock.now()
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def empty_unsaved() -> None:
    """Delete what people were still writing: their sessions, and uploads that are not saved."""
    Session.objects.all().delete()
    Upload.objects.filter(applied_at=None).delete()


def _belongs_to(model: type[models.Model], keys: set[str]) -> Q:
    """Return a filter for the rows of a model that belong to public keys."""
    if model is Organisation:
        return Q(pk__in=Signatory.objects.filter(key__in=keys).values("organisation"))
    if model is Authority:
        return Q(pk__in=Charter.objects.filter(key__in=keys).values("authority"))
    if model is Identifier:
        return Q(organisation__in=Signatory.objects.filter(key__in=keys).values("organisation"))
    if model is ErrorReport:
        return Q(about__in=keys)
    if model in (ActObject, *keyed_models()):
        return Q(key__in=keys)
    parents = [
        Q((f"{column.name}__in", parent.objects.filter(_belongs_to(parent, keys)).values("pk")))
        for column, parent in _parents_of(model)
    ]
    return Q(*parents, _connector=Q.OR) if parents else Q(pk__in=[])


def _parents_of(model: type[models.Model]) -> Iterator[tuple[Any, Any]]:
    for column in model._meta.concrete_fields:
        if column.name in PARENTS and column.related_model:
            yield column, column.related_model


def _is_deleted(row: models.Model) -> bool:
    """Return True for a row that is nothing without its text."""
    return (
        isinstance(row, Evidence | Identifier)
        or (isinstance(row, DetailsRequest) and row.decided_at is None)
        or (isinstance(row, Proposal) and not row.outcome)
    )


def _emptied(value: Any, column: Any) -> Any:
    if column.name in ADDRESS_FIELDS:
        return ""
    if isinstance(value, dict) and column.default is dict:
        return {}
    emptied = _without_words(value)
    return emptied[: column.max_length] if isinstance(emptied, str) else emptied


def _without_words(value: Any) -> Any:
    """Return a value in its structure, with its days, without its words."""
    if isinstance(value, str):
        return value if not value or DAY.fullmatch(value) else REMOVED
    if isinstance(value, dict):
        return {name: _without_words(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_words(member) for member in value]
    return value
