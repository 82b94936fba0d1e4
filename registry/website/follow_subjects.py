"""Find what readers can follow: the register, a record, a place, a list, the head of the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Subject:
    """A subject readers can follow by feed or email.

    `about` identifies it in an address: "", a key, a place's code, the query of a list, or "head".
    `commitments` are those that belong to it, None for all; `others` match its other records.
    """

    about: str
    title: str
    path: str
    commitments: RecordQuerySet | None = None
    others: Q = NOTHING
    changed_at: datetime | None = None  # Of a record: with what is shown on its page.

    @property
    def is_head(self) -> bool:
        """Return True for the head of the log, which keepers get weekly: it is no record."""
        return self.about == HEAD

    def find_keys(self, commitments: Mapping[str, set[str]]) -> set[str]:
        """Return which of some records belong to it: itself, commitments, and what is about them.

        `commitments` has the keys of those that each record is or is about. Two queries.
        """
        if self.commitments is None:
            return set(commitments)
        candidates = set().union(*commitments.values())
        own = set(self.commitments.filter(key__in=candidates).values_list("key", flat=True))
        others = Record.objects.filter(self.others, key__in=commitments)
        about_own = {key for key, found in commitments.items() if found & own}
        return about_own | set(others.values_list("key", flat=True))


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
    belongs = {"pk" if kind == "commitment" else kind: key}
    commitments = Record.objects.of_kind("commitment").filter(**belongs)
    others = Q(key=key) | Q(kind="success", signatory=key)
    path = reverse("website:identifier", args=[key])
    return Subject(key, record.name or key, path, commitments, others, record.changed_at)


def _place_subject(place: places.Place) -> Subject:
    here = places_condition(places.codes_within(place.code))
    commitments = Record.objects.of_kind("commitment").filter(here)
    path = reverse("website:place", args=[place.code])
    return Subject(place.code, place.name, path, commitments, Q(kind="success") & here)


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
    commitments = filter_records(commitments, filters)
    return Subject(about, f"Commitments: {labels}", f"{page.path}{about}", commitments)


def _as_keys(value: Any) -> list[str]:
    return value if isinstance(value, list) else []
