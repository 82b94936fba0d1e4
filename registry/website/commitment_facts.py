"""The list of facts on a commitment's page, from the declared fields."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from registry.log.progress import has_starting_point
from registry.reference_data import places
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType, Need
from registry.wording.differences import field_text

Item = dict[str, Any]
# The heading and the first paragraph of the page.
SHOWN_ELSEWHERE = ("title", "description")


@dataclass(frozen=True)
class Link:
    text: str
    address: str


@dataclass(frozen=True)
class Fact:
    """One row: a label with a text, which may be the signatory's own words, or with links."""

    label: str
    text: str = ""
    links: tuple[Link, ...] = ()
    is_quoted: bool = False


def commitment_facts(item: Item, measure: Item) -> list[Fact]:
    """Return the facts of a typed item in the order of their declaration.

    `measure` is the public item of its measure, or empty.
    """
    facts = [
        _build_fact(declared, item, measure)
        for declared in COMMITMENT_FIELDS
        if declared.name not in SHOWN_ELSEWHERE
    ]
    return [fact for fact in facts if fact.text or fact.links]


def _build_fact(declared: CommitmentField, item: Item, measure: Item) -> Fact:
    """Return the fact of a field, with neither text nor links if there is nothing to show."""
    match declared.type:
        case FieldType.MEASURE:
            return Fact(declared.label, links=_measure_links(item["measure"], measure))
        case FieldType.PLACES:
            return Fact(declared.label, links=_place_links(item["area_codes"] or []))
        case FieldType.CODE if item["source"]:
            # A record restated from another source holds codes that its source does not state.
            return Fact(declared.label)
    text = field_text(declared, item)
    if not text and (declared.needs is not Need.STARTING_POINT or _has_start(measure)):
        text = declared.text_if_empty
    return Fact(declared.label, text, is_quoted=declared.type is FieldType.LONG_TEXT)


def _has_start(measure: Item) -> bool:
    return has_starting_point(measure.get("value_type", ""), measure.get("counts", ""))


def _measure_links(key: str | None, measure: Item) -> tuple[Link, ...]:
    if not measure:
        return ()
    comparison = f"{reverse('website:compare')}?measure={key}"
    return (
        Link(measure["title"], reverse("website:measure", args=[key])),
        Link("Compare with similar commitments", comparison),
    )


def _place_links(codes: list[str]) -> tuple[Link, ...]:
    return tuple(
        Link(places.place_name(code), reverse("website:place", args=[code])) for code in codes
    )
