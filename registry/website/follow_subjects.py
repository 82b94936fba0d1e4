"""Find what readers can follow: the register, a record, a place, a list, the head of the log."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from registry import clock
from registry.log import keys
from registry.models import Record, RecordQuerySet
from registry.open_data.filters import (
    CommitmentFilter,
    filter_commitments,
    filter_records,
)
from registry.open_data.search import places_condition
from registry.reference_data import places
from registry.schema import kinds
from registry.website import rows

REGISTER = ""
HEAD = "head"


@dataclass(frozen=True)
class Subject:
    """A subject readers can follow by feed or email.

    `about` identifies it in an address: "", a key, a place's code, the query of a list, or "head".
    `records` are the records that belong to it, None for all.
    """

    about: str
    title: str
    path: str
    records: RecordQuerySet | None = None

    @property
    def is_head(self) -> bool:
        """Return True for the head of the log, which keepers get weekly: it is no record."""
        return self.about == HEAD


def find_subject(about: str) -> Subject | None:
    """Return the subject that `about` identifies, or None for an unknown one."""
    if about == REGISTER:
        return Subject(REGISTER, "The whole register", reverse("website:changes"))
    if about == HEAD:
        path = reverse("website:verify")
        return Subject(HEAD, "The head of the log", path, Record.objects.none())
    if about.startswith("?"):
        return _list_subject(about)
    if place := places.get_place(about):
        return _place_subject(place)
    if keys.is_key(about) and kinds.KINDS[keys.kind_of(about)].can_be_followed:
        return _record_subject(keys.kind_of(about), about)
    return None


def _record_subject(kind: str, key: str) -> Subject | None:
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        return None
    belongs = Q(key=key) | Q(item__contains={kind: key})
    commitments = Record.objects.of_kind("commitment").filter(belongs)
    own = Q(key=key) | Q(kind="success", signatory=key)
    path = reverse("website:identifier", args=[key])
    return Subject(key, record.name or key, path, _subject_records(commitments, own))


def _place_subject(place: places.Place) -> Subject:
    here = places_condition(places.codes_within(place.code))
    commitments = Record.objects.of_kind("commitment").filter(here)
    records = _subject_records(commitments, Q(kind="success") & here)
    return Subject(place.code, place.name, reverse("website:place", args=[place.code]), records)


def _list_subject(about: str) -> Subject | None:
    """Return a filtered list of commitments with its present members, or None if it is invalid."""
    today = clock.today()
    page = rows.FilteredList(QueryDict(about[1:]), reverse("website:commitments"), CommitmentFilter)
    filters = filter_commitments(page.query, today)
    about = page.file_url("")
    if not filters.is_valid() or not about:
        return None
    values = {name: value for name, value in filters.form.cleaned_data.items() if value}
    names = rows.record_names(value for several in values.values() for value in _as_keys(several))
    labels = ", ".join(each.label for each in page.chosen_filters(values, names))
    commitments = Record.objects.of_kind("commitment").with_reporting(today)
    records = _subject_records(filter_records(commitments, filters), Q(pk__in=[]))
    return Subject(about, f"Commitments: {labels}", f"{page.path}{about}", records)


def _as_keys(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def _subject_records(commitments: RecordQuerySet, own: Q) -> RecordQuerySet:
    """Return the commitments, their reports, and the records that match `own`."""
    commitment_keys = list(commitments.values_list("key", flat=True))
    reports = Q(commitment__in=commitment_keys) | Q(
        kind="success", item__commitments__has_any_keys=commitment_keys
    )
    return Record.objects.filter(Q(key__in=commitment_keys) | reports | own)
