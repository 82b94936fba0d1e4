"""Folds entries into records: the latest item of each key, and columns derived from other entries.

A record is a function of the entries alone: no clock, no other table. So all records can be rebuilt
at any time, and `verify` can compare them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from registry import clock
from registry.log import leaving, progress, weakening
from registry.log.ending import ending_state, gather_facts, is_final
from registry.log.last_change import LastChanges
from registry.log.reporting import (
    Absence,
    CommitmentFacts,
    PeriodFacts,
    first_request,
    period_state,
    reporting_state,
    state_steps,
)
from registry.models import Entry, Record
from registry.schema.code_lists import Delivery
from registry.schema.fields import parse_day
from registry.schema.measure_codes import ValueType

Item = dict[str, Any]
Version = tuple[Entry, Item]

# The day and the proof of a figure that has not been reported yet.
NO_FIGURE = {"on": None, "reported_on": None, "level_of_proof": None, "disputed": False}
DEFAULT_OVERDUE_AFTER_DAYS, DEFAULT_SILENT_AFTER_DAYS = 30, 90
FINAL_STATUSES: dict[str, Record.Status] = {
    Entry.Action.CLOSE: Record.Status.CLOSED,
    Entry.Action.WITHDRAW: Record.Status.WITHDRAWN,
}

# Columns that depend on the record's own entries alone.
OWN_COLUMNS = (
    "key",
    "kind",
    "version",
    "entry",
    "first_entry",
    "status",
    "published_at",
    "updated_at",
    "ended_on",
    "item",
    "structure",
    "redactions",
)
# Columns that only grow: entries that are not folded again may have filled them.
KEPT_COLUMNS = (*OWN_COLUMNS, "changed_entry", "changed_at")


def fold(entries: Iterable[Entry], known: Iterable[Record] = ()) -> dict[str, Record]:
    """Return the record of every key in `entries`, given in their order, and in `known`.

    `known` holds records without a new entry: only their derived columns are folded again.

    Each has the `entries` that changed it in `changed_entries`. The derived columns of a commitment
    and its periods are correct only if the arguments include
    all its entries, and the entries or records of its signatory, charter, measure, periods, updates
    and successor.
    """
    records = {
        record.key: Record(**{name: getattr(record, name) for name in KEPT_COLUMNS})
        for record in known
    }
    versions: dict[str, list[Version]] = defaultdict(list)
    last_changes = LastChanges(records)
    for entry in entries:
        before = _item_of(records.get(entry.key))
        record = records[entry.key] = _apply_entry(records.get(entry.key), entry)
        last_changes.note(entry, before)
        if entry.action != Entry.Action.REDACT and record.item is not None:
            versions[entry.key].append((entry, record.item))
    _fill_folded_columns(records, versions)
    for key, record in records.items():
        record.changed_entries = last_changes.entries[key]
    return records


def _apply_entry(record: Record | None, entry: Entry) -> Record:
    """Apply one entry to a record; without one, create it."""
    if record is None:
        record = Record(
            key=entry.key,
            kind=entry.kind,
            version=0,
            first_entry=entry.number,
            published_at=entry.at,
            changed_entry=entry.number,
            changed_at=entry.at,
            status=Record.Status.LIVE,
        )
    record.entry = entry.number
    record.updated_at = entry.at
    if entry.action == Entry.Action.REDACT:
        note = json.loads(entry.item or "{}")
        record.redactions = record.redactions + [
            {
                "entry": number,
                "redact_entry": entry.number,
                "reason_code": note["reason_code"],
                "at": entry.published_at,
            }
            for number in note["entries"]
        ]
        # The latest version is the last entry that any redaction names, or it still has its item.
        if record.item is None and max(note["entries"]) == max(
            redaction["entry"] for redaction in record.redactions
        ):
            record.structure = note["structure"].get(str(max(note["entries"])))
        return record
    record.version += 1
    record.structure = None
    record.item = json.loads(entry.item) if entry.item is not None else None
    if entry.action in FINAL_STATUSES:
        # Repeated after a redaction: it ended on the day of the first.
        record.ended_on = record.ended_on or clock.local_date(entry.at)
    elif record.status in FINAL_STATUSES.values() and entry.action == Entry.Action.AMEND:
        record.ended_on = None
    if record.item is None:
        record.status = Record.Status.REDACTED
    elif entry.action in FINAL_STATUSES:
        record.status = FINAL_STATUSES[entry.action]
    elif entry.action == Entry.Action.AMEND or record.status == Record.Status.REDACTED:
        record.status = Record.Status.LIVE
    return record


def _fill_folded_columns(records: dict[str, Record], versions: dict[str, list[Version]]) -> None:
    updates: dict[str, list[Record]] = defaultdict(list)
    periods: dict[str, list[Record]] = defaultdict(list)
    for record in records.values():
        if record.item is None:
            continue
        if record.kind == "update":
            updates[record.item["commitment"]].append(record)
        elif record.kind == "period":
            periods[record.item["commitment"]].append(record)
        elif predecessor := records.get(record.item.get("supersedes", "")):
            predecessor.superseded_by = record.key
        record.level_of_proof = record.item.get("level_of_proof", "")
    for record in list(records.values()):
        if record.kind == "commitment":
            measure = _item_of(records.get((record.item or {}).get("measure", "")))
            _fold_updates(record, updates[record.key], measure)
            _fold_periods(record, periods[record.key], records)
            _fold_membership(record, periods[record.key], records)
            facts = gather_facts(record, updates[record.key], periods[record.key])
            record.ending_days, record.endings = state_steps(ending_state, facts)
            _fold_weakenings(record, versions[record.key], records)


def _fold_updates(commitment: Record, updates: list[Record], measure: Item) -> None:
    """Fill delivery, the latest update in short, and the progress of its latest figure.

    The final update is the last, also if one from before it is published later.
    """
    live_updates = [update for update in updates if update.status == Record.Status.LIVE]
    live_updates.sort(
        key=lambda update: (is_final(update), _item_of(update)["to"], update.first_entry)
    )
    if commitment.status == Record.Status.WITHDRAWN:
        commitment.delivery = Delivery.WITHDRAWN
    else:
        commitment.delivery = (
            _item_of(live_updates[-1])["self_assessment"] if live_updates else Delivery.NOT_STARTED
        )
    if live_updates:
        item = _item_of(live_updates[-1])
        commitment.last_heard_on = max(
            date.fromisoformat(_item_of(update)["reported_on"]) for update in live_updates
        )
        commitment.level_of_proof = item["level_of_proof"]
        commitment.latest = {
            "update": live_updates[-1].key,
            "value": item.get("cumulative_value"),
            "self_assessment": item["self_assessment"],
            **_dates_and_proof(item),
        }
    content = commitment.item or {}
    if content.get("value_type") in (*ValueType.numeric_types(), ValueType.YES_NO):
        figures = [
            _item_of(update) for update in live_updates if "cumulative_value" in _item_of(update)
        ]
        latest = figures[-1] if figures else {}
        commitment.progress = {
            "counts": measure.get("counts"),
            "unit": content.get("unit"),
            **progress.published_progress(
                progress.measure_progress(content, measure, latest.get("cumulative_value"))
            ),
            **(_dates_and_proof(latest) if latest else NO_FIGURE),
        }


def _dates_and_proof(update: Item) -> Item:
    """Return of which day a figure is, when it was reported and how it is backed.

    An update can be sent before its period ends: no figure is of a later day than its report.
    """
    return {
        "on": min(update["to"], update["reported_on"]),
        "reported_on": update["reported_on"],
        "level_of_proof": update["level_of_proof"],
        "disputed": update.get("disputed", False),
    }


def _fold_periods(commitment: Record, periods: list[Record], records: dict[str, Record]) -> None:
    """Fill the dates and reporting states of a commitment and its periods.

    Thresholds come from the charter, absence from the signatory.
    """
    item = commitment.item or {}
    charter = _item_of(records.get(item.get("charter", "")))
    absence = Absence.from_item(_item_of(records.get(item.get("signatory", ""))))
    oldest_missing: PeriodFacts | None = None
    later_received_on: date | None = None
    # The newest first, because an update on a later period ends the wait for an earlier one.
    for period in sorted(
        periods, key=lambda period: (_item_of(period)["from"], period.first_entry), reverse=True
    ):
        wait_ended_on = min(filter(None, [later_received_on, commitment.ended_on]), default=None)
        facts = _period_facts(_item_of(period), charter, absence, wait_ended_on)
        period.overdue_on, period.silent_on = facts.overdue_on, facts.silent_on
        period.state_days, period.states = state_steps(period_state, facts)
        if facts.is_missing:
            period.open_due_on = facts.due_on
            commitment.next_due_on = commitment.next_due_on or facts.due_on
            oldest_missing = facts
        if facts.received_on:
            later_received_on = min(filter(None, [later_received_on, facts.received_on]))
            commitment.last_heard_on = max(
                filter(None, [commitment.last_heard_on, facts.received_on])
            )
    if oldest_missing:
        commitment.open_due_on = oldest_missing.due_on
        commitment.overdue_on = oldest_missing.overdue_on
        commitment.silent_on = oldest_missing.silent_on
    commitment.state_days, commitment.states = state_steps(
        reporting_state,
        CommitmentFacts(
            has_ended=commitment.ended_on is not None,
            absence=absence,
            oldest_missing=oldest_missing,
        ),
    )


def _fold_membership(commitment: Record, periods: list[Record], records: dict[str, Record]) -> None:
    """Fill the signatory's charter status, and what was owed when its membership ended."""
    item = commitment.item or {}
    signatory = _item_of(records.get(item.get("signatory", "")))
    commitment.signatory_standing = signatory.get("standing", "")
    commitment.signatory_standing_since = parse_day(signatory.get("standing_since"))
    in_order = sorted(periods, key=lambda row: (_item_of(row)["from"], row.first_entry))
    commitment.ended_unanswered = leaving.ended_unanswered(
        item, commitment.ended_on, signatory, map(_item_of, in_order)
    )


