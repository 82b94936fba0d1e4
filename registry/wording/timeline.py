"""Build the timeline of a commitment.

It holds the commitment itself, requests, updates, silence, checks, letters, changes and successes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry import clock
from registry.models import Entry, Record
from registry.schema import code_lists, kinds
from registry.wording import differences, sentences
from registry.wording.formatting import format_day

Item = dict[str, Any]


@dataclass
class Event:
    """A dated event in the life of a commitment, with the reason where there is one."""

    on: date
    what: str
    number: int = 0
    reason: str = ""
    changes: list[differences.Difference] = field(default_factory=list)
    weakened: bool = False
    asked: bool = False
    anchor: str = ""


def build_timeline(
    commitment: Record,
    item: Item,
    entries: Iterable[Entry],
    periods: Sequence[tuple[Record, Item]],
    name: str,
    direction: str | None,
    late_events: list[Event],
) -> list[Event]:
    """Return the events of a commitment, newest first.

    The items of `periods` are typed, `name` is the signatory's, `direction` the measure's, and
    `late_events` come from `lateness_events`.
    """
    weakening_numbers = {way["entry"] for way in commitment.weakenings}
    earlier: dict[str, Item] = {}
    events = list(late_events)
    for entry in entries:
        content = entry_content(entry)
        # A figure is compared with the target of its day, which may have changed since.
        commitment_item = earlier.get(commitment.key, item)
        if entry.kind == "signatory":
            if entry.key != item["signatory"]:
                continue
            event = _reachability_event(entry, content, earlier.get(entry.key), name)
        else:
            event = _entry_event(
                entry, content, earlier.get(entry.key), commitment_item, name, direction
            )
        if event:
            event.weakened = entry.number in weakening_numbers
            events.append(event)
        if content is not None and entry.action != Entry.Action.REDACT:
            earlier[entry.key] = content
    made_on = clock.local_date(commitment.published_at)
    events = [event for event in events if event.on >= made_on]
    events += [
        # Named by the end of its period: its due date may have been moved since.
        Event(
            on,
            f"We asked for the update on the time to {format_day(period['to'])}",
            asked=True,
        )
        for _, period in periods
        for on in period["requested_on"] or []
    ]
    return sorted(events, key=lambda event: (event.on, event.number), reverse=True)


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
                events.append(
                    Event(period.silent_on, f"Became silent: the update due on {due} had not come")
                )
            silent_to = max(silent_to, _answered_on(content, periods) or date.max)
    return events


def _answered_on(content: Item, periods: Sequence[tuple[Record, Item]]) -> date | None:
    """Return the day of the first update on a period or a later one."""
    later_items = [item for _, item in periods if item["from"] >= content["from"]]
    return min(filter(None, (item["received_on"] for item in later_items)), default=None)


def _reachability_event(
    entry: Entry, content: Item | None, before: Item | None, name: str
) -> Event | None:
    """Return the event of a signatory becoming unreachable or reachable; None without a change."""
    since, earlier_since = (
        (version or {}).get("unreachable_since") for version in (content, before)
    )
    if content is None or since == earlier_since:
        return None
    if since:
        return Event(since, f"We could no longer reach {name}", number=entry.number)
    return Event(clock.local_date(entry.at), f"We could reach {name} again", number=entry.number)


def entry_content(entry: Entry) -> Item | None:
    """Return the typed item of an entry; None once its text is removed."""
    if entry.item is None:
        return None
    content = json.loads(entry.item)
    return content if entry.action == Entry.Action.REDACT else kinds.parse_item(entry.kind, content)


def _entry_event(
    entry: Entry,
    content: Item | None,
    before: Item | None,
    item: Item,
    name: str,
    direction: str | None,
) -> Event | None:
    """Return the event of an entry; None for routine facts shown in other lists."""
    on = clock.local_date(entry.at)
    event = Event(on, "", number=entry.number, reason=(content or {}).get("change_reason") or "")
    if content is None:
        event.what = "What stood here was removed"
    elif entry.action == Entry.Action.REDACT:
        event.what = "Text was removed"
    elif entry.kind == "commitment":
        event.what = _commitment_text(entry, content, before, name)
    elif entry.kind == "period" and entry.action == Entry.Action.AMEND:
        event.what = "The day for an update was moved"
    elif entry.kind == "update":
        event.what = _update_text(entry, content, before, item, name, direction)
        event.anchor = entry.key
    elif entry.kind == "notice":
        event.what = _letter_text(content, before, name)
        event.anchor = entry.key
    elif entry.kind == "success" and (before is None or entry.action != Entry.Action.PUBLISH):
        event.what = (
            f"Success told: “{content['title']}”" if before is None else "Success corrected"
        )
        event.anchor = entry.key
    if content and before and entry.action in (Entry.Action.AMEND, Entry.Action.CORRECT):
        event.changes = differences.item_differences(entry.kind, before, content)
    return event if event.what else None


def _commitment_text(entry: Entry, content: Item, before: Item | None, name: str) -> str:
    if before is None and entry.action == Entry.Action.PUBLISH:
        return f"{name} promised: “{content['title']}”"
    end_reason = code_lists.EndReason.label_of(content["end_reason"])
    return {
        Entry.Action.AMEND: "The commitment was changed",
        Entry.Action.CORRECT: "Corrected: it had been written wrongly",
        Entry.Action.CONFIRM: f"{name} confirmed: nothing has changed",
        Entry.Action.CLOSE: f"Closed: {end_reason}" if end_reason else "Closed",
        Entry.Action.WITHDRAW: "The commitment was withdrawn",
    }.get(Entry.Action(entry.action), "")


def _letter_text(content: Item, before: Item | None, name: str) -> str:
    if before is None:
        return f"The council wrote a letter: “{content['title']}”"
    has_new_reply = content["answer"] and not before["answer"]
    return f"{name} answered the letter of the council" if has_new_reply else ""


def _update_text(
    entry: Entry,
    content: Item,
    before: Item | None,
    item: Item,
    name: str,
    direction: str | None,
) -> str:
    if before is not None and (backing := backing_text(content, before, name)):
        return f"{backing} (update of {format_day(content['reported_on'])})"
    if before is not None:
        return "Update corrected" if entry.action == Entry.Action.CORRECT else ""
    if content["nothing_changed"]:
        return ""  # The confirmation of the commitment is an event of its own.
    assessment = code_lists.Delivery.label_of(content["self_assessment"])
    if content["cumulative_value"] is None:
        return f"{name} told us: {assessment.lower()}"
    return (
        f"{name} told us: {assessment.lower()}, "
        f"{sentences.figure_to_date(content, item, direction)}"
    )


def backing_text(update: Item, before: Item, name: str) -> str:
    """Return the new check and confirmations of an update since the version before, or ""."""
    parts = []
    if update["check"] and not before["check"]:
        result = code_lists.CheckResult.label_of(update["check"]["result"]).lower()
        reply = f"; {name} replied" if update["check"].get("reply") else ""
        parts.append(f"The council checked what {name} had told: {result}{reply}")
    for confirmation in (update["confirmations"] or [])[len(before["confirmations"] or []) :]:
        body = confirmation.get("body") or "A body that is not named"
        answer = code_lists.ConfirmationAnswer.label_of(confirmation["answer"]).lower()
        parts.append(f"{body} answered: {answer}")
    return ". ".join(parts)
