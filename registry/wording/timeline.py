"""Build the timeline of a commitment.

It holds the commitment itself, reminders, updates, silence, checks, letters, replies, changes and
successes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from registry import clock
from registry.models import Entry, Record
from registry.schema import code_lists, kinds
from registry.wording import differences, sentences
from registry.wording.formatting import count_times, format_day, quote
from registry.wording.weakenings import weakening_mark

Item = dict[str, Any]


@dataclass
class Event:
    """A dated event in the life of a commitment, with the reason where there is one."""

    on: date
    what: str
    number: int = 0
    reason: str = ""
    changes: list[differences.Difference] = field(default_factory=list)
    mark: str = ""  # “Weakened” or “Corrected downwards”.
    is_reminder: bool = False
    anchor: str = ""
    # Of a reply that is shown nowhere else on the page: its key and its text.
    key: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Subject:
    """The commitment of a timeline. Items are typed; `name` is its signatory's."""

    commitment: Record
    item: Item
    periods: Sequence[tuple[Record, Item]]
    name: str
    direction: str | None  # Of its measure.
    current_reply: str  # The key of the reply shown beside what it answers; "" for none.


@dataclass(frozen=True)
class _Version:
    """An entry with its item and the one before; None where there is none or it was removed."""

    entry: Entry
    item: Item | None
    before: Item | None


def build_timeline(subject: Subject, entries: Iterable[Entry], until: date) -> list[Event]:
    """Return the events of a commitment up to a day, newest first."""
    marks = {way["entry"]: weakening_mark(way) for way in subject.commitment.weakenings}
    earlier: dict[str, Item] = {}
    events = lateness_events(subject.periods, until)
    for entry in entries:
        version = _Version(entry, entry_content(entry), earlier.get(entry.key))
        if entry.kind == "signatory":
            is_own = entry.key == subject.item["signatory"]
            event = _contact_event(version, subject.name) if is_own else None
        else:
            # A figure is compared with the target of its day, which may have changed since.
            item_then = earlier.get(subject.commitment.key, subject.item)
            event = _entry_event(version, replace(subject, item=item_then))
        if event:
            event.mark = marks.get(entry.number, "")
            events.append(event)
        if version.item is not None and entry.action != Entry.Action.REDACT:
            earlier[entry.key] = version.item
    published_on = clock.local_date(subject.commitment.published_at)
    events = [event for event in events if event.on >= published_on]
    events += _reminder_events(subject.periods)
    return sorted(events, key=lambda event: (event.on, event.number), reverse=True)


def _reminder_events(periods: Sequence[tuple[Record, Item]]) -> list[Event]:
    """Return an event for the reminders of each period, and for each letter, call or visit.

    Named by the end of its period: its due date may have been moved since.
    """
    events = []
    for _, period in periods:
        contacted_on = period["contacted_on"] or []
        reminders = sorted(set(period["requested_on"] or []) - set(contacted_on))
        update = f"the update to {format_day(period['to'])}"
        texts = [(on, f"Letter, call or visit about {update}") for on in contacted_on]
        if reminders:
            texts.append((reminders[-1], f"{_reminders_text(reminders)} for {update}"))
        events += [Event(on, text, is_reminder=True) for on, text in texts]
    return events


def _reminders_text(days: Sequence[date]) -> str:
    """Return "Asked 5 times between 21 July and 16 November 2026"; one is "Reminder sent"."""
    if len(days) == 1:
        return "Reminder sent"
    first = format_day(days[0], year=days[0].year != days[-1].year)
    return f"Asked {count_times(len(days))} between {first} and {format_day(days[-1])}"


def lateness_events(periods: Sequence[tuple[Record, Item]], until: date) -> list[Event]:
    """Return the events up to `until` of updates becoming overdue and the commitment silent.

    The log has no entry for them: they follow from the dates, by the published rule.
    """
    events, silent_to = [], date.min
    for period, content in sorted(periods, key=lambda row: row[1]["due_on"]):
        due = format_day(content["due_on"])
        if period.overdue_on and period.overdue_on <= until:
            events.append(Event(period.overdue_on, f"The update due on {due} became overdue"))
        if period.silent_on and period.silent_on <= until:
            # One silence can span several periods, but it begins only once.
            if period.silent_on > silent_to:
                what = f"Became silent: the update due on {due} had still not been received"
                events.append(Event(period.silent_on, what))
            silent_to = max(silent_to, _answered_on(content, periods) or date.max)
    return events


def _answered_on(content: Item, periods: Sequence[tuple[Record, Item]]) -> date | None:
    """Return the day of the first update on a period or a later one."""
    later_items = [item for _, item in periods if item["from"] >= content["from"]]
    return min(filter(None, (item["received_on"] for item in later_items)), default=None)