def _period_facts(
    item: Item, charter: Item, absence: Absence, wait_ended_on: date | None
) -> PeriodFacts:
    due_on, requested_on = item["due_on"], item.get("requested_on", [])
    lost_on = absence.no_contact_since
    since_the_loss = [day for day in requested_on if lost_on and day >= str(lost_on)]
    return PeriodFacts(
        due_on=date.fromisoformat(due_on),
        overdue_after_days=charter.get("overdue_after_days", DEFAULT_OVERDUE_AFTER_DAYS),
        silent_after_days=charter.get("silent_after_days", DEFAULT_SILENT_AFTER_DAYS),
        absence=absence,
        requested_on=parse_day(first_request(requested_on, due_on)),
        requested_otherwise_on=parse_day(first_request(since_the_loss, due_on)),
        is_excused="excused_reason" in item,
        received_on=parse_day(item.get("received_on")),
        wait_ended_on=wait_ended_on,
    )


def _fold_weakenings(
    commitment: Record, versions: list[Version], records: dict[str, Record]
) -> None:
    """Fill a commitment's original, its first version, and its weakenings.

    Every version is compared with the one before, a correction too: its entry says on what ground
    it may be lower.
    """
    before: Item | None = None
    known_start: Item | None = None  # The last one, also after it was removed.
    for entry, item in versions:
        measure = _item_of(records.get(item.get("measure", "")))
        if before:
            is_correction = entry.action == Entry.Action.CORRECT
            change = {
                "entry": entry.number,
                "on": str(clock.local_date(entry.at)),
                "reason": item.get("change_reason"),
                "correction": item.get("correction_ground") if is_correction else None,
                "document": item.get("correction_document") if is_correction else None,
            }
            commitment.weakenings = commitment.weakenings + [
                change | found
                for found in weakening.find_weakenings(
                    before,
                    item,
                    known_start=known_start,
                    measures=(_item_of(records.get(before.get("measure", ""))), measure),
                    is_withdrawn=entry.action == Entry.Action.WITHDRAW,
                )
            ]
        else:
            first = progress.published_progress(progress.measure_progress(item, measure, None))
            commitment.original = {
                "title": item["title"],
                "description": item["description"],
                "baseline": item.get("baseline"),
                "target": item.get("target"),
                "unit": item.get("unit"),
                "unit_label": item.get("unit_label"),
                "end_on": item.get("end_on"),
                "promised": first["promised"],
            }
        if before and before.get("unit") != item.get("unit"):
            known_start = None
        known_start = item.get("baseline") or known_start
        before = item


def _item_of(record: Record | None) -> Item:
    return record.item if record is not None and record.item is not None else {}
