"""Redaction: remove text that should never have been public from the log and from storage."""

import json
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from charter import acts, permissions
from charter.errors import NotAllowedError
from charter.models import Commitment, User
from charter.seen_digest import check_digest
from registry.log import publishing
from registry.models import Entry, Record
from registry.schema.code_lists import RedactionReason
from reporting import items
from reporting.actions.checks import entries_to_republish
from reporting.evidence import erasing
from reporting.models import Evidence, ProgressUpdate, Success
from reporting.redaction import scope, traces
from reporting.redaction import search as redaction_search
from reporting.redaction.confirming import record_redaction

REPEATED_ACTIONS = {Entry.Action.AMEND, Entry.Action.CLOSE, Entry.Action.WITHDRAW}
ENDING_ACTIONS: dict[str, str] = {
    Record.Status.CLOSED: Entry.Action.CLOSE,
    Record.Status.WITHDRAWN: Entry.Action.WITHDRAW,
}


# What it removes must not stay in its own act.
@acts.act("record.redact", keeps_values=False)
def redact(
    texts: Collection[str],
    references: Collection[str],
    *,
    by: User,
    reason_code: str,
    seen_digest: str,
) -> redaction_search.Findings:
    """Remove texts, and evidence by reference, from every entry, row, email and file.

    What belongs to other authorities stays: NotAllowedError is raised if all that is found does.
    `seen_digest` is the digest of the previewed findings. Raise ChangedSinceReadError if the
    findings have changed. The log records the redaction and its reason; hashes stay valid.
    """
    permissions.check(by, "record.redact", None)
    _hold_other_actions()
    findings = redaction_search.find_passages(texts, references, user=by)
    if findings.is_empty and findings.foreign_keys:
        raise NotAllowedError(
            "Only administrators of the council that published this can redact it."
        )
    check_digest(findings.digest, seen_digest)
    traces.record_trace(findings)
    erased_references = {str(item.reference) for item in findings.pieces}
    for item in findings.pieces:
        if item.file:
            erasing.erase_file(str(item.file))
    for place in findings.places:
        if not (isinstance(place.row, Evidence) and str(place.row.reference) in erased_references):
            place.clear()
            acts.concerns(place.row)
    Evidence.objects.filter(reference__in=erased_references).delete()
    for session in findings.sessions:
        session.delete()
    if texts:
        redaction_search.waiting_uploads(by).delete()
    keys = {entry.key for entry in findings.entries}
    record_redaction(
        keys,
        scope.authorities_of(keys) or permissions.authorities_with(by, "record.redact"),
        by=by,
        reason_code=reason_code,
    )
    numbers = [entry.number for entry in findings.entries]
    corrections = _corrected_entries(findings, RedactionReason.label_of(reason_code))
    publishing.redact(numbers, reason_code=reason_code, corrected=corrections)
    transaction.on_commit(traces.write_traces, robust=True)
    return findings


def _hold_other_actions() -> None:
    """Wait for the actions in progress, and let others wait, until the redaction is committed.

    Every action on a commitment locks its row first. One that had read the text before the search,
    or that the search could not see, would write or publish it after the redaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Commitment._meta.db_table} IN EXCLUSIVE MODE")


def _corrected_entries(
    findings: redaction_search.Findings, reason: str
) -> list[publishing.NewEntry]:
    """Return the entries that replace the emptied ones.

    A commitment is published again from its first emptied entry on, so that its first version and
    each weakening stay visible. Other records get their latest version only.
    """
    by_key: dict[str, list[Entry]] = {}
    for entry in findings.entries:
        by_key.setdefault(entry.key, []).append(entry)
    latest_records = Record.objects.exclude(item=None).in_bulk(list(by_key))
    corrections = []
    for key, emptied_entries in by_key.items():
        repeatable_entries = _last_run(emptied_entries) if key in latest_records else []
        for position, entry in enumerate(repeatable_entries):
            is_last = entry is repeatable_entries[-1]
            content = json.loads(entry.item or "{}")
            may_weaken = entry.action in REPEATED_ACTIONS or "correction_ground" in content
            is_repeated = entry.kind == "commitment" and (position == 0 or may_weaken)
            if not (is_last or is_repeated):
                continue
            content = redaction_search.redact_content(findings, content)
            if is_last:
                content = _current_content(entry, content)
            action: str = Entry.Action.CORRECT
            if is_last and latest_records[key].status in ENDING_ACTIONS:
                action = ENDING_ACTIONS[latest_records[key].status]
            elif entry.kind == "commitment" and entry.action in REPEATED_ACTIONS:
                action = entry.action
            if action == Entry.Action.CORRECT and "correction_ground" not in content:
                content["change_reason"] = reason
            corrections.append(
                publishing.NewEntry(entry.kind, key, action, {"change_reason": reason} | content)
            )
    return corrections + _dependent_entries(findings, {item.key for item in corrections})


def _last_run(emptied: list[Entry]) -> list[Entry]:
    """Return the emptied versions of a key after the last one that keeps its text.

    An earlier version, repeated after one that stays, would read as its successor.
    """
    versions = Entry.objects.filter(key=emptied[-1].key).exclude(action=Entry.Action.REDACT)
    kept = versions.exclude(number__in=[entry.number for entry in emptied]).exclude(item=None)
    last_kept = kept.order_by("number").values_list("number", flat=True).last() or 0
    return [entry for entry in emptied if entry.number > last_kept]


def _current_content(entry: Entry, content: dict[str, Any]) -> dict[str, Any]:
    """Return current content: the level of proof of updates and successes may change."""
    if entry.kind == "update":
        return items.update(ProgressUpdate.objects.get(key=entry.key))
    if entry.kind == "success":
        return items.success(Success.objects.get(key=entry.key))
    return content


def _dependent_entries(
    findings: redaction_search.Findings, keys: set[str]
) -> list[publishing.NewEntry]:
    """Return later updates that repeat an update with a now lower level of proof."""
    updates = [item.update for item in findings.pieces if item.update and item.update.key in keys]
    return [entry for entry in entries_to_republish(updates) if entry.key not in keys]