def _contact_event(version: _Version, name: str) -> Event | None:
    """Return the event of losing or regaining contact with a signatory; None without a change."""
    item, before = version.item, version.before or {}
    if item is None:
        return None
    number, on = version.entry.number, clock.local_date(version.entry.at)
    if len(item["retractions"] or []) > len(before.get("retractions") or []):
        what = f"Taken back: we could have contacted {name}. This was our fault"
        return Event(on, what, number=number, reason=item["retractions"][-1]["reason"])
    since, earlier_since = (
        version_item.get("unreachable_since") or version_item.get("no_contact_since")
        for version_item in (item, before)
    )
    if since == earlier_since:
        return None
    if since:
        return Event(since, f"We lost contact with {name}", number=number)
    return Event(on, f"We regained contact with {name}", number=number)


def entry_content(entry: Entry) -> Item | None:
    """Return the typed item of an entry; None once its text is removed."""
    if entry.item is None:
        return None
    content = json.loads(entry.item)
    return content if entry.action == Entry.Action.REDACT else kinds.parse_item(entry.kind, content)


def _entry_event(version: _Version, subject: Subject) -> Event | None:
    """Return the event of an entry; None for routine facts shown in other lists."""
    entry, item, before = version.entry, version.item, version.before
    event = Event(
        on=clock.local_date(entry.at),
        what=_entry_text(version, subject),
        number=entry.number,
        reason=(item or {}).get("change_reason") or "",
    )
    # Commitment and periods have no block of their own on the page.
    is_own = entry.kind not in ("commitment", "period")
    if is_own and item is not None and entry.action != Entry.Action.REDACT:
        event.anchor = entry.key
    is_reply = entry.kind == "notice" and (item or {}).get("type") == code_lists.NoticeType.REPLY
    if item and event.anchor and is_reply and entry.key != subject.current_reply:
        event.anchor, event.key, event.quote = "", entry.key, item["text"]
    if item and before and entry.action in (Entry.Action.AMEND, Entry.Action.CORRECT):
        event.changes = differences.item_differences(entry.kind, before, item)
    return event if event.what else None


def _entry_text(version: _Version, subject: Subject) -> str:
    entry, item = version.entry, version.item
    if item is None:
        return "The text of this entry was removed"
    if entry.action == Entry.Action.REDACT:
        return "Text removed"
    if entry.kind == "commitment":
        return _commitment_text(entry, item, version.before, subject.name)
    if entry.kind == "period":
        return "Due date changed" if entry.action == Entry.Action.AMEND else ""
    if entry.kind == "update":
        return _update_text(version, item, subject)
    if entry.kind == "notice":
        return _notice_text(item, version.before, subject.name)
    if entry.kind == "success" and version.before is None:
        return f"Success published: {quote(item['title'])}"
    is_correction = entry.kind == "success" and entry.action != Entry.Action.PUBLISH
    return "Success corrected" if is_correction else ""


def _commitment_text(entry: Entry, content: Item, before: Item | None, name: str) -> str:
    if before is None and entry.action == Entry.Action.PUBLISH:
        return f"{name} promised: {quote(content['title'])}"
    end_reason = code_lists.EndReason.label_of(content["end_reason"])
    return {
        Entry.Action.AMEND: "Commitment changed",
        Entry.Action.CORRECT: "Commitment corrected",
        Entry.Action.CONFIRM: f"{name} reported no change",
        Entry.Action.CLOSE: f"Closed: {end_reason.lower()}" if end_reason else "Closed",
        Entry.Action.WITHDRAW: "Commitment withdrawn",
    }.get(Entry.Action(entry.action), "")


def _notice_text(content: Item, before: Item | None, name: str) -> str:
    if content["type"] == code_lists.NoticeType.REPLY:
        return sentences.reply_event(content["title"], name) if before is None else ""
    if before is None:
        return f"The council wrote a letter: “{content['title']}”"
    has_new_reply = content["answer"] and not before["answer"]
    return f"{name} replied to the council’s letter" if has_new_reply else ""


def _update_text(version: _Version, content: Item, subject: Subject) -> str:
    before, name = version.before, subject.name
    if before is not None and (backing := backing_text(content, before, name)):
        return f"{backing} (update reported on {format_day(content['reported_on'])})"
    if before is not None:
        return "Update corrected" if version.entry.action == Entry.Action.CORRECT else ""
    if content["nothing_changed"]:
        return ""  # The confirmation of the commitment is an event of its own.
    report = code_lists.Delivery.label_of(content["self_assessment"]).lower()
    if content["cumulative_value"] is not None:
        report += f", {sentences.figure_to_date(content, subject.item, subject.direction)}"
    return f"{name} reported: {report}"


def backing_text(update: Item, before: Item, name: str) -> str:
    """Return the new check and confirmations of an update since the version before, or ""."""
    parts = []
    if update["check"] and not before["check"]:
        result = code_lists.CheckResult.label_of(update["check"]["result"]).lower()
        reply = f". {name} replied" if update["check"].get("reply") else ""
        parts.append(f"Council check of this update: {result}{reply}")
    for confirmation in (update["confirmations"] or [])[len(before["confirmations"] or []) :]:
        body = confirmation.get("body") or "An organisation that asked not to be named"
        answer = code_lists.ConfirmationAnswer.label_of(confirmation["answer"]).lower()
        parts.append(f"{body} answered: {answer}")
    return ". ".join(parts)
