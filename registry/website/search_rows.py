"""Read what the rows of search results show, for all kinds together."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Concat
from django.urls import reverse

from registry.log import keys
from registry.log.search_vectors import CONFIG
from registry.models import ListedSignatory, Record
from registry.open_data.counts import count_each
from registry.open_data.search_everywhere import Matches
from registry.open_data.search_terms import SearchText
from registry.open_data.signatory_states import moved_states
from registry.reference_data import places
from registry.schema import kinds
from registry.website.rows import commitment_row, record_names
from registry.website.signatories import SignatoryRow, signatory_rows
from registry.wording.formatting import count_noun

# Around the words found in an excerpt; no text of the register has such characters.
START, STOP = "\x02", "\x03"
MARKED = re.compile(f"{START}([^{STOP}]*){STOP}")
COUNTED_AS = {"place": "area"}  # The tag of a place with all that it has.
QUOTED_FIELDS = ("story", "narrative", "obstacles", "lessons")


@dataclass(frozen=True)
class NamedRow:
    """A place, theme or measure: its name, what it is, and how many commitments it has."""

    url: str
    name: str
    about: str
    commitments: str


@dataclass(frozen=True)
class QuotedRow:
    """A success or update: the words around those found, each with whether it was one."""

    key: str
    title: str
    words: list[tuple[str, bool]]
    signatory: str
    on: date
    commitment: str = ""  # The title of what an update is about.


@dataclass(frozen=True)
class ResultRows:
    """The records of all results, with the names and counts that their rows show."""

    records: Mapping[str, Any]
    names: Mapping[str, str]
    counts: Mapping[str, Counter[str]]
    signatories: Mapping[str, SignatoryRow]
    today: date

    @classmethod
    def read(
        cls, found: Iterable[Mapping[str, Matches]], search: SearchText, today: date
    ) -> "ResultRows":
        """Read the rows of results. Six queries at most."""
        by_kind = [pair for results in found for pair in results.items()]
        codes = [code for kind, matches in by_kind if kind == "place" for code in matches.keys]
        wanted = [key for kind, matches in by_kind if kind != "place" for key in matches.keys]
        records = _read_records(wanted, search, today)
        parents = Record.objects.in_bulk({row.commitment for row in records.values()} - {None})
        rows = [*records.values(), *parents.values()]
        tags = [f"area:{code}" for code in codes]
        tags += [f"{row.kind}:{row.key}" for row in rows if row.kind in ("theme", "measure")]
        return cls(
            records={**parents, **records},
            names=record_names(key for row in rows for key in (row.signatory, row.theme)),
            counts=count_each(tags, [""], today) if tags else {},
            signatories=_signatory_rows(
                [k for k in wanted if keys.kind_of(k) == "signatory"], today
            ),
            today=today,
        )

    def row_of(self, kind: str, key: str) -> Any:
        """Return the row of a result, as the template of its kind shows it."""
        if kind == "place":
            place = places.all_places()[key]
            return self._named_row(kind, key, place.name, places.LEVELS[place.level])
        record = self.records[key]
        if kind == "commitment":
            return commitment_row(record, self.names, self.today)
        if kind == "signatory":
            return self.signatories[key]
        item = kinds.parse_item(kind, record.item)
        if kind == "theme":
            return self._named_row(kind, key, record.name, item["description"])
        if kind == "measure":
            about = f"{item['code']} · {self.names.get(record.theme, '')}"
            return self._named_row(kind, key, record.name, about)
        return self._quoted_row(record, item)

    def _named_row(self, kind: str, key: str, name: str, about: str) -> NamedRow:
        tag = f"{COUNTED_AS.get(kind, kind)}:{key}"
        url = reverse(f"website:{kind}", args=[key])
        return NamedRow(url, name, about, count_noun(self.counts[tag][""], "commitment"))

    def _quoted_row(self, record: Any, item: dict[str, Any]) -> QuotedRow:
        commitment = self.records.get(record.commitment)
        signatory = record.signatory or (commitment.signatory if commitment else "")
        return QuotedRow(
            key=record.key,
            title=record.name or "",
            words=split_excerpt(record.excerpt),
            signatory=self.names.get(signatory, ""),
            on=item["happened_from"] if record.kind == "success" else item["reported_on"],
            commitment=(commitment.name or commitment.key) if commitment else "",
        )


def _signatory_rows(wanted: list[str], today: date) -> dict[str, SignatoryRow]:
    signatories = [key for key in wanted if keys.kind_of(key) == "signatory"]
    if not signatories:
        return {}
    listed = ListedSignatory.objects.filter(key__in=signatories)
    return {row.key: row for row in signatory_rows(list(listed), moved_states(today))}


def split_excerpt(excerpt: str) -> list[tuple[str, bool]]:
    """Return an excerpt in parts, each with whether it is a word found."""
    text = excerpt.strip()
    begins_inside = text.lstrip(START)[:1].islower()
    parts = MARKED.split(f"… {text}" if begins_inside else text)
    return [(part, bool(number % 2)) for number, part in enumerate(parts) if part]


def _read_records(wanted: list[str], search: SearchText, today: date) -> dict[str, Any]:
    """Return records by key, successes and updates with an excerpt. Two queries."""
    quoted = [key for key in wanted if keys.kind_of(key) in ("success", "update")]
    others = set(wanted).difference(quoted)
    texts = [part for name in QUOTED_FIELDS for part in (KT(f"item__{name}"), Value(" "))]
    excerpt = SearchHeadline(
        Concat(*texts, output_field=TextField()),
        SearchQuery(search.any_term(), config=CONFIG, search_type="raw"),
        config=CONFIG,
        start_sel=START,
        stop_sel=STOP,
        max_words=40,
        min_words=25,
    )
    found: dict[str, Any] = {}
    if others:
        found |= Record.objects.with_reporting(today).in_bulk(others)
    if quoted:
        found |= Record.objects.annotate(excerpt=excerpt).in_bulk(quoted)
    return found
