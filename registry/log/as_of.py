"""The register as of an earlier entry: the entries up to it, folded as the log folds them.

The result for a moment never changes, except for text redacted since.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KT

from registry import clock
from registry.log import folding, keys, whole_log
from registry.log.columns import named_parent
from registry.log.wide_changes import set_last_changes
from registry.models import Entry, KindCount, Record, RecordQuerySet
from registry.schema import kinds
from registry.schema.code_lists import NoticeType

# Commitments that the page of a signatory, theme or measure of the past rests on.
MOST_COMMITMENTS = 100
# Their versions: most commitments have one or two.
MOST_VERSIONS = 5 * MOST_COMMITMENTS


class MomentError(ValueError):
    """A query names no moment of the register; `parameter` is the wrong part of it."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.detail = detail


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
    parsed_day = parse_past_day(day, today) if day is not None else None
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


def parse_past_day(text: str, today: date) -> date:
    """Return the day of a text, or raise MomentError if it is none or still to come."""
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
    return Entry.objects.filter(at__lt=clock.end_of_day(on)).order_by("-at", "-number").first()


def entry_number_on(on: date) -> int:
    """Return the number of the last entry at the end of a day; 0 before the first."""
    last = last_entry_on(on)
    return last.number if last else 0


@dataclass(frozen=True)
class Surroundings:
    """The records at a moment that the page of a record is made of, by key."""

    records: dict[str, Record]
    # More commitments belonged to the record: those published or changed last are here.
    is_partial: bool


def count_published(kind: str, moment: Moment) -> int:
    """Return how many records of a kind were public at a moment. Four queries.

    The log keeps the numbers of each day; those of the last day are counted.
    """
    if moment.number == 0:
        return 0
    on = clock.local_date(Entry.objects.only("at").get(number=moment.number).at)
    before = entry_number_on(on - timedelta(days=1))
    last_day = Record.objects.of_kind(kind).filter(
        first_entry__gt=before, first_entry__lte=moment.number
    )
    return KindCount.objects.published_before(kind, on) + last_day.count()


def record_at(kind: str, key: str, moment: Moment) -> Record | None:
    """Return a record at a moment, or None if it was not yet public."""
    return next(iter(records_at(kind, [key], moment)), None)


def records_at(kind: str, record_keys: Iterable[str], moment: Moment) -> list[Record]:
    """Return records of a kind at a moment, in the order of their keys here.

    Those not yet public are left out. Some eight queries; each record reads what is about it and
    about its commitment, or if commitments belong to it, its own entries and its last change.
    """
    wanted = [key for key in record_keys if keys.kind_of(key) == kind]
    if kind in whole_log.WIDE_KINDS:
        records = _records_of(whole_log.entries_by_key(wanted), moment)
        set_last_changes(records.values(), moment.number)
    else:
        records = _records_of(whole_log.entries_around(wanted), moment)
    return [records[key] for key in wanted if key in records]


def names_at(record_keys: Iterable[str], moment: Moment) -> dict[str, str]:
    """Return the names that records had at a moment, by key. Two queries."""
    records = _records_of(whole_log.entries_by_key(set(record_keys)), moment)
    items = {key: record.item or {} for key, record in records.items()}
    fields = ("trading_name", "legal_name", "title")
    return {
        key: next((item[name] for name in fields if item.get(name)), key)
        for key, item in items.items()
    }


def records_about(key: str, signatory: str) -> RecordQuerySet:
    """Return the records about a commitment: its periods, updates, successes, letters and replies.

    A reply of its signatory can be about the commitment, or about the signatory itself.
    """
    about = Q(commitment=key) | Q(kind="success", item__contains={"commitments": [key]})
    # Each kind with what has an index of its own: together they are still found by indexes.
    about |= Q(kind="notice", about=key, type__in=[NoticeType.LETTER, NoticeType.REPLY])
    about |= Q(kind="notice", about=signatory, type=NoticeType.REPLY)
    return Record.objects.alias(about=KT("item__about"), type=KT("item__type")).filter(about)


def records_around(key: str, moment: Moment) -> Surroundings:
    """Return the records at a moment that the page of a record is made of.

    These are the record, its commitments, all that is shown with them, and all that these name.
    At most twenty queries.
    """
    centres, is_partial = _centres_of(key, moment)
    entries = whole_log.entries_around(centres)
    if keys.kind_of(key) in ("commitment", "signatory"):
        named = {key} | whole_log.named_in(entries.get(key, ()))
        signatories = [found for found in named if keys.kind_of(found) == "signatory"]
        entries |= whole_log.entries_by_key(_beside_signatories(signatories) - entries.keys())
    named = whole_log.named_in(entry for group in entries.values() for entry in group)
    entries |= whole_log.entries_by_key(named - entries.keys())
    records = _records_of(entries, moment)
    if is_partial and key in records:
        set_last_changes([records[key]], moment.number)
    return Surroundings(records, is_partial)


def _centres_of(key: str, moment: Moment) -> tuple[set[str], bool]:
    """Return a record and those that its page adds up or lists, and whether these are not all."""
    kind = keys.kind_of(key)
    if kind == "success":
        entries = Entry.objects.filter(key=key, number__lte=moment.number)
        named = whole_log.named_in(entries)
        return {key} | {other for other in named if keys.kind_of(other) == "commitment"}, False
    if kind not in kinds.KINDS["commitment"].shown_with:
        return {key}, False
    versions = Entry.objects.filter(number__lte=moment.number).order_by("-number")
    belonging = versions.alias(parent=named_parent(kind)).filter(parent=key)
    commitments = belonging.filter(kind="commitment").values_list("key", flat=True)
    newest = list(commitments[: MOST_VERSIONS + 1])
    found = list(dict.fromkeys(newest))
    is_partial = len(newest) > MOST_VERSIONS or len(found) > MOST_COMMITMENTS
    others = belonging.filter(kind__in=["success", "measure"]).values_list("key", flat=True)
    return {key, *found[:MOST_COMMITMENTS], *others[:MOST_VERSIONS]}, is_partial


def _beside_signatories(signatories: Collection[str]) -> set[str]:
    """Return the notices about signatories, and the signatories that they followed. One query."""
    naming = whole_log.keys_naming(signatories)
    return {key for key in naming if keys.kind_of(key) in ("notice", "signatory")}


def _records_of(entries: whole_log.EntriesByKey, moment: Moment) -> dict[str, Record]:
    numbers = [entry for group in entries.values() for entry in group]
    up_to = [entry for entry in numbers if entry.number <= moment.number]
    return _fold_entries(sorted(up_to, key=attrgetter("number")), moment)


def _fold_entries(entries: list[Entry], moment: Moment) -> dict[str, Record]:
    """Return the records of some entries in their order, with their states at a moment. One query.

    Notes of redactions come from the present records: one may be later than the moment, and
    explains why a text is missing.
    """
    records = folding.fold(entries)
    redacted = Record.objects.filter(key__in=list(records)).exclude(redactions=[])
    all_notes = dict(redacted.values_list("key", "redactions"))
    for key, record in records.items():
        record.set_states(moment.day)
        notes = all_notes.get(key, [])
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
