"""Search for text that should never have been public, wherever the register stores it.

Case and line breaks are ignored; each passage is replaced by one word. Accounts and email addresses
are not publications, so they are kept.
"""

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from charter.models import ActObject, Upload, User
from charter.seen_digest import make_digest
from registry.log.keys import kind_of
from registry.models import Entry
from reporting.models import Evidence
from reporting.redaction import scope
from reporting.redaction.text_columns import searched_models, text_columns

REMOVED = "[removed]"
# Members of items, and columns, with an address: a passage in one removes the whole address.
ADDRESS_FIELDS = {"url", "website", "document_url"}


class Passages:
    """The texts to remove."""

    def __init__(self, texts: Collection[str]) -> None:
        word_lists = [words.split() for words in texts]
        # A run of letters is the same in JSON, HTML and email, so it can pre-select rows.
        self.anchors = [max(re.findall(r"\w+", " ".join(words)), key=len) for words in word_lists]
        self._pattern = re.compile(
            "|".join(map(_passage_pattern, word_lists)) or r"(?!)", re.IGNORECASE
        )

    def occur_in(self, value: Any) -> bool:
        """Return True if a text, or any text inside lists and objects, has a passage."""
        if isinstance(value, str):
            return bool(self._pattern.search(value))
        if isinstance(value, dict):
            value = value.values()
        return isinstance(value, Iterable) and any(self.occur_in(member) for member in value)

    def remove_from(self, value: Any, name: str = "") -> Any:
        """Return a text, or lists and objects of texts, without the passages."""
        if isinstance(value, str):
            if name in ADDRESS_FIELDS and self.occur_in(value):
                return ""
            return self._pattern.sub(REMOVED, value)
        if isinstance(value, dict):
            return {name: self.remove_from(member, name) for name, member in value.items()}
        if isinstance(value, list):
            return [self.remove_from(member) for member in value]
        return value

    def rows_filter(self, column: str) -> Q:
        """Return a filter for rows that may contain a passage."""
        return Q(*(Q((f"{column}__icontains", anchor)) for anchor in self.anchors), _connector=Q.OR)


@dataclass(frozen=True)
class TextLocation:
    """A column of a row with a passage, and its new value."""

    row: models.Model
    column: str
    after: Any

    def __str__(self) -> str:
        return f"{self.row._meta.verbose_name}, {self._model_field.verbose_name}"

    def clear(self) -> None:
        """Write the new value, and stop older forms from overwriting it."""
        if isinstance(self.row, ActObject):
            ActObject.objects.filter(pk=self.row.pk).empty_values()
            return
        model = type(self.row)
        values: dict[str, Any] = {self.column: self.after}
        if any(field.name == "version" for field in model._meta.concrete_fields):
            values["version"] = models.F("version") + 1
        model._default_manager.filter(pk=self.row.pk).update(**values)

    @property
    def _model_field(self) -> Any:
        return self.row._meta.get_field(self.column)


@dataclass(frozen=True)
class Findings:
    """Everything with a passage: entries, columns of rows, evidence, sessions, open uploads."""

    passages: Passages
    entries: list[Entry]
    places: list[TextLocation] = field(default_factory=list)
    pieces: list[Evidence] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    uploads: int = 0
    # Records that other authorities published. They keep the text.
    foreign_keys: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.places or self.pieces or self.sessions)

    @property
    def digest(self) -> str:
        """Return a digest for a form, so that only the previewed findings are removed."""
        return make_digest(
            [
                [entry.number for entry in self.entries],
                sorted(f"{p.row._meta.label} {p.row.pk} {p.column}" for p in self.places),
                sorted(str(piece.reference) for piece in self.pieces),
            ]
        )


