"""Query parameters of the API; unknown ones are refused."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.request import Request

from registry.api.problems import ProblemError, invalid_parameter
from registry.log import keys
from registry.models import Entry, RecordQuerySet
from registry.open_data.filters import FILTERS
from registry.schema import kinds

LONGEST_VALUE = 500


def filter_names(kind: str) -> set[str]:
    """Return the names of the filters of a kind."""
    return set(FILTERS[kind].base_filters)


def validated_query(request: Request, allowed: set[str]) -> QueryDict:
    """Return the query of a request, or raise ProblemError for unknown or malformed parameters."""
    query = request.query_params
    unknown = sorted(set(query) - allowed)
    if unknown:
        detail = f"Known here: {', '.join(sorted(allowed))}."
        raise ProblemError(
            "unknown-parameter",
            [
                {"parameter": name, "code": "unknown-parameter", "detail": detail}
                for name in unknown
            ],
        )
    for name in query:
        values = query.getlist(name)
        if name in ("cursor", "limit", "format", "after", "as_of", "q") and len(values) > 1:
            raise invalid_parameter(name, "Give it once.")
        if any("\x00" in value or len(value) > LONGEST_VALUE for value in values):
            raise invalid_parameter(name, f"Give at most {LONGEST_VALUE} characters of plain text.")
    return query


def query_without(query: QueryDict, *names: str) -> QueryDict:
    remaining = query.copy()
    for name in names:
        remaining.pop(name, None)
    return remaining


def apply_filters(kind: str, records: RecordQuerySet, query: QueryDict) -> QuerySet[Any]:
    """Return the records that match the filters, or raise ProblemError for impossible values."""
    filter_set = FILTERS[kind](query, queryset=records)
    if not filter_set.is_valid():
        raise ProblemError(
            "invalid-parameter",
            [
                {"parameter": name, "code": "invalid-parameter", "detail": str(messages[0])}
                for name, messages in filter_set.errors.items()
            ],
        )
    return filter_set.qs


def parse_entry_number(text: str, name: str = "after") -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise invalid_parameter(name, "Give the number of an entry.")
    return int(text)


def parse_as_of(text: str, head: int) -> int:
    """Return a requested entry's number, or raise ProblemError if the log has no such entry."""
    number = parse_entry_number(text, "as_of")
    if not 1 <= number <= head:
        raise invalid_parameter("as_of", f"Give the number of an entry from 1 to {head}.")
    return number


def filter_entries(entries: QuerySet[Entry], query: QueryDict) -> QuerySet[Entry]:
    """Filter entries by kind, key and action; raise ProblemError for values that none can have."""
    allowed: dict[str, Any] = {
        "kind": kinds.KINDS.__contains__,
        "key": keys.is_key,
        "action": Entry.Action.values.__contains__,
    }
    for name, is_allowed in allowed.items():
        values = query.getlist(name)
        if not all(is_allowed(value) for value in values):
            raise invalid_parameter(name, f"This is no {name} of the log.")
        if values:
            entries = entries.filter(**{f"{name}__in": values})
    return entries
