"""Build the page of changes: those of a type, since a day, with numbers beside the types."""

from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.log.as_of import entry_number_on
from registry.models import EntryList, KindCount, ListedEntry
from registry.website import parameters
from registry.website.change_groups import group_by_week
from registry.website.changes import ROWS, describe_entries, overdue_changes

DAY = timedelta(days=1)
OVERDUE = "overdue"
FILTERS = {
    EntryList.NEW: "New commitments and signatories",
    EntryList.UPDATES: "Updates and successes",
    EntryList.BACKED: "Checks and confirmations",
    EntryList.LETTERS: "Letters and replies",
    EntryList.MOVED: "Moved due dates",
    EntryList.WEAKENED: "Weakened commitments",
    EntryList.CORRECTED_DOWN: "Commitments corrected downwards",
    EntryList.WITHDRAWN: "Withdrawn commitments",
    OVERDUE: "Became overdue or silent",
    EntryList.CORRECTED: "Corrections",
    EntryList.REDACTED: "Redactions",
}


def changes_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return a page of changes, of one type or of all, by week, day and signatory.

    The numbers beside the types are of the days since one in the query, or of this year.
    """
    number = parameters.entry_before(query, "before")
    show = parameters.chosen_option(query, "show", FILTERS)
    since = parameters.past_day(query, "since", today)
    chosen = {"show": show, "since": since}
    next_url = ""
    if show == OVERDUE:
        page_changes = overdue_changes(today, since - DAY if since else date.min)
    else:
        after = entry_number_on(since - DAY) if since else 0
        entries = ListedEntry.objects.newest(show, ROWS + 1, before=number, after=after)
        page_changes = describe_entries(entries[:ROWS])
        if len(entries) > ROWS:
            next_url = _page_url(**chosen, before=entries[ROWS - 1].number)
    counted_from = since or today.replace(month=1, day=1)
    counts: dict[str, int | None] = dict(KindCount.objects.listed_since(counted_from))
    counts[OVERDUE] = None  # Follows from the dates: no entry says so.
    return {
        "weeks": group_by_week(page_changes),
        "show": show,
        "since": since,
        "counted_from": counted_from,
        "shows": [
            (code, text, _page_url(show=code, since=since), counts.get(code, 0))
            for code, text in FILTERS.items()
        ],
        "counted": counts.get(EntryList.ALL, 0),
        "unfiltered": _page_url(since=since),
        "spans": [
            (text, _page_url(show=show, since=day), day == since)
            for text, day in _spans(today).items()
        ],
        "next": next_url,
        "first": _page_url(**chosen) if number is not None else "",
    }


def _spans(today: date) -> dict[str, date | None]:
    """Return the first days of usual spans of time."""
    return {
        "Last 7 days": today - 7 * DAY,
        "Last 30 days": today - 30 * DAY,
        f"In {today.year}": today.replace(month=1, day=1),
        "Since the beginning": None,
    }


def _page_url(**query: Any) -> str:
    chosen = {name: value for name, value in query.items() if value}
    return reverse("website:changes", query=chosen)
