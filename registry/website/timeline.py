"""The timeline of a commitment: promise, requests, updates, changes, successes in one list."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry import clock, codelists, kinds
from registry.models import Entry, Record
from registry.website import differences, sentences, words

Item = dict[str, Any]


@dataclass
class Event:
    """Something that happened: the day, what, and why where a reason was given."""

    on: date
    what: str
    number: int = 0
    reason: str = ""
    changes: list[differences.Difference] = field(default_factory=list)
    weakened: bool = False
    asked: bool = False
    anchor: str = ""


def events(
    commitment: Record, item: Item, entries: Iterable[Entry], periods: Iterable[Item], name: str
) -> list[Event]:
    """Return what happened, newest first; `periods` are typed, `name` is the signatory's."""
    weakened = {way["entry"] for way in commitment.weakenings}
    earlier: dict[str, Item] = {}
    told = []
    for entry in entries:
        content = read(entry)
        # A figure is told beside the target of its day.
        promised = earlier.get(commitment.key, item)
        event = _event(entry, content, earlier.get(entry.key), promised, name)
        if event:
            event.weakened = entry.number in weakened
            told.append(event)
        if content is not None and entry.action != Entry.Action.REDACT:
            earlier[entry.key] = content
    told += [_asked(sorted(period["requested_on"])) for period in periods if period["requested_on"]]
    return sorted(told, key=lambda event: (event.on, event.number), reverse=True)


def _asked(requests: list[date]) -> Event:
    """Return the requests for one answer as one event, on the day of the last."""
    last = requests[-1]
    return Event(last, f"We asked for news on {words.days(requests, year=last.year)}", asked=True)


def read(entry: Entry) -> Item | None:
    """Return the typed item of an entry; None once redacted."""
    if entry.item is None:
        return None
    content = json.loads(entry.item)
    return content if entry.action == Entry.Action.REDACT else kinds.typed(entry.kind, content)


def _event(
    entry: Entry, content: Item | None, before: Item | None, item: Item, name: str
) -> Event | None:
    """Return what an entry says to readers; None for routine facts that other lists show."""
    on = clock.local_date(entry.at)
    event = Event(on, "", number=entry.number, reason=(content or {}).get("change_reason") or "")
    if content is None:
        event.what = "What stood here was removed"
    elif entry.action == Entry.Action.REDACT:
        event.what = "Text was removed"
    elif entry.kind == "commitment":
        event.what = _promise(entry, content, before, name)
    elif entry.kind == "period" and entry.action == Entry.Action.AMEND:
        event.what = "The day for an update was moved"
    elif entry.kind == "update":
        event.what = _update(entry, content, before, item, name)
        event.anchor = entry.key
    elif entry.kind == "success" and (before is None or entry.action != Entry.Action.PUBLISH):
        event.what = (
            f"Success told: “{content['title']}”" if before is None else "Success corrected"
        )
        event.anchor = entry.key
    if content and before and entry.action in (Entry.Action.AMEND, Entry.Action.CORRECT):
        event.changes = differences.between(entry.kind, before, content)
    return event if event.what else None


def _promise(entry: Entry, content: Item, before: Item | None, name: str) -> str:
    if before is None and entry.action == Entry.Action.PUBLISH:
        return f"{name} promised: “{content['title']}”"
    ended = codelists.END_REASONS.get(content["end_reason"] or "", "")
    return {
        Entry.Action.AMEND: "The promise was changed",
        Entry.Action.CORRECT: "Corrected: it had been written wrongly",
        Entry.Action.CONFIRM: f"{name} confirmed: nothing has changed",
        Entry.Action.CLOSE: f"Closed: {ended}" if ended else "Closed",
        Entry.Action.WITHDRAW: "The promise was withdrawn",
    }.get(Entry.Action(entry.action), "")


def _update(entry: Entry, content: Item, before: Item | None, item: Item, name: str) -> str:
    if before is not None and content["check"] and not before["check"]:
        result = codelists.CHECK_RESULTS[content["check"]["result"]].lower()
        replied = f"; {name} replied" if content["check"].get("reply") else ""
        return f"The council checked what {name} had told: {result}{replied}"
    if before is not None:
        return "Update corrected" if entry.action == Entry.Action.CORRECT else ""
    if content["nothing_changed"]:
        return ""  # the confirmation of the commitment tells it
    assessment = codelists.DELIVERY[content["self_assessment"]]
    figure = sentences.news(content, item) if content["cumulative_value"] is not None else ""
    return f"{name} told us: {assessment.lower()}{', ' + figure if figure else ''}"
