"""What can be followed, by feed and by mail: the register, a record, a place, a filtered list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from registry import clock
from registry.log import keys
from registry.models import Record, RecordQuerySet
from registry.open_data.filters import CommitmentFilter, places_condition
from registry.reference_data import places
from registry.website import rows

REGISTER = ""
FOLLOWED_KINDS = ("signatory", "commitment", "theme")


@dataclass(frozen=True)
class Subject:
    """`about` names it in an address: nothing, a key, a place's code, or the query of a list.

    `concerned` are the records that belong to it, None for all that there are.
    """

    about: str
    title: str
    path: str
    concerned: RecordQuerySet | None = None


def find_subject(about: str) -> Subject | None:
    """Return what somebody wants to follow; None for nothing that we know."""
    if about == REGISTER:
        return Subject(REGISTER, "The whole register", reverse("website:changes"))
    if about.startswith("?"):
        return _list_subject(about)
    if place := places.get_place(about):
        return _place_subject(place)
    if keys.is_key(about) and keys.kind_of(about) in FOLLOWED_KINDS:
        return _record_subject(keys.kind_of(about), about)
    return None


def _record_subject(kind: str, key: str) -> Subject | None:
    record = Record.objects.of_kind(kind).filter(pk=key).first()
    if record is None:
        return None
    column = "key" if kind == "commitment" else kind
    commitments = Record.objects.of_kind("commitment").filter(**{column: key})
    own = Q(key=key) | Q(kind="success", signatory=key)
    path = reverse("website:identifier", args=[key])
    return Subject(key, record.name or key, path, _concerned_records(commitments, own))


def _place_subject(place: places.Place) -> Subject:
    here = places_condition(places.codes_within(place.code))
    commitments = Record.objects.of_kind("commitment").filter(here)
    concerned = _concerned_records(commitments, Q(kind="success") & here)
    return Subject(place.code, place.name, reverse("website:place", args=[place.code]), concerned)


def _list_subject(about: str) -> Subject | None:
    """Return a list of commitments: what is in it at the moment of asking."""
    commitments = Record.objects.of_kind("commitment").with_reporting(clock.today())
    page = rows.FilteredList(QueryDict(about[1:]), reverse("website:commitments"), CommitmentFilter)
    filtered = CommitmentFilter(page.query, commitments)
    about = page.file_url("")
    if not filtered.is_valid() or not about:
        return None
    values = {name: value for name, value in filtered.form.cleaned_data.items() if value}
    known = rows.record_names(value for several in values.values() for value in _as_keys(several))
    labels = ", ".join(chosen.label for chosen in page.chosen_filters(values, known))
    concerned = _concerned_records(filtered.qs, Q(pk__in=[]))
    return Subject(about, f"Commitments: {labels}", f"{page.path}{about}", concerned)


def _as_keys(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def _concerned_records(commitments: RecordQuerySet, own: Q) -> RecordQuerySet:
    """Return the commitments, what was told about them, and what is asked for besides."""
    found = list(commitments.values_list("key", flat=True))
    reports = Q(commitment__in=found) | Q(kind="success", item__commitments__has_any_keys=found)
    return Record.objects.filter(Q(key__in=found) | reports | own)
