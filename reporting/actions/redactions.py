"""Take text out of the register that should never have been public, and out of all that we keep."""

import json
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from charter import permissions
from charter.models import Commitment, Upload, User
from registry import codelists, evidence, log
from registry.models import Entry, Record
from reporting import items, redaction
from reporting.actions.checks import published_anew
from reporting.errors import ReadOtherwiseError
from reporting.models import Evidence, ProgressUpdate, Success

RETOLD = {Entry.Action.AMEND, Entry.Action.CLOSE, Entry.Action.WITHDRAW}
ENDS: dict[str, str] = {
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
    read: str,
) -> redaction.Found:
    """Remove texts, and evidence by its references, from every entry, row, mail and file.

    `read` is the digest of what was shown before; raise ReadOtherwiseError if more or less holds
    the text by now. The log shows that it was redacted and why; hashes stay valid.
    """
    permissions.check_may_administer(by)
    found = redaction.find(texts, references)
    if found.digest != read:
        raise ReadOtherwiseError("Something else holds the text since you looked.")
    _lock({entry.key for entry in found.entries})
    erased = {str(piece.reference) for piece in found.pieces}
    for piece in found.pieces:
        if piece.file:
            transaction.on_commit(partial(evidence.storage().delete, str(piece.file)))
    for place in found.places:
        if not (isinstance(place.row, Evidence) and str(place.row.reference) in erased):
            place.clear()
    Evidence.objects.filter(reference__in=erased).delete()
    for session in found.sessions:
        session.delete()
    if texts:
        Upload.objects.filter(applied_at=None).delete()
    numbers = [entry.number for entry in found.entries]
    corrected = _corrected(found, codelists.REDACTION_REASONS[reason_code])
    log.redact(numbers, reason_code=reason_code, corrected=corrected)
    return found


def _lock(keys: set[str]) -> None:
    """Hold the promises, so that no act beside this one publishes what it read before."""
    news = Q(updates__key__in=keys) | Q(successes__key__in=keys)
    touched = Commitment.objects.filter(Q(key__in=keys) | news)
    list(Commitment.objects.filter(pk__in=touched).order_by("pk").select_for_update(of=("self",)))


def _corrected(found: redaction.Found, reason: str) -> list[log.Item]:
    """Return what stands in the place of the emptied entries.

    A promise is told again from the first of them on, so that what it promised at first, and each
    time that it was weakened, stays in view. Of all else the latest version follows.
    """
    by_key: dict[str, list[Entry]] = {}
    for entry in found.entries:
        by_key.setdefault(entry.key, []).append(entry)
    latest = Record.objects.exclude(item=None).in_bulk(list(by_key))
    made = []
    for key, emptied in by_key.items():
        if key not in latest or _last_version(emptied[-1].key) != emptied[-1].number:
            continue
        for position, entry in enumerate(emptied):
            is_last = entry is emptied[-1]
            tells_more = entry.kind == "commitment" and (position == 0 or entry.action in RETOLD)
            if not (is_last or tells_more):
                continue
            content = redaction.without(found, json.loads(entry.item or "{}"))
            if is_last:
                content = _now(entry, content)
            action: str = Entry.Action.CORRECT
            if is_last and latest[key].status in ENDS:
                action = ENDS[latest[key].status]
            elif entry.kind == "commitment" and entry.action in RETOLD:
                action = entry.action
            if action == Entry.Action.CORRECT:
                content["change_reason"] = reason
            made.append(log.Item(entry.kind, key, action, {"change_reason": reason} | content))
    return made + _following(found, {item.key for item in made})


def _last_version(key: str) -> int:
    """Return the number of the latest entry of a key that is none about redaction."""
    entries = Entry.objects.filter(key=key).exclude(action=Entry.Action.REDACT)
    return entries.latest("number").number


def _now(entry: Entry, content: dict[str, Any]) -> dict[str, Any]:
    """Return what is published of news and stories: how far they are backed may be different."""
    if entry.kind == "update":
        return items.update(ProgressUpdate.objects.get(key=entry.key))
    if entry.kind == "success":
        return items.success(Success.objects.get(key=entry.key))
    return content


def _following(found: redaction.Found, keys: set[str]) -> list[log.Item]:
    """Return later updates that repeat one whose evidence is gone: they are backed less, too."""
    told = [piece.update for piece in found.pieces if piece.update and piece.update.key in keys]
    return [item for item in published_anew(told) if item.key not in keys]
