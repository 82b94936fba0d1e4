"""The register as of an earlier entry: the entries up to it, folded as the log folds them.

The result for a moment never changes, except for text redacted since.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from registry import clock
from registry.log import folding, keys
from registry.models import Entry, Record, RecordQuerySet
from registry.schema import kinds
from registry.schema.code_lists import NoticeType

# A list folds every entry up to the requested one; this many take about two seconds.
MOST_FOLDED = 20_000
# The most entries around one record, whose page reads what is folded from them again and again.
MOST_AROUND = 10_000


class MomentError(ValueError):
    """A query names no moment of the register; `parameter` is the wrong part of it."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.detail = detail


class TooManyEntriesError(Exception):
    """More entries are around a record than an answer may cost."""


@dataclass(frozen=True)
class Moment:
    """The facts of the entries up to `number`, with the states that follow from the date on `day`.

    `number` is 0 before the first entry.
    """

    number: int
    day: date

    @property
    def query(self) -> str:
        """Return the parameters of an address that shows this moment."""
        return f"as_of={self.number}&day={self.day}"


def find_moment(number: str | None, day: str | None, today: date) -> Moment:
    """Return the moment that `as_of`, `day` or both name, each as text or None.

    An entry alone means its own day, a day alone the last entry by its end. Raise MomentError.
    """
    parsed_day = _parse_day(day, today) if day is not None else None
    if number is None:
        parsed_day = parsed_day or today
        return Moment(entry_number_on(parsed_day), parsed_day)
    entry = _find_entry(number)
    entry_day = clock.local_date(entry.at)
    if parsed_day and parsed_day < entry_day:
        raise MomentError(
            "day", f"Entry {entry.number} is of {entry_day}: give this day or a later one."
        )
    return Moment(entry.number, parsed_day or entry_day)


def _parse_day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise MomentError("day", "Give the day as year, month and day, such as 2026-03-31.")
    if day > today:
        raise MomentError("day", f"This day is still to come: give {today} or an earlier day.")
    return day


def _find_entry(text: str) -> Entry:
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    entry = (
        Entry.objects.filter(number=int(text)).only("number", "at").first() if is_number else None
    )
    if entry is None:
        head = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
        detail = f"Give the number of an entry from 1 to {head}." if head else "The log is empty."
        raise MomentError("as_of", detail)
    return entry


def last_entry_on(on: date) -> Entry | None:
    """Return the last entry at the end of a day; its hash is the register's fingerprint."""
    return Entry.objects.filter(at__lt=clock.end_of_day(on)).order_by("-number").first()


def entry_number_on(on: date) -> int:
    """Return the number of the last entry at the end of a day; 0 before the first."""
    last = last_entry_on(on)
    return last.number if last else 0


def record_at(kind: str, key: str, moment: Moment) -> Record | None:
    """Return a record at a moment, or None if it was not yet public."""
    record = records_around(key, moment).get(key)
    return record if record is not None and record.kind == kind else None


def records_at(kind: str, moment: Moment) -> list[Record]:
    """Return all records of a kind at a moment, in the order of publication. Two queries."""
    records = [row for row in records_by_key(moment).values() if row.kind == kind]
    return sorted(records, key=lambda row: row.first_entry)


def records_by_key(moment: Moment) -> dict[str, Record]:
    """Return all records at a moment by key. Two queries; folds every entry up to it."""
    return _fold_entries(Entry.objects.filter(number__lte=moment.number), moment)


def records_about(key: str, signatory: str) -> RecordQuerySet:
    """Return the records about a commitment: its periods, updates, successes, letters and replies.

    A reply of its signatory can be about the commitment, or about the signatory itself.
    """
    about = Q(commitment=key) | Q(item__contains={"commitments": [key]})
    about |= Q(item__contains={"type": NoticeType.LETTER, "about": key})
    for subject in (key, signatory):
        about |= Q(item__contains={"type": NoticeType.REPLY, "about": subject})
    return Record.objects.filter(about)


def records_around(key: str, moment: Moment) -> dict[str, Record]:
    """Return the records at a moment that the page of a record is made of, by key.

    These are the record, its commitments, all that is shown with them, and all that these name.
    At most ten queries; one of them looks for the commitments that once belonged to the record.
    """
    kind = keys.kind_of(key)
    about = {key} | _keys_named_by({key}, moment)
    if kind == "commitment" or kind in kinds.KINDS["commitment"].shown_with:
        naming = Entry.objects.filter(kind="commitment", item__contains=f'"{key}"')
        about |= set(naming.values_list("key", flat=True))
    commitments = {key} if kind == "commitment" else _of_kind("commitment", about)
    signatories = _of_kind("signatory", {key} | _keys_named_by(commitments, moment))
    shown = Q(commitment__in=commitments) | Q(kind="success", signatory__in=signatories)
    shown |= Q(kind="measure", theme=key) | Q(item__contains={"successor": key})
    about |= commitments | set(Record.objects.filter(shown).values_list("key", flat=True))
    notices = Record.objects.filter(kind="notice", item__about__in=about)
    about |= set(notices.values_list("key", flat=True))
    about |= _keys_named_by(about, moment)
    entries = Entry.objects.filter(key__in=about, number__lte=moment.number)
    if entries.count() > MOST_AROUND:
        raise TooManyEntriesError
    return _fold_entries(entries, moment)


def _of_kind(kind: str, found: Iterable[str]) -> set[str]:
    return {key for key in found if keys.kind_of(key) == kind}


def _keys_named_by(record_keys: set[str], moment: Moment) -> set[str]:
    """Return the keys of the records that any version of some records names. One query."""
    entries = Entry.objects.filter(key__in=record_keys, number__lte=moment.number)
    items = [json.loads(item or "{}") for item in entries.values_list("item", flat=True)]
    values = [value for item in items for value in item.values()]
    texts = [text for value in values for text in (value if isinstance(value, list) else [value])]
    return {text for text in texts if isinstance(text, str) and keys.is_key(text)}


def _fold_entries(entries: QuerySet[Entry], moment: Moment) -> dict[str, Record]:
    """Return the records of some entries up to a moment, with their states then. Two queries.

    Notes of redactions come from the present records: one may be later than the moment, and
    explains why a text is missing.
    """
    up_to = list(entries.filter(number__lte=moment.number).order_by("number"))
    records = folding.fold(up_to)
    present = Record.objects.in_bulk(list(records))
    for key, record in records.items():
        record.set_states(moment.day)
        notes = present[key].redactions
        record.redactions = [note for note in notes if note["entry"] <= record.entry]
        if record.item is None and record.structure is None and record.redactions:
            record.structure = _structure_of_last(record.redactions)
    return records


def _structure_of_last(redactions: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return what stays of the latest redacted version. One query, for redacted records alone."""
    last = max(redactions, key=itemgetter("entry"))
    note = json.loads(Entry.objects.get(number=last["redact_entry"]).item or "{}")
    structure: dict[str, Any] | None = note["structure"].get(str(last["entry"]))
    return structure
