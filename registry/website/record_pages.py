"""What the pages of all records share: reference, version and the notes of redactions."""

from dataclasses import dataclass, field
from typing import Any

from registry.models import Record
from registry.schema.code_lists import RedactionReason


@dataclass(frozen=True)
class RedactionNote:
    """A redaction of an entry, and the later entry that records it."""

    entry: int
    redact_entry: int
    sentence: str


@dataclass(frozen=True)
class RecordPage:
    key: str
    entry: int
    version: int
    redactions: list[RedactionNote]
    # Of a moment in the past: it rests on so many commitments, and leaves earlier ones out.
    newest_only: int | None = field(default=None, kw_only=True)

    @property
    def all_evidence(self) -> list[dict[str, Any]]:
        """Return the evidence that the page shows, as published."""
        return []


@dataclass(frozen=True)
class RemovedRecord(RecordPage):
    """A record with its text removed: only its reference and the notes of its redactions."""


@dataclass(frozen=True)
class RecordLink:
    """A link to the page of another record."""

    key: str
    name: str


def record_fields(record: Record) -> dict[str, Any]:
    """Return the fields of a `RecordPage`."""
    return {
        "key": record.key,
        "entry": record.entry,
        "version": record.version,
        "redactions": [
            RedactionNote(
                entry=note["entry"],
                redact_entry=note["redact_entry"],
                sentence=RedactionReason.label_of(note["reason_code"]),
            )
            for note in record.redactions
        ],
    }
