"""Counts of commitments by tag: those that the log keeps, and those of any list."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connections, router
from django.db.models import Sum

from registry.models import ListedCommitment, TagCount
from registry.open_data.filters import (
    CommitmentFilter,
    TagFilter,
    TrueOrFalseTagFilter,
    chosen_values,
    tags_of,
)


def tags_with_kept_counts(selection: Mapping[str, Any]) -> list[str] | None:
    """Return the tags whose kept counts add up to those of some filters' values, or None.

    Without a filter that is the empty tag. A commitment can be in several places, but has one tag
    of each other filter.
    """
    if not selection:
        return [""]
    if len(selection) > 1:
        return None
    ((name, value),) = selection.items()
    if not isinstance(CommitmentFilter.base_filters[name], TagFilter | TrueOrFalseTagFilter):
        return None
    tags = tags_of(name, value)
    return tags if name != "area" or len(tags) == 1 else None


def read_kept_counts(given: list[str]) -> Counter[str]:
    """Return how many readable commitments with any of some tags have each tag. One query."""
    counts = TagCount.objects.filter(given__in=given).values_list("tag").annotate(Sum("number"))
    return Counter(dict(counts))


def count_each(given: Iterable[str], tags: Iterable[str], day: date) -> dict[str, Counter[str]]:
    """Return how many readable commitments with each given tag have each other tag on a day.

    Two queries. Where stored states are not those of the day, all narrow rows are read.
    """
    counts: dict[str, Counter[str]] = {tag: Counter() for tag in given}
    if ListedCommitment.objects.are_of(day):
        rows: Iterable[Any] = TagCount.objects.filter(
            given__in=list(counts), tag__in=list(tags)
        ).values_list("given", "tag", "number")
    else:
        rows = _count_pairs(list(counts), list(tags), day)
    for tag, other, number in rows:
        counts[tag][other] = number
    return counts


def _count_pairs(given: list[str], tags: list[str], day: date) -> list[tuple[str, str, int]]:
    commitments: Any = ListedCommitment.objects.readable().on(day, is_stored=False)
    matches = commitments if "" in given else commitments.filter(tags__overlap=given)
    columns = matches.values("tags", "day_tags", "counted_tags")
    listed, parameters = columns.query.sql_with_params()
    with connections[router.db_for_read(ListedCommitment)].cursor() as cursor:
        cursor.execute(
            f"""SELECT given, tag, count(*) FROM ({listed}) AS listed,
                unnest(array_prepend('', tags || day_tags)) AS given,
                unnest(array_prepend('', tags || day_tags || counted_tags)) AS tag
            WHERE given = ANY (%s) AND tag = ANY (%s) GROUP BY given, tag""",  # noqa: S608
            [*parameters, given, tags],
        )
        pairs: list[tuple[str, str, int]] = cursor.fetchall()
        return pairs


def count_commitments(filter_set: CommitmentFilter) -> int:
    """Return how many commitments match, redacted ones too. One query."""
    selection = chosen_values(filter_set)
    given = tags_with_kept_counts(selection) if filter_set.are_states_stored else None
    if given is None:
        return filter_set.qs.count()
    counts = TagCount.objects.filter(given__in=given, tag__in=["", TagCount.REDACTED])
    total: int = counts.aggregate(total=Sum("number", default=0))["total"]
    return total


def count_tags(commitments: Any) -> Counter[str]:
    """Return how many of these commitments, with `day_tags`, have each tag. One query."""
    connection = connections[router.db_for_read(ListedCommitment)]
    listed, values = commitments.values("tags", "day_tags", "counted_tags").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT tag, count(*) FROM ({listed}) AS listed,
                unnest(array_prepend('', tags || day_tags || counted_tags)) AS tag
            GROUP BY tag""",  # noqa: S608
            values,
        )
        return Counter(dict(cursor.fetchall()))
