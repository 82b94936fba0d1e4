"""The timeline of a commitment: commitment, requests, answers, silence, checks, letters, changes
and successes in one list.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from registry import clock
from registry.log import as_of, folding
from registry.models import Entry, Record
from registry.schema import code_lists, kinds
from registry.wording import differences, sentences
from registry.wording.formatting import format_day

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


def build_timeline(
    commitment: Record,
    item: Item,
    entries: Iterable[Entry],
    periods: Sequence[tuple[Record, Item]],
    name: str,
    direction: str | None,
    late_events: list[Event],
) -> list[Event]:
    """Return what happened, newest first; the items of `periods` are typed, `name` is the
    signatory's, `direction` the measure's, and `waited` the days on which it fell behind.
    """
    weakened = {way["entry"] for way in commitment.weakenings}
    earlier: dict[str, Item] = {}
    found = list(late_events)
    for entry in entries:
        content = entry_content(entry)
        # A figure is told beside the target of its day.
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
            event.weakened = entry.number in weakened
            found.append(event)
        if content is not None and entry.action != Entry.Action.REDACT:
            earlier[entry.key] = content
    made_on = clock.local_date(commitment.published_at)
    found = [event for event in found if event.on >= made_on]
    found += [
        # Not by its due date, which may have been moved since.
        Event(
            on,
            f"We asked for the update on the time to {format_day(period['to'])}",
            asked=True,
        )
        for _, period in periods
        for on in period["requested_on"] or []
    ]
    return sorted(found, key=lambda event: (event.on, event.number), reverse=True)


def lateness_events(
    commitment: Record,
    periods: Sequence[tuple[Record, Item]],
    charter: Item,
    until: date,
) -> list[Event]:
    """Return the days up to one on which an answer became overdue and the commitment silent, by the
    published rule: no entry tells them.
    """
    silent_after = timedelta(charter.get("silent_after_days", folding.DEFAULT_SILENT_AFTER_DAYS))
    found, silent_to = [], date.min
    for period, content in sorted(periods, key=lambda row: row[1]["due_on"]):
        if period.asked_on is None or period.overdue_on is None or content["excused_reason"]:
            continue
        # A later answer ends the waiting for this one.
        received_on = min(
            (
                other["received_on"]
                for _, other in periods
                if other["received_on"] and other["from"] >= content["from"]
            ),
            default=None,
        )
        last = min(filter(None, (until, received_on)))
        due, silent_on = format_day(content["due_on"]), content["due_on"] + silent_after
        if period.overdue_on <= last and not _is_away(commitment, period.overdue_on):
            found.append(Event(period.overdue_on, f"The update due on {due} became overdue"))
        if silent_to < silent_on <= last and not _is_away(commitment, silent_on):
            found.append(Event(silent_on, f"Became silent: the update due on {due} had not come"))
            silent_to = received_on or date.max
    return found


def _is_away(commitment: Record, on: date) -> bool:
    """Tell whether the page said on a day that a signatory cannot be reached, or is on leave."""
    lost = commitment.unreachable_since is not None and commitment.unreachable_since <= on
    return lost or as_of.is_paused(commitment, on)


def _reachability_event(
    entry: Entry, content: Item | None, before: Item | None, name: str
) -> Event | None:
    """Return that a signatory could no longer be reached, or could again."""
    since, known = ((version or {}).get("unreachable_since") for version in (content, before))
    if content is None or since == known:
        return None
    if since:
        return Event(since, f"We could no longer reach {name}", number=entry.number)
    return Event(clock.local_date(entry.at), f"We could reach {name} again", number=entry.number)


def entry_content(entry: Entry) -> Item | None:
    """Return the typed item of an entry; None once redacted."""
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
    """Return what an entry says to readers; None for routine facts that other lists show."""
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
    ended = code_lists.END_REASONS.get(content["end_reason"] or "", "")
    return {
        Entry.Action.AMEND: "The commitment was changed",
        Entry.Action.CORRECT: "Corrected: it had been written wrongly",
        Entry.Action.CONFIRM: f"{name} confirmed: nothing has changed",
        Entry.Action.CLOSE: f"Closed: {ended}" if ended else "Closed",
        Entry.Action.WITHDRAW: "The commitment was withdrawn",
    }.get(Entry.Action(entry.action), "")


def _letter_text(content: Item, before: Item | None, name: str) -> str:
    if before is None:
        return f"The council wrote a letter: “{content['title']}”"
    replied = content["answer"] and not before["answer"]
    return f"{name} answered the letter of the council" if replied else ""


def _update_text(
    entry: Entry,
    content: Item,
    before: Item | None,
    item: Item,
    name: str,
    direction: str | None,
) -> str:
    if before is not None and (came := backing_text(content, before, name)):
        return f"{came} (update of {format_day(content['reported_on'])})"
    if before is not None:
        return "Update corrected" if entry.action == Entry.Action.CORRECT else ""
    if content["nothing_changed"]:
        return ""  # the confirmation of the commitment tells it
    assessment = code_lists.DELIVERY[content["self_assessment"]]
    if content["cumulative_value"] is None:
        return f"{name} told us: {assessment.lower()}"
    return (
        f"{name} told us: {assessment.lower()}, "
        f"{sentences.figure_to_date(content, item, direction)}"
    )


def backing_text(update: Item, before: Item, name: str) -> str:
    """Return what backs an update, or disputes it, since the version before; "" for nothing."""
    parts = []
    if update["check"] and not before["check"]:
        result = code_lists.CHECK_RESULTS[update["check"]["result"]].lower()
        replied = f"; {name} replied" if update["check"].get("reply") else ""
        parts.append(f"The council checked what {name} had told: {result}{replied}")
    for confirmation in (update["confirmations"] or [])[len(before["confirmations"] or []) :]:
        body = confirmation.get("body") or "A body that is not named"
        parts.append(
            f"{body} answered: {code_lists.CONFIRMATION_ANSWERS[confirmation['answer']].lower()}"
        )
    return ". ".join(parts)
