"""Pages of lists, ordered by a number that never changes: no row is missed or repeated."""

import hashlib
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from registry.api.problems import BeyondHeadError, invalid_parameter
from registry.log.publishing import Head

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500
SALT = "registry.api.cursor"


class Page:
    """One page of a list ordered by a unique number; `next` is the cursor of the following page."""

    def __init__(
        self,
        rows: QuerySet[Any] | list[Any],
        *,
        column: str,
        query: QueryDict,
        parameters: QueryDict,
        path: str,
        head: Head,
    ) -> None:
        """Read the page requested by `parameters` from a queryset or a list of model instances.

        `query` holds the filters without cursor and limit, and `path` names the list. A cursor is
        valid only for both. The column holds numbers of entries, so none is beyond the head.
        """
        limit = _parse_limit(parameters.get("limit"))
        binding = _list_digest(path, query)
        after = _parse_cursor(parameters.get("cursor"), binding)
        check_within_log(after, head)
        if isinstance(rows, list):
            candidates = [row for row in rows if getattr(row, column) > after][: limit + 1]
        else:
            following = rows.filter(**{f"{column}__gt": after}).order_by(column)
            candidates = list(following[: limit + 1])
        self.rows = candidates[:limit]
        self.next: str | None = None
        if len(candidates) > limit:  # one row more than a page shows that there is a next one
            last = getattr(self.rows[-1], column)
            self.next = signing.dumps({"after": last, "for": binding}, salt=SALT)

    def next_address(self, address: str, parameters: QueryDict) -> str | None:
        """Return the address of the next page, or None on the last one."""
        if self.next is None:
            return None
        pairs = [
            (name, value)
            for name in parameters
            for value in parameters.getlist(name)
            if name != "cursor"
        ]
        return f"{address}?{urlencode([*pairs, ('cursor', self.next)])}"


def _parse_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LARGEST_LIMIT:
        raise invalid_parameter("limit", f"Give a whole number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def check_within_log(number: int, head: Head) -> None:
    """Raise BeyondHeadError for a number that only a longer log, since restored, had."""
    if number > head.number:
        raise BeyondHeadError(head)


def _parse_cursor(cursor: str | None, binding: str) -> int:
    if cursor is None:
        return 0
    try:
        content = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        raise invalid_parameter(
            "cursor", "Use `links.next` as it was given.", "invalid-cursor"
        ) from None
    if content["for"] != binding:
        detail = "This cursor belongs to another list or to other filters."
        raise invalid_parameter("cursor", detail, "invalid-cursor")
    return int(content["after"])


def _list_digest(path: str, query: QueryDict) -> str:
    filters = sorted((name, value) for name in query for value in query.getlist(name))
    return hashlib.sha256(f"{path}?{urlencode(filters)}".encode()).hexdigest()[:16]
