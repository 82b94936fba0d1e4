"""Describe the entries of the log in words, by day, newest first."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from registry import clock
from registry.models import Entry, EntryList, ListedEntry, Record
from registry.schema import kinds
from registry.schema.code_lists import Delivery, NoticeType
from registry.website import parameters, rows
from registry.website.change_results import Result, ResultFinder
from registry.wording import differences, timeline
from registry.wording.formatting import quote
from registry.wording.headline import build_headline
from registry.wording.weakenings import weakening_mark

Item = dict[str, Any]
ROWS = 50


@dataclass
class Change:
    """An entry in words, and the page with its context."""

    number: int
    key: str
    on: date
    kind: str
    action: str
    title: str
    signatory: str
    href: str
    commitment: str = ""  # The key of the commitment that it is about.
    result: Result = Result()
    status: str = ""  # The headline of its commitment, in emails.
    reason: str = ""
    mark: str = ""  # “Weakened” or “Corrected downwards”.
    changes: list[differences.Difference] = field(default_factory=list)


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
    """Return a page of changes, of one type or of all, grouped by day."""
    number = parameters.entry_before(query, "before")
    show = parameters.chosen_option(query, "show", FILTERS)
    filter_query = {"show": show} if show else {}
    next_url = ""
    if show == OVERDUE:
        page_changes = overdue_changes(today)
    else:
        entries = ListedEntry.objects.newest(show, ROWS + 1, before=number)
        page_changes = describe_entries(entries[:ROWS])
        if len(entries) > ROWS:
            next_url = _page_url(filter_query | {"before": entries[ROWS - 1].number})
    return {
        "days": [
            (day, list(changes))
            for day, changes in groupby(page_changes, key=lambda change: change.on)
        ],
        "show": show,
        "shows": [(code, text, _page_url({"show": code})) for code, text in FILTERS.items()],
        "next": next_url,
        "first": _page_url(filter_query) if number is not None else "",
    }


def _page_url(query: dict[str, Any]) -> str:
    return (
        f"{reverse('website:changes')}?{urlencode(query)}" if query else reverse("website:changes")
    )


def overdue_changes(until: date, after: date = date.min) -> list[Change]:
    """Return the commitments with an update that became overdue or silent, newest first.

    The log has no entry for them: they follow from the dates, by the published rule. Four queries.
    """
    overdue = _late_periods("overdue_on", until, after)
    silent = _late_periods("silent_on", until, after)
    keys = {period.commitment for period in [*overdue, *silent]}
    commitments = Record.objects.readable().in_bulk(keys)
    events = [(period.overdue_on, period.commitment, "Became overdue") for period in overdue]
    events += [
        (period.silent_on, period.commitment, "Became silent")
        for period in silent
        if _began_silence(period, commitments.get(period.commitment))
    ]
    # No late state is without its day.
    days = [(on, key, action) for on, key, action in events if on is not None]
    names = rows.record_names(commitment.signatory for commitment in commitments.values())
    return [
        Change(
            number=0,
            key=key,
            on=on,
            kind="period",
            action=action,
            title=commitments[key].name or key,
            signatory=names.get(commitments[key].signatory, ""),
            href=reverse("website:commitment", args=[key]) + "#periods",
            commitment=key,
            result=Result(_last_report(commitments[key], on)),
        )
        for on, key, action in sorted(days, reverse=True)[:ROWS]
        if key in commitments
    ]


def _late_periods(column: str, until: date, after: date) -> list[Record]:
    """Return the periods with a late state since some days, newest first. One query."""
    days = {f"{column}__gt": after, f"{column}__lte": until}
    periods = Record.objects.of_kind("period").filter(**days).order_by(f"-{column}", "key")
    return list(periods[:ROWS])


def _began_silence(period: Record, commitment: Record | None) -> bool:
    """Return True unless an earlier update is missing too: one silence begins only once."""
    if commitment is None or period.open_due_on is None:
        return True
    return period.open_due_on == commitment.open_due_on


def _last_report(record: Record, on: date) -> str:
    """Return the last report before a day: "On track, as reported on 6 October 2026: …"."""
    if record.latest and record.latest["reported_on"] > on.isoformat():
        return ""
    record.set_states(on)
    headline = build_headline(record, kinds.parse_item("commitment", record.item or {}), "", on)
    return headline.status


def describe_entries(entries: list[Entry]) -> list[Change]:
    """Return entries in words. At most six queries, for any number of entries."""
    records = Record.objects.in_bulk([entry.key for entry in entries])
    subject_keys = {_subject_key(record) for record in records.values()}
    records |= Record.objects.in_bulk(subject_keys - set(records))
    names = rows.record_names(record.signatory for record in records.values())
    keys_with_versions = [
        entry.key
        for entry in entries
        if entry.action in (Entry.Action.AMEND, Entry.Action.CORRECT)
        or entry.action == Entry.Action.PUBLISH
        and entry.number != records[entry.key].first_entry
    ]
    versions = (
        Entry.objects.filter(key__in=keys_with_versions)
        .exclude(action=Entry.Action.REDACT)
        .order_by("number")
    )
    earlier: dict[int, Entry] = {}
    latest: dict[str, Entry] = {}
    for version in versions:
        if version.key in latest:
            earlier[version.number] = latest[version.key]
        latest[version.key] = version
    results = ResultFinder(entries, records)
    sources = _Sources(records, names, earlier, results)
    return [_describe_entry(entry, sources) for entry in entries]


@dataclass(frozen=True)
class _Sources:
    """What entries are described with: records, names, and the versions before."""

    records: dict[str, Record]
    names: dict[str, str]
    earlier: dict[int, Entry]
    results: ResultFinder


def _subject_key(record: Record) -> str:
    """Return the key of a record's commitment, or of the subject of a notice; "" for none."""
    item = record.item or {}
    commitments: list[str] = item.get("commitments", [])
    subject: str = item.get("about", "")
    return record.commitment or subject or (commitments[0] if commitments else "")


