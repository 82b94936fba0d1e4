"""Entries as the lists of changes and the feeds find them.

Only `registry/log/entry_lists.py` writes them, from the entries and records; `rebuild_records`
makes them again.
"""

from enum import StrEnum

from django.db import models

from registry.models.log import Entry


class EntryList(StrEnum):
    """The lists of changes: all of interest to readers, and those of one type."""

    ALL = ""
    NEW = "new"
    UPDATES = "updates"
    BACKED = "backed"
    LETTERS = "letters"
    MOVED = "moved"
    WEAKENED = "weakened"
    CORRECTED_DOWN = "corrected_down"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    REDACTED = "redacted"


class ListedEntryQuerySet(models.QuerySet["ListedEntry"]):
    def newest(
        self, name: str, count: int, *, before: int | None = None, after: int = 0
    ) -> list[Entry]:
        """Return the newest entries of a list, or those between two numbers. One query."""
        listed = self.filter(list=name, number__gt=after)
        if before is not None:
            listed = listed.filter(number__lt=before)
        numbers = listed.order_by("-number").values("number")[:count]
        return list(Entry.objects.filter(number__in=numbers).order_by("-number"))


class ListedEntry(models.Model):
    """An entry in a list of changes: an `EntryList`, or that of a record's key or a place's code.

    Most entries are in several lists, routine ones in none.
    """

    pk = models.CompositePrimaryKey("list", "number")
    list = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField()

    objects = ListedEntryQuerySet.as_manager()

    class Meta:
        # The lists of an entry.
        indexes = [models.Index("number", name="listed_entry_number")]

    def __str__(self) -> str:
        return f"{self.number} in {self.list or 'all'}"
