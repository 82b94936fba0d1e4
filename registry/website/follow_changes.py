"""What some days brought, in words, read once for all who follow something."""

from collections.abc import Iterable
from datetime import date

from registry import clock
from registry.website import changes, follow_subjects

MAX_ENTRIES = (
    1000  # entries; a day on which more is published is an import, and the newest tell enough
)


class FollowedChanges:
    """What changed after one day up to the end of another.

    Eight queries, and two for each subject that is asked about.
    """

    def __init__(self, after: date, until: date) -> None:
        entries = changes.notable_entries().filter(
            at__gte=clock.end_of_day(after), at__lt=clock.end_of_day(until)
        )
        found = [
            *changes.describe_entries(list(entries[:MAX_ENTRIES])),
            *changes.overdue_changes(until, after),
        ]
        self.changes = sorted(found, key=lambda change: change.on, reverse=True)
        self.keys = {change.key for change in found}
        self.concerned: dict[str, set[str]] = {}

    def for_subjects(self, followed: Iterable[str]) -> list[changes.Change]:
        """Return what changed about any of some subjects, newest first, each change once."""
        keys: set[str] = set()
        for about in followed:
            if about not in self.concerned:
                self.concerned[about] = self._subject_keys(about)
            keys |= self.concerned[about]
        return [change for change in self.changes if change.key in keys]

    def _subject_keys(self, about: str) -> set[str]:
        """Return the keys among those with updates that belong to a subject."""
        subject = follow_subjects.find_subject(about) if self.keys else None
        if subject is None:
            return set()
        if subject.concerned is None:
            return self.keys
        return set(subject.concerned.filter(key__in=self.keys).values_list("key", flat=True))
