"""Take text out of the register that should never have been public, and out of all that we keep."""

import json
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from charter import permissions
from charter.models import Commitment, Upload, User
from registry import evidence
from registry.log import publishing
from registry.models import Entry, Record
from registry.schema import code_lists
from reporting import items
from reporting.actions.checks import entries_to_republish
from reporting.errors import ChangedSinceReadError
from reporting.models import Evidence, ProgressUpdate, Success
from reporting.redaction import search as redaction_search

REPEATED_ACTIONS = {Entry.Action.AMEND, Entry.Action.CLOSE, Entry.Action.WITHDRAW}
ENDING_ACTIONS: dict[str, str] = {
    Record.Status.CLOSED: Entry.Action.CLOSE,
    Record.Status.WITHDRAWN: Entry.Action.WITHDRAW,
}


@transaction.atomic
def redact(
    texts: Collection[str],
    references: Collection[str],
    *,
    by: User,
    reason_code: str,
    seen_digest: str,
) -> redaction_search.Findings:
    """Remove texts, and evidence by its references, from every entry, row, email and file.

    `read` is the digest of what was shown before; raise ReadOtherwiseError if more or less holds
    the text by now. The log shows that it was redacted and why; hashes stay valid.
    """
    permissions.check_may_administer(by)
    findings = redaction_search.find_passages(texts, references)
    if findings.digest != seen_digest:
        raise ChangedSinceReadError("Something else holds the text since you looked.")
    _lock_commitments({entry.key for entry in findings.entries})
    erased = {str(piece.reference) for piece in findings.pieces}
    for piece in findings.pieces:
        if piece.file:
            transaction.on_commit(partial(evidence.file_storage().delete, str(piece.file)))
    for place in findings.places:
        if not (isinstance(place.row, Evidence) and str(place.row.reference) in erased):
            place.clear()
    Evidence.objects.filter(reference__in=erased).delete()
    for session in findings.sessions:
        session.delete()
    if texts:
        Upload.objects.filter(applied_at=None).delete()
    numbers = [entry.number for entry in findings.entries]
    corrected = _corrected_entries(findings, code_lists.REDACTION_REASONS[reason_code])
    publishing.redact(numbers, reason_code=reason_code, corrected=corrected)
    return findings


def _lock_commitments(keys: set[str]) -> None:
    """Hold the commitments, so that no act beside this one publishes what it read before."""
    submissions = Q(updates__key__in=keys) | Q(successes__key__in=keys)
    touched = Commitment.objects.filter(Q(key__in=keys) | submissions)
    list(Commitment.objects.filter(pk__in=touched).order_by("pk").select_for_update(of=("self",)))


def _corrected_entries(
    findings: redaction_search.Findings, reason: str
) -> list[publishing.NewEntry]:
    """Return what stands in the place of the emptied entries.

    A commitment is told again from the first of them on, so that what it promised at first, and
    each time that it was weakened, stays in view. Of all else the latest version follows.
    """
    by_key: dict[str, list[Entry]] = {}
    for entry in findings.entries:
        by_key.setdefault(entry.key, []).append(entry)
    latest = Record.objects.exclude(item=None).in_bulk(list(by_key))
    corrections = []
    for key, emptied in by_key.items():
        if key not in latest or _latest_entry_number(emptied[-1].key) != emptied[-1].number:
            continue
        for position, entry in enumerate(emptied):
            is_last = entry is emptied[-1]
            is_repeated = entry.kind == "commitment" and (
                position == 0 or entry.action in REPEATED_ACTIONS
            )
            if not (is_last or is_repeated):
                continue
            content = redaction_search.redact_content(findings, json.loads(entry.item or "{}"))
            if is_last:
                content = _current_content(entry, content)
            action: str = Entry.Action.CORRECT
            if is_last and latest[key].status in ENDING_ACTIONS:
                action = ENDING_ACTIONS[latest[key].status]
            elif entry.kind == "commitment" and entry.action in REPEATED_ACTIONS:
                action = entry.action
            if action == Entry.Action.CORRECT:
                content["change_reason"] = reason
            corrections.append(
                publishing.NewEntry(entry.kind, key, action, {"change_reason": reason} | content)
            )
    return corrections + _dependent_entries(findings, {item.key for item in corrections})


def _latest_entry_number(key: str) -> int:
    """Return the number of the latest entry of a key that is none about redaction."""
    entries = Entry.objects.filter(key=key).exclude(action=Entry.Action.REDACT)
    return entries.latest("number").number


def _current_content(entry: Entry, content: dict[str, Any]) -> dict[str, Any]:
    """Return what is published of updates and stories: how far they are backed may be different."""
    if entry.kind == "update":
        return items.update(ProgressUpdate.objects.get(key=entry.key))
    if entry.kind == "success":
        return items.success(Success.objects.get(key=entry.key))
    return content


def _dependent_entries(
    findings: redaction_search.Findings, keys: set[str]
) -> list[publishing.NewEntry]:
    """Return later updates that repeat one whose evidence is gone: they are backed less, too."""
    updates = [
        piece.update for piece in findings.pieces if piece.update and piece.update.key in keys
    ]
    return [item for item in entries_to_republish(updates) if item.key not in keys]