def _describe_entry(entry: Entry, sources: _Sources) -> Change:
    record = sources.records[entry.key]
    about = sources.records.get(_subject_key(record))
    signatory = sources.names.get(record.signatory or (about.signatory if about else "") or "", "")
    earlier = sources.earlier.get(entry.number)
    before = timeline.entry_content(earlier) if earlier else None
    after = timeline.entry_content(entry)
    content = after or {}
    name = about.name if about else ""
    title = content.get("title") or record.name or name or entry.key
    if entry.kind == "update":
        title = f"Update on {quote(title)}"
    elif entry.kind == "notice" and name:
        title = f"{title}: {quote(name)}"
    change = Change(
        number=entry.number,
        key=entry.key,
        on=clock.local_date(entry.at),
        kind=entry.kind,
        action=_action_label(entry, after, before, signatory),
        title=title,
        signatory=signatory,
        href=_change_url(record, about),
        commitment=_commitment_key(record, about),
        result=sources.results.find(entry, after, is_first=entry.number == record.first_entry),
        reason=content.get("change_reason") or "",
        mark=next(
            (weakening_mark(way) for way in record.weakenings if way["entry"] == entry.number), ""
        ),
    )
    if before and after:
        change.changes = differences.item_differences(entry.kind, before, after)
    return change


def _commitment_key(record: Record, about: Record | None) -> str:
    for row in (record, about):
        if row is not None and row.kind == "commitment":
            return row.key
    return ""


def _action_label(entry: Entry, after: Item | None, before: Item | None, signatory: str) -> str:
    """Return the type of change in an entry, as a label."""
    if entry.kind == "period":
        return "Due date moved"
    if entry.action != Entry.Action.PUBLISH or after is None:
        return str(entry.get_action_display())
    label = kinds.KINDS[entry.kind].new_label
    if entry.kind == "update" and before is None:
        return f"{label}: {Delivery.label_of(after['self_assessment']).lower()}"
    if entry.kind == "update":
        backing = timeline.backing_text(after, before or {}, signatory)
        return backing or str(entry.get_action_display())
    if entry.kind == "notice":
        return NoticeType.label_of(after["type"]) if before is None else "Letter answered"
    return label


def _change_url(record: Record, about: Record | None) -> str:
    """Return the address of a change: its own page, or its place on the commitment's page."""
    if record.kind == "period":
        return reverse("website:commitment", args=[record.commitment]) + "#periods"
    spec = kinds.KINDS[record.kind]
    if spec.has_page and spec.parent != "commitment":
        return reverse(f"website:{record.kind}", args=[record.key])
    if about is not None and about.kind == "commitment":
        return f"{reverse('website:commitment', args=[about.key])}#{record.key}"
    return reverse("website:identifier", args=[record.key])
