"""Count the commitments of a list, in all and for each value of each filter.

With at most one filter the log keeps the counts; with more, or a search, the newest matches are
counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from registry.models import ListedCommitmentQuerySet
from registry.open_data.counts import count_tags, read_kept_counts, tags_with_kept_counts
from registry.open_data.filters import CommitmentFilter
from registry.reference_data import sectors
from registry.schema import code_lists, measure_codes

MOST_COUNTED = 2000
Option = tuple[str, str]
# The filters whose values are offered with their counts; their names come from records or lists.
NAMED = ("theme", "measure")
CODED: dict[str, Iterable[Option]] = {
    "counted_as": code_lists.COUNTED_DELIVERIES.items(),
    "reporting": code_lists.Reporting.choices,
    "ending": code_lists.Ending.choices,
    "level_of_proof": code_lists.LevelOfProof.choices,
    "size": code_lists.Size.choices,
    "sector": sectors.section_titles().items(),
    "route": code_lists.Route.choices,
    "nature": measure_codes.Nature.choices,
}
AS_WRITTEN = ("department", "due_year")


@dataclass(frozen=True)
class Counts:
    """How many commitments have each tag; the empty tag is on all of them."""

    tags: Counter[str]
    is_partial: bool = False  # Of the newest `MOST_COUNTED` only.

    @property
    def total(self) -> int:
        return self.tags[""]

    def values_of(self, name: str) -> dict[str, int]:
        """Return the count of each value of a filter."""
        prefix = f"{name}:"
        return {
            tag.removeprefix(prefix): number
            for tag, number in self.tags.items()
            if tag.startswith(prefix)
        }

    def in_short(self) -> dict[str, int]:
        """Return the numbers of the sentence above the list."""
        late_states = code_lists.Reporting.late_states()
        return {
            "total": self.total,
            "late": sum(self.tags[f"reporting:{state}"] for state in late_states),
            "weakened": self.tags["weakened:true"],
            "corrected": self.tags["corrected_down:true"],
            "unanswered": self.tags["ended_unanswered:true"],
        }


class Facets:
    """The counts of each filter's values among the matches of all other filters."""

    def __init__(
        self, filters: CommitmentFilter, selection: Mapping[str, Any], *, is_stored: bool
    ) -> None:
        """`is_stored` says whether the stored states are those of the day."""
        self.filters = filters
        self.selection = selection
        self.is_stored = is_stored
        self._counts: dict[str, Counts] = {}

    @cached_property
    def _found(self) -> ListedCommitmentQuerySet:
        """Return the commitments that match the words of the search, all without one."""
        commitments = self.filters.queryset
        if "q" not in self.selection:
            return commitments
        return self.filters.filters["q"].filter(commitments, self.selection["q"])

    def filter_except(self, facet: str) -> ListedCommitmentQuerySet:
        """Return the commitments that match all filters but one, or all filters for ""."""
        matches = self._found
        for name, value in self.selection.items():
            if name not in ("q", facet):
                matches = self.filters.filters[name].filter(matches, value)
        return matches

    def count_for(self, facet: str) -> Counts:
        """Return the counts among the matches of all filters but one. One query at most."""
        excluded = facet if facet in self.selection else ""
        if excluded not in self._counts:
            self._counts[excluded] = self._count_except(excluded)
        return self._counts[excluded]

    def _count_except(self, facet: str) -> Counts:
        others = {name: value for name, value in self.selection.items() if name != facet}
        given = tags_with_kept_counts(others)
        if self.is_stored and given is not None:
            return Counts(read_kept_counts(given))
        matches = self.filter_except(facet)
        if not self.is_stored:
            # All of them, though it is slow: a cache keeps the page for the rest of the day.
            return Counts(count_tags(matches))
        newest = count_tags(matches.order_by("-first_entry")[:MOST_COUNTED])
        return Counts(newest, is_partial=newest[""] == MOST_COUNTED)

    def named_values(self) -> set[str]:
        """Return the keys of the records that are offered as values, such as themes."""
        return {
            key
            for name in NAMED
            for key in (*self.count_for(name).values_of(name), *self.selection.get(name, ()))
        }

    def count_choices(self, options: Mapping[str, Iterable[Option]]) -> dict[str, list[Option]]:
        """Return the values of each filter with their counts, without values that match nothing.

        `options` has those with names of their own. A value in use stays even at 0, so that the
        reader can still see it.
        """
        written = {
            name: [(value, value) for value in sorted(self.count_for(name).values_of(name))]
            for name in AS_WRITTEN
        }
        return {
            name: list(self._count_options(name, values))
            for name, values in {**options, **CODED, **written}.items()
        }

    def _count_options(self, name: str, options: Iterable[Option]) -> Iterator[Option]:
        counts = self.count_for(name).values_of(name)
        for code, text in options:
            if code in counts or code in self.selection.get(name, ()):
                yield code, f"{text} ({counts.get(code, 0):,})"
