"""What can be followed, by feed and by mail: the register, a record, a place, a filtered list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from registry import clock, keys, places
from registry.filters import CommitmentFilter, covers
from registry.models import Record, RecordQuerySet
from registry.website import lists

REGISTER = ""
KINDS = ("signatory", "commitment", "theme")


@dataclass(frozen=True)
class Subject:
    """`about` names it in an address: nothing, a key, a place's code, or the query of a list.

    `concerned` are the records that belong to it, None for all that there are.
    """

    about: str
    title: str
    path: str
    concerned: RecordQuerySet | None = None


def find(about: str) -> Subject | None:
    """Return what somebody wants to follow; None for nothing that we know."""
    if about == REGISTER:
        return Subject(REGISTER, "The whole register", reverse("website:changes"))
    if about.startswith("?"):
        return _filtered(about)
    if place := places.get(about):
        return _place(place)
    if keys.is_key(about) and keys.kind_of(about) in KINDS:
        return _record(keys.kind_of(about), about)
    return None


def _record(kind: str, key: str) -> Subject | None:
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        return None
    column = "key" if kind == "commitment" else kind
    promises = Record.objects.of_kind("commitment").filter(**{column: key})
    own = Q(key=key) | Q(kind="success", signatory=key)
    path = reverse("website:identifier", args=[key])
    return Subject(key, record.name or key, path, _concerned(promises, own))


def _place(place: places.Place) -> Subject:
    here = covers(places.within(place.code))
    promises = Record.objects.of_kind("commitment").filter(here)
    concerned = _concerned(promises, Q(kind="success") & here)
    return Subject(place.code, place.name, reverse("website:place", args=[place.code]), concerned)


def _filtered(about: str) -> Subject | None:
    """Return a list of commitments: what is in it at the moment of asking."""
    promises = Record.objects.of_kind("commitment").with_reporting(clock.today())
    page = lists.Page(QueryDict(about[1:]), reverse("website:commitments"), CommitmentFilter)
    filtered = CommitmentFilter(page.query, promises)
    about = page.file("")
    if not filtered.is_valid() or not about:
        return None
    values = {name: value for name, value in filtered.form.cleaned_data.items() if value}
    known = lists.names(value for several in values.values() for value in _keys(several))
    words = ", ".join(chosen.words for chosen in page.chosen(values, known))
    concerned = _concerned(filtered.qs, Q(pk__in=[]))
    return Subject(about, f"Commitments: {words}", f"{page.path}{about}", concerned)


def _keys(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def _concerned(promises: RecordQuerySet, own: Q) -> RecordQuerySet:
    """Return the promises, what was told about them, and what is asked for besides."""
    found = list(promises.values_list("key", flat=True))
    told = Q(commitment__in=found) | Q(kind="success", item__commitments__has_any_keys=found)
    return Record.objects.filter(Q(key__in=found) | told | own)
