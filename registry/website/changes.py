"""Describe the entries of the log in words, newest first, for pages, feeds and emails."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from registry import clock
from registry.models import Entry, Record
from registry.schema import kinds
from registry.schema.code_lists import NoticeType, Weakening
from registry.website import rows
from registry.website.change_results import ResultFinder
from registry.wording import differences, timeline
from registry.wording.change_sentences import ChangeText
from registry.wording.formatting import quote
from registry.wording.headline import build_headline
from registry.wording.weakenings import weakened_text

Item = dict[str, Any]
ROWS = 50


@dataclass
class Change:
    """An entry in words, and the page with its context."""

    number: int
    key: str
    on: date
    label: str  # Its type, such as "Update" or "Changed".
    title: str
    text: ChangeText
    href: str
    commitment: str = ""  # The key of the commitment that it is about.
    status: str = ""  # The headline of its commitment, in emails.
    reason: str = ""
    is_weakened: bool = False  # Or corrected downwards.
    changes: list[differences.Difference] = field(default_factory=list)


# The fields of which a weakening says itself from what to what.
WEAKENED_FIELDS = {
    Weakening.TARGET_LOWERED: "Target",
    Weakening.DATE_LATER: "Deadline",
    Weakening.START_CHANGED: "Starting point",
}


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
    days = [(on, key, label) for on, key, label in events if on is not None]
    names = rows.record_names(commitment.signatory for commitment in commitments.values())
    return [
        Change(
            number=0,
            key=key,
            on=on,
            label=label,
            title=commitments[key].name or key,
            text=ChangeText(
                names.get(commitments[key].signatory, ""),
                label,
                means=_last_report(commitments[key], on),
            ),
            href=reverse("website:commitment", args=[key]) + "#periods",
            commitment=key,
        )
        for on, key, label in sorted(days, reverse=True)[:ROWS]
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
    if entry.kind == "notice" and name:
        title = f"{title}: {quote(name)}"
    label = _type_label(entry, after, before, signatory)
    result = sources.results.find(entry, after, label, is_first=entry.number == record.first_entry)
    # A withdrawal says so itself.
    ways = [
        way
        for way in record.weakenings
        if way["entry"] == entry.number and way["what"] != Weakening.WITHDRAWN
    ]
    change = Change(
        number=entry.number,
        key=entry.key,
        on=clock.local_date(entry.at),
        label=label,
        title=title,
        text=ChangeText(
            signatory=signatory,
            fact=weakened_text(ways, content) if ways and after else result.fact,
            words=result.words,
            means=result.means,
        ),
        href=_change_url(record, about),
        commitment=_commitment_key(record, about),
        reason=content.get("change_reason") or "",
        is_weakened=bool(ways),
    )
    if before and after:
        named = {WEAKENED_FIELDS.get(way["what"]) for way in ways}
        change.changes = [
            difference
            for difference in differences.item_differences(entry.kind, before, after)
            if difference.label not in named
        ]
    return change


def _commitment_key(record: Record, about: Record | None) -> str:
    for row in (record, about):
        if row is not None and row.kind == "commitment":
            return row.key
    return ""


def _type_label(entry: Entry, after: Item | None, before: Item | None, signatory: str) -> str:
    """Return the type of change in an entry, as a label."""
    if entry.kind == "period":
        return "Due date moved"
    if entry.action != Entry.Action.PUBLISH or after is None:
        return str(entry.get_action_display())
    if entry.kind == "update" and before is not None:
        backing = timeline.backing_text(after, before, signatory)
        return backing or str(entry.get_action_display())
    if entry.kind == "notice":
        return NoticeType.label_of(after["type"]) if before is None else "Letter answered"
    return kinds.KINDS[entry.kind].new_label


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
