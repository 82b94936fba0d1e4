"""What a redaction says: which entries it emptied, what stays of each, and why."""

import json
from collections.abc import Iterable

from registry.log.records import PreparedEntry
from registry.models import Entry
from registry.schema import code_lists, kinds


def prepare_redactions(emptied: Iterable[Entry], reason_code: str) -> list[PreparedEntry]:
    """Return one redaction per key: its emptied entries, what stays of each, and the reason.

    Nothing stays of an entry whose item is lost.
    """
    by_key: dict[tuple[str, str], list[Entry]] = {}
    for entry in emptied:
        by_key.setdefault((entry.kind, entry.key), []).append(entry)
    return [
        (
            kind,
            key,
            Entry.Action.REDACT,
            {
                "entries": [entry.number for entry in entries],
                "structure": {
                    str(entry.number): kinds.item_structure(entry.kind, json.loads(entry.item))
                    for entry in entries
                    if entry.item is not None
                },
                "reason_code": reason_code,
                "change_reason": code_lists.RedactionReason.label_of(reason_code),
            },
        )
        for (kind, key), entries in by_key.items()
    ]
