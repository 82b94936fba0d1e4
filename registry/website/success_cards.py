"""Successes as cards: in lists, and on the pages of commitments, signatories and places."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

from registry.models import Record
from registry.reference_data import places
from registry.schema import kinds
from registry.website import notices
from registry.website.photographs import Photograph, find_photographs
from registry.website.rows import record_names
from registry.wording.formatting import join_list
from registry.wording.headline import build_headline


@dataclass(frozen=True)
class Outcome:
    """What came of a commitment behind a success, as everywhere: "Met: 15 of 15 benches, …"."""

    key: str
    title: str
    sentence: str


@dataclass(frozen=True)
class SuccessCard:
    """A success; `level_of_proof` is a code, `evidence` as published.

    `featured` is why the council features it, or "".
    """

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
    featured: str = ""
    outcomes: list[Outcome] = field(default_factory=list)


def success_cards(records: Collection[Record], today: date) -> list[SuccessCard]:
    """Return successes as cards that say what came of their commitments. Three queries."""
    names = record_names(record.signatory for record in records)
    featured = notices.featured_reasons([record.key for record in records])
    behind = {record.key: (record.item or {})["commitments"] for record in records}
    commitments = (
        Record.objects.readable().with_reporting(today).in_bulk({*chain(*behind.values())})
    )
    outcomes = {key: _outcome(record, names, today) for key, record in commitments.items()}
    return [
        replace(
            success_card(record, names),
            featured=featured.get(record.key, ""),
            outcomes=[outcomes[key] for key in behind[record.key] if key in outcomes],
        )
        for record in records
    ]


def _outcome(record: Record, names: Mapping[str, str], today: date) -> Outcome:
    item = kinds.parse_item("commitment", record.item or {})
    headline = build_headline(record, item, names.get(record.signatory or "", ""), today)
    return Outcome(record.key, headline.title, headline.sentence)


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
        photographs=find_photographs(record.key, item["evidence"] or []),
        evidence=item["evidence"] or [],
    )
