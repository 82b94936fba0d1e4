"""Sentences on a charter status: beside the signatory's commitments, at its end, its history."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from registry import clock
from registry.models import Entry, Record
from registry.schema.code_lists import EndReason, Standing
from registry.schema.fields import parse_day
from registry.wording.formatting import count_noun, format_day

Item = dict[str, Any]
# Any of them changes with a step. A later version without such a change only repeats the step.
STEP_FIELDS = ("standing", "standing_since", "accredited_from", "accredited_to", "left_on")


@dataclass(frozen=True)
class StandingStep:
    """A step of a signatory's charter status, in words; `plan` is what a suspension waits for."""

    on: date
    what: str
    reason: str
    plan: str
    is_removed: bool  # Its words were redacted.
    entry: int


def standing_note(standing: str, since: date | None) -> str:
    """Return what must not be missing beside a suspended or former signatory's commitments.

    "Signatory suspended since 5 November 2026", or "" for any other. No full stop.
    """
    word = _standing_word(standing)
    preposition = "since" if standing == Standing.SUSPENDED else "on"
    day = f" {preposition} {format_day(since)}" if since else ""
    return f"Signatory {word}{day}" if word else ""


def _standing_word(standing: str) -> str:
    return {
        Standing.SUSPENDED.value: "suspended",
        Standing.REMOVED.value: "removed from the charter",
        Standing.WITHDRAWN.value: "left the charter",
        Standing.CEASED.value: "ceased to exist",
    }.get(standing, "")


def left_note(record: Record, item: Item) -> str:
    """Return how a commitment ended with its signatory's membership, or "" for any other.

    What was owed reads otherwise than what was up to date. No full stop.
    """
    if record.ended_on is None or item.get("end_reason") != EndReason.LEFT_CHARTER:
        return ""
    on, missing = format_day(record.ended_on), record.ended_unanswered
    if missing is None:
        return f"Ended on {on} with the membership; no reminder was unanswered"
    return f"Ended unanswered on {on}, when the membership ended; {_last_heard_clause(missing)}"


def _last_heard_clause(missing: Item) -> str:
    heard_on = missing["last_heard_on"]
    return f"last update on {_format_date(heard_on)}" if heard_on else "no update ever received"


def unanswered_note(years: Iterable[int]) -> str:
    """Return how many commitments ended unanswered because memberships ended, and when.

    `years` has the year of each end, or counts them. "4 commitments ended unanswered because the
    membership ended (2026)", or "" for none. No full stop.
    """
    counts = Counter(years)
    if not counts:
        return ""
    by_year = [
        str(year) if len(counts) == 1 else f"{year}: {count:,}"
        for year, count in sorted(counts.items())
    ]
    noun = count_noun(counts.total(), "commitment")
    return f"{noun} ended unanswered because the membership ended ({', '.join(by_year)})"


def standing_history(entries: Iterable[Entry]) -> list[StandingStep]:
    """Return the steps of a charter status from its signatory's entries, the newest first.

    The entries are in their order. A step whose text was removed keeps its day and its status.
    """
    entries = list(entries)
    structures = _redacted_structures(entries)
    steps: list[StandingStep] = []
    before: Item = {}
    for entry in entries:
        if entry.action == Entry.Action.REDACT:
            continue
        item = json.loads(entry.item) if entry.item else structures.get(entry.number, {})
        if not item.get("standing"):
            continue
        if any(before.get(name) != item.get(name) for name in STEP_FIELDS):
            steps.append(_build_step(entry, item, before))
        elif steps and steps[-1].is_removed and entry.item:
            # Repeated after a redaction, without the words that were removed.
            again = _build_step(entry, item, before)
            steps[-1] = replace(steps[-1], reason=again.reason, plan=again.plan, is_removed=False)
        before = item
    return steps[::-1]


def _redacted_structures(entries: Iterable[Entry]) -> dict[int, Item]:
    """Return what stays of each emptied version, by the number of its entry."""
    structures: dict[int, Item] = {}
    for entry in entries:
        if entry.action == Entry.Action.REDACT:
            kept = json.loads(entry.item or "{}").get("structure", {})
            structures |= {int(number): structure for number, structure in kept.items()}
    return structures


def _build_step(entry: Entry, item: Item, before: Item) -> StandingStep:
    return StandingStep(
        on=_step_day(item, before, entry),
        what=_step_text(item, before),
        reason=item.get("standing_reason", ""),
        plan=item.get("standing_plan", ""),
        is_removed=entry.item is None,
        entry=entry.number,
    )


def _step_day(item: Item, before: Item, entry: Entry) -> date:
    joined_on = None if before else item.get("joined_on")
    day = item.get("standing_since") or joined_on
    return parse_day(day) or clock.local_date(entry.at)


def _step_text(item: Item, before: Item) -> str:
    """Return a step in words: "Accredited, certificate 12, 1 May 2026 to 30 April 2028"."""
    standing, earlier = item["standing"], before.get("standing")
    status = charter_status_text(item)
    until = f" until {_format_date(item['accredited_to'])}" if item.get("accredited_to") else ""
    if not earlier:
        if standing != Standing.PLAN_IN_PROGRESS:
            return f"In the register as: {status}"
        is_stated = item.get("source") and not item.get("accepted_on")
        source = ", according to the source named below" if is_stated else ""
        return f"Signed the charter{source}"
    match standing:
        case Standing.ACCREDITED if earlier == Standing.SUSPENDED:
            return f"Reinstated: accredited{until}"
        case Standing.ACCREDITED if earlier == Standing.ACCREDITED:
            return f"Accreditation renewed{until}"
        case Standing.ACCREDITED:
            return status
        case Standing.PLAN_IN_PROGRESS:
            return "Reinstated, with a plan in progress"
        case Standing.LAPSED:
            return f"Accreditation lapsed: it ran{until} and was not renewed"
    return {
        Standing.SUSPENDED: "Suspended",
        Standing.REMOVED: "Removed from the charter by the council",
        Standing.WITHDRAWN: "Left the charter",
        Standing.CEASED: "Left the charter: the organisation no longer exists",
    }[standing]


def charter_status_text(item: Item) -> str:
    """Return the charter status with certificate and dates, where these are of it."""
    standing = item.get("standing") or ""
    if standing not in ("", Standing.ACCREDITED, Standing.LAPSED):
        return Standing.label_of(standing)
    parts = [Standing.label_of(standing)] if standing else []
    if item.get("certificate_number"):
        parts.append(f"certificate {item['certificate_number']}")
    first, last = item.get("accredited_from"), item.get("accredited_to")
    if first and last:
        parts.append(f"{_format_date(first)} to {_format_date(last)}")
    return ", ".join(parts)


def _format_date(day: date | str) -> str:
    return format_day(date.fromisoformat(day) if isinstance(day, str) else day)
