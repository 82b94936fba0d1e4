"""Find the changes of a few days, read once for all followers."""

from collections.abc import Iterable
from datetime import date

from registry import clock
from registry.models import Entry, EntryList, ListedEntry, Record
from registry.website import changes, follow_subjects
from registry.website.rows import commitment_row, record_names

# More entries in a day come from an import; followers need only the newest of them.
MAX_ENTRIES = 1000


class FollowedChanges:
    """The changes after one day and up to the end of another.

    Each has the headline of its commitment on that day. Thirteen queries, and two for each subject.
    """

    def __init__(self, after: date, until: date) -> None:
        entries = list(
            Entry.objects.filter(
                at__gte=clock.end_of_day(after),
                at__lt=clock.end_of_day(until),
                number__in=ListedEntry.objects.filter(list=EntryList.ALL).values("number"),
            ).order_by("-number")[:MAX_ENTRIES]
        )
        described = [
            *changes.describe_entries(entries),
            *changes.overdue_changes(until, after),
        ]
        _add_headlines(described, until)
        self.changes = sorted(described, key=lambda change: change.on, reverse=True)
        self.commitments = _commitments_of({change.key for change in described})
        self.keys_by_subject: dict[str, set[str]] = {}

    def for_subjects(self, subjects: Iterable[str]) -> list[changes.Change]:
        """Return the changes to any of the subjects, newest first, each change once."""
        keys: set[str] = set()
        for about in subjects:
            if about not in self.keys_by_subject:
                self.keys_by_subject[about] = self._subject_keys(about)
            keys |= self.keys_by_subject[about]
        return [change for change in self.changes if change.key in keys]

    def _subject_keys(self, about: str) -> set[str]:
        """Return the changed keys that belong to a subject."""
        subject = follow_subjects.find_subject(about) if self.commitments else None
        return subject.find_keys(self.commitments) if subject else set()


def _commitments_of(changed: set[str]) -> dict[str, set[str]]:
    """Return the keys of the commitments that each changed record is or is about. One query."""
    records = Record.objects.filter(pk__in=changed)
    columns = records.values_list("key", "kind", "commitment", "item__commitments")
    return {
        key: {key} if kind == "commitment" else {*(several or ()), *([one] if one else ())}
        for key, kind, one, several in columns
    }


def _add_headlines(described: list[changes.Change], day: date) -> None:
    """Add the headline of its commitment to each change that has one. Two queries."""
    keys = {change.commitment for change in described if change.commitment}
    records = list(Record.objects.readable().with_reporting(day).filter(key__in=keys))
    names = record_names(record.signatory for record in records)
    headlines = {
        record.key: commitment_row(record, names, day).headline.sentence for record in records
    }
    for change in described:
        change.status = headlines.get(change.commitment, "")
