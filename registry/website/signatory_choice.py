"""Find the signatory whose name was typed beside the filters of the register list."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from registry.models import Record
from registry.open_data.filters import LONGEST_QUERY, CommitmentFilter
from registry.open_data.search import search_signatories
from registry.website.parameters import check_filters
from registry.website.rows import FilteredList

MOST_OFFERED = 50
TYPED = "signatory_name"  # the parameter


@dataclass(frozen=True)
class OfferedSignatory:
    """A signatory, and the address of the list with it among the filters."""

    key: str
    name: str
    url: str


@dataclass(frozen=True)
class SignatoryChoice:
    text: str
    offered: list[OfferedSignatory]
    has_more: bool
    list_url: str
    kept: list[tuple[str, str]]  # The other parameters of the form.


def typed_name(query: QueryDict) -> str:
    return query.get(TYPED, "").strip()[:LONGEST_QUERY]


def find_signatories(query: QueryDict) -> SignatoryChoice:
    """Return the signatories of a typed name or key, or raise ParameterError. One query."""
    check_filters(CommitmentFilter(query))
    text = typed_name(query)
    named = search_signatories(text).rows.values("key")
    signatories = Record.objects.of_kind("signatory").readable().filter(key__in=named)
    found = list(signatories.only("key", "name")[: MOST_OFFERED + 1])
    offered = sorted(found[:MOST_OFFERED], key=lambda row: (row.name or "").upper())
    path = reverse("website:commitments")
    return SignatoryChoice(
        text=text,
        offered=[
            OfferedSignatory(row.key, row.name or row.key, _url_with(query, path, row.key))
            for row in offered
        ],
        has_more=len(found) > MOST_OFFERED,
        list_url=FilteredList(query, path, CommitmentFilter).list_url(),
        kept=[
            (name, value)
            for name in (*CommitmentFilter.base_filters, "sort")
            for value in filter(None, query.getlist(name))
        ],
    )


def _url_with(query: QueryDict, path: str, key: str) -> str:
    """Return the address of the list with one more signatory."""
    changed = query.copy()
    changed.setlist(
        "signatory", list(dict.fromkeys([*filter(None, query.getlist("signatory")), key]))
    )
    return FilteredList(changed, path, CommitmentFilter).list_url()
