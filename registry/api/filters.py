"""Query parameters of the API; unknown ones are refused."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django_filters import FilterSet
from rest_framework.request import Request

from registry import clock
from registry.api.problems import ProblemError, invalid_parameter
from registry.log import keys
from registry.log.as_of import Moment, MomentError, find_moment
from registry.models import Entry
from registry.open_data.filters import FILTERS, AnyOfFilter
from registry.schema import kinds

LONGEST_VALUE = 500
# Filters by words, and by true or false. All others match any of several values.
SINGLE_FILTERS = {
    name
    for filter_set in FILTERS.values()
    for name, declared in filter_set.base_filters.items()
    if not isinstance(declared, AnyOfFilter)
}
GIVEN_ONCE = {"cursor", "limit", "format", "after", "as_of", "day", "updated_since"}
GIVEN_ONCE |= SINGLE_FILTERS


def filter_names(kind: str) -> set[str]:
    """Return the names of the filters of a kind."""
    return set(FILTERS[kind].base_filters)


def validated_query(request: Request, allowed: set[str]) -> QueryDict:
    """Return the query of a request, or raise ProblemError for unknown or malformed parameters."""
    query = request.query_params
    unknown = sorted(set(query) - allowed)
    if unknown:
        known = ", ".join(sorted(allowed))
        detail = f"Known here: {known}." if known else "This address takes no parameters."
        raise ProblemError(
            "unknown-parameter",
            [
                {"parameter": name, "code": "unknown-parameter", "detail": detail}
                for name in unknown
            ],
        )
    for name in query:
        values = query.getlist(name)
        if name in GIVEN_ONCE and len(values) > 1:
            raise invalid_parameter(name, "Give it once.")
        if any("\x00" in value or len(value) > LONGEST_VALUE for value in values):
            raise invalid_parameter(name, f"Give at most {LONGEST_VALUE} characters of plain text.")
    return query


def query_without(query: QueryDict, *names: str) -> QueryDict:
    remaining = query.copy()
    for name in names:
        remaining.pop(name, None)
    return remaining


def apply_filters(kind: str, records: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
    """Return the rows that match the filters, or raise ProblemError for impossible values."""
    if not set(query) & filter_names(kind):
        return records
    filter_set = FILTERS[kind](query, queryset=records)
    check_filters(filter_set)
    return filter_set.qs


def check_filters(filter_set: FilterSet) -> None:
    """Raise ProblemError for impossible values."""
    if not filter_set.is_valid():
        raise ProblemError(
            "invalid-parameter",
            [
                {"parameter": name, "code": "invalid-parameter", "detail": str(messages[0])}
                for name, messages in filter_set.errors.items()
            ],
        )


def parse_entry_number(text: str, name: str = "after") -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise invalid_parameter(name, "Give the number of an entry.")
    return int(text)


def parse_moment(query: QueryDict) -> Moment | None:
    """Return the moment that `as_of` and `day` name, None without both, or raise ProblemError."""
    if not {"as_of", "day"} & set(query):
        return None
    try:
        return find_moment(query.get("as_of"), query.get("day"), clock.today())
    except MomentError as error:
        raise invalid_parameter(error.parameter, error.detail) from None


def parse_since(text: str) -> datetime:
    """Return the instant of `updated_since`, or raise ProblemError; a date means its start."""
    since: datetime | None = None
    with suppress(ValueError):  # A date that no calendar has.
        day = parse_date(text)
        since = clock.start_of_day(day) if day else parse_datetime(text)
    if since is None or since.tzinfo is None:
        example = "2026-03-31 or 2026-03-31T09:00:00Z"
        raise invalid_parameter("updated_since", f"Give a date or an instant, such as {example}.")
    return since


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
