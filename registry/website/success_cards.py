"""Successes as cards: in lists, and on the pages of commitments, signatories and places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from registry.models import Record
from registry.reference_data import places
from registry.schema import kinds
from registry.wording.formatting import join_list

PHOTOGRAPH_TYPES = ("image/jpeg", "image/png")


@dataclass(frozen=True)
class Photograph:
    """The address of a photograph, and its text alternative."""

    src: str
    alt: str


@dataclass(frozen=True)
class SuccessCard:
    """A success; `level_of_proof` is a code, `evidence` as published."""

    key: str
    title: str
    story: str
    signatory: str
    signatory_key: str
    happened_from: date
    happened_to: date | None
    place: str
    level_of_proof: str
    photographs: list[Photograph]
    evidence: list[dict[str, Any]]


def success_card(record: Record, names: Mapping[str, str]) -> SuccessCard:
    """Return a success as a card; `names` are those of signatories by key."""
    item = kinds.parse_item("success", record.item or {})
    return SuccessCard(
        key=record.key,
        title=item["title"],
        story=item["story"],
        signatory=names.get(item["signatory"], ""),
        signatory_key=item["signatory"],
        happened_from=item["happened_from"],
        happened_to=item["happened_to"],
        place=join_list([places.place_name(code) for code in item["area_codes"] or []]),
        level_of_proof=item["level_of_proof"],
        photographs=_photographs(record.key, item["evidence"] or []),
        evidence=item["evidence"] or [],
    )


def _photographs(key: str, evidence: list[dict[str, Any]]) -> list[Photograph]:
    return [
        Photograph(reverse("website:evidence", args=[key, source["id"]]), source["alt_text"])
        for source in evidence
        if source["alt_text"] and source["file"]
        if source["file"]["media_type"] in PHOTOGRAPH_TYPES
    ]
