"""Which entry last changed what a record shows.

A record is shown with its own entries and those of the records on its page, whose `KindSpec` names
it in `shown_with`. The names of the records that it belongs to do not count, nor does a reminder
that only adds its date to a period.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from registry.log.reporting import first_request
from registry.models import Entry, Record
from registry.schema import kinds

Item = dict[str, Any]
# Acts that end a commitment, or open it again.
MAY_END = (Entry.Action.CLOSE, Entry.Action.WITHDRAW, Entry.Action.AMEND)


def shown_on(kind: str, item: Item) -> set[str]:
    """Return the keys of the records on whose pages an item of a kind is shown.

    Of a redaction, those on which the redacted versions were shown.
    """
    if "structure" in item:
        return set().union(*(shown_on(kind, version) for version in item["structure"].values()))
    found: set[str] = set()
    for name in kinds.KINDS[kind].shown_with:
        value = item.get(name) or []
        found.update([value] if isinstance(value, str) else value)
    return found


class LastChanges:
    """Fills `changed_entry` and `changed_at` of records while their entries are folded."""

    def __init__(self, records: dict[str, Record]) -> None:
        self.records = records
        # The entries that changed what is shown of each record, in their order.
        self.entries: dict[str, list[int]] = defaultdict(list)
        # Where each record is shown: kept when its text is removed.
        self.links: dict[str, set[str]] = {}
        self.periods: dict[str, set[str]] = defaultdict(set)
        # The commitments that ever belonged to a record.
        self.commitments: dict[str, set[str]] = defaultdict(set)
        for record in records.values():
            self._learn(record, record.item or {})

    def note(self, entry: Entry, before: Item) -> None:
        """Note an entry that was just applied to its record; `before` is the item until then."""
        record = self.records[entry.key]
        earlier_links = self.links.get(entry.key, set())
        is_redaction = entry.action == Entry.Action.REDACT
        change = json.loads(entry.item or "{}") if is_redaction else record.item or {}
        self._learn(record, change)
        changed = {entry.key}
        if is_redaction or not _is_reminder(record, before, change):
            changed |= self._pages_above({entry.key} | earlier_links)
            changed |= {item["supersedes"] for item in (before, change) if item.get("supersedes")}
        may_end = entry.kind == "commitment" and entry.action in MAY_END
        folds_differ = _folded_values(record, before) != _folded_values(record, change)
        if (is_redaction and _is_folded(entry.kind)) or may_end or folds_differ:
            changed |= self._dependent_records(entry)
        for key in changed & self.records.keys():
            keep_later_change(self.records[key], entry.number, entry.at)
            self.entries[key].append(entry.number)

    def _learn(self, record: Record, item: Item) -> None:
        """Remember where a record is, or was, shown."""
        found = shown_on(record.kind, item)
        if found:
            self.links[record.key] = found
        if record.kind == "period":
            for key in found:
                self.periods[key].add(record.key)
        elif record.kind == "commitment":
            for name in kinds.commitment_parents():
                if name in item:
                    self.commitments[item[name]].add(record.key)

    def _pages_above(self, found: set[str]) -> set[str]:
        """Return these keys and those of all records on whose pages they are shown."""
        above = set().union(*(self.links.get(key, set()) for key in found)) - found
        return self._pages_above(found | above) if above else found

    def _dependent_records(self, entry: Entry) -> set[str]:
        """Return the records whose dates and states follow from a record that has changed."""
        if entry.kind == "period":
            commitments: Collection[str] = self.links.get(entry.key, set())
        elif entry.kind == "commitment":
            commitments = {entry.key}
        else:
            commitments = [
                key
                for key in self.commitments[entry.key]
                if (self.records[key].item or {}).get(entry.kind) == entry.key
            ]
        missing = {
            key
            for commitment in commitments
            for key in self.periods[commitment]
            if (item := self.records[key].item)
            and not {"received_on", "excused_reason"} & item.keys()
        }
        return missing | self._pages_above(set(commitments))


def keep_later_change(record: Record, number: int, at: datetime) -> None:
    """Set the last change of a record, unless a later one is known."""
    if number > record.changed_entry:
        record.changed_entry, record.changed_at = number, at


def _is_reminder(record: Record, before: Item, after: Item) -> bool:
    """Return True if a version of a period only adds reminders, and lets no state follow."""
    return (
        record.kind == "period"
        and bool(before and after)
        and _without_reminders(before) == _without_reminders(after)
        and _folded_values(record, before) == _folded_values(record, after)
    )


def _without_reminders(period: Item) -> Item:
    return {name: value for name, value in period.items() if name not in ("requested_on", "salt")}


def _is_folded(kind: str) -> bool:
    """Return True if dates, states and progress follow from records of a kind."""
    return kind == "commitment" or bool(kinds.KINDS[kind].folded_fields)


def _folded_values(record: Record, item: Item) -> list[Any]:
    """Return the values of an item from which the columns of other records are folded."""
    values = [item.get(name) for name in kinds.KINDS[record.kind].folded_fields]
    if record.kind == "period":
        values.append(first_request(item.get("requested_on", []), item.get("due_on", "")))
    return values