def find_passages(texts: Collection[str], references: Collection[str], *, user: User) -> Findings:
    """Return all of a person's authorities that has one of the texts or refers to the evidence."""
    passages = Passages(texts)
    places = [place for model in searched_models() for place in _matching_places(model, passages)]
    foreign_rows = scope.foreign_rows([place.row for place in places], user)
    places = [place for place in places if place.row not in foreign_rows]
    evidence_ids = [place.row.pk for place in places if place.column == "url"]
    evidence = Evidence.objects.for_staff(user).filter(
        Q(pk__in=evidence_ids) | Q(reference__in=references)
    )
    all_references = {str(item.reference) for item in evidence}
    entries = _matching_entries(passages, all_references)
    foreign_keys = scope.foreign_keys({entry.key for entry in entries}, user)
    return Findings(
        passages=passages,
        entries=[entry for entry in entries if entry.key not in foreign_keys],
        places=places,
        pieces=list(evidence.order_by("pk")),
        sessions=[s for s in Session.objects.all() if texts and passages.occur_in(s.get_decoded())],
        uploads=waiting_uploads(user).count() if texts else 0,
        foreign_keys=sorted(foreign_keys),
    )


def waiting_uploads(user: User) -> QuerySet[Upload]:
    """Return the unsaved spreadsheets of people of a person's authorities."""
    return Upload.objects.for_staff(user).filter(applied_at=None)


def redact_content(findings: Findings, content: dict[str, Any]) -> dict[str, Any]:
    """Return an item without the passages and the evidence."""
    references = {str(item.reference) for item in findings.pieces}
    content = {name: value for name, value in content.items() if name != "salt"}
    if "evidence" in content:
        content["evidence"] = [e for e in content["evidence"] if e["id"] not in references]
    cleared: dict[str, Any] = findings.passages.remove_from(content)
    return cleared


def _matching_entries(passages: Passages, references: set[str]) -> list[Entry]:
    """Return the entries whose items contain a passage or refer to the evidence.

    For a commitment, later entries are included too: its history is published again from there.
    """
    rows = Entry.objects.exclude(action=Entry.Action.REDACT).order_by("number")
    anchors = passages.rows_filter("item") if passages.anchors else Q(pk__in=[])
    for reference in references:
        anchors |= Q(item__contains=reference)
    matching_entries = [
        entry for entry in rows.filter(anchors) if _entry_matches(entry, passages, references)
    ]
    first_numbers: dict[str, int] = {}
    for entry in matching_entries:
        if kind_of(entry.key) == "commitment":
            first_numbers.setdefault(entry.key, entry.number)
    numbers = {entry.number for entry in matching_entries}
    later_entries = [
        entry
        for entry in rows.filter(key__in=first_numbers, item__isnull=False)
        if entry.number > first_numbers[entry.key] and entry.number not in numbers
    ]
    return sorted([*matching_entries, *later_entries], key=lambda entry: entry.number)


def _entry_matches(entry: Entry, passages: Passages, references: set[str]) -> bool:
    content = json.loads(entry.item or "{}")
    entry_references = {item["id"] for item in content.get("evidence", [])}
    return bool(entry_references & references) or passages.occur_in(content)


def _matching_places(model: type[models.Model], passages: Passages) -> Iterator[TextLocation]:
    """Yield the columns of a table with a passage. The log's tables are left out."""
    for column in text_columns(model) if passages.anchors else []:
        rows = model._default_manager.annotate(as_text=Cast(column.name, TextField()))
        for row in rows.filter(passages.rows_filter("as_text")):
            before = getattr(row, column.name)
            if not passages.occur_in(before):
                continue
            # An act cannot be rewritten, so what it kept is emptied as a whole.
            is_of_act = model is ActObject
            after = None if is_of_act else passages.remove_from(before, column.name)
            if isinstance(after, str) and column.max_length:
                after = after[: column.max_length]
            yield TextLocation(row, column.name, after)


def _passage_pattern(words: list[str]) -> str:
    """Return a pattern for words in a row, as text or HTML, with any white space."""
    text = r"\s+".join(f"(?:{re.escape(word)}|{re.escape(html.escape(word))})" for word in words)
    before = r"(?<!\w)" if re.match(r"\w", words[0]) else ""
    after = r"(?!\w)" if re.search(r"\w$", words[-1]) else ""
    return f"{before}{text}{after}"
