"""The trace of a redaction: which rows had the text, and digests that refuse it from now on.

A digest is of a whole text with its passage, salted, slow to compute, and keyed with SECRET_KEY,
which neither the database nor the ledger holds: what stands around a removed name is public, so
anyone with an open digest could try names.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import models

from charter.models import ActObject
from registry.log import keys, ledger
from registry.log.publishing import NewEntry
from registry.log.verifying import Fault
from reporting.errors import RemovedTextError
from reporting.models import RedactionTrace
from reporting.redaction.search import Findings

LEDGER_NAME = "redaction"
# What a row of its own without a public key belongs to, nearest first.
PARENTS = ("evidence", "update", "success", "period", "commitment", "signatory")


def record_trace(findings: Findings) -> RedactionTrace:
    """Record where the text was found; call it before anything is removed."""
    salt = secrets.token_hex(16)
    return RedactionTrace.objects.create(
        rows=sorted(_rows_with_text(findings)),
        evidence=[piece.reference for piece in findings.pieces],
        salt=salt,
        digests={
            key: sorted(_digest(text, salt) for text in texts)
            for key, texts in _removed_texts(findings).items()
        },
    )


def refuse_removed_texts(entries: Sequence[NewEntry]) -> None:
    """Raise RemovedTextError if an entry has a text that a redaction removed under its key."""
    contents = {entry.key: entry.content for entry in entries}
    for trace in RedactionTrace.objects.filter(digests__has_any_keys=list(contents)):
        for key in contents.keys() & trace.digests.keys():
            removed = set(trace.digests[key])
            if any(_digest(text, trace.salt) in removed for text in _texts_in(contents[key])):
                raise RemovedTextError(
                    f"{key} contains text that was redacted, so it cannot be published. Return it "
                    "with comments, or ask for the text to be changed."
                )


def write_traces() -> None:
    """Copy traces to the ledger that are not there yet. A line written twice does no harm."""
    for trace in RedactionTrace.objects.filter(is_in_ledger=False).order_by("pk"):
        ledger.append_line(_ledger_line(trace))
        RedactionTrace.objects.filter(pk=trace.pk).update(is_in_ledger=True)


def read_trace(line: dict[str, Any]) -> RedactionTrace:
    """Return the unsaved trace of a line of the ledger."""
    names = ("reference", "rows", "evidence", "salt", "digests")
    return RedactionTrace(
        redacted_at=line["at"], is_in_ledger=True, **{name: line[name] for name in names}
    )


def missing_traces() -> list[RedactionTrace]:
    """Return the unsaved traces of redactions that only the ledger remembers, each once."""
    known = set(map(str, RedactionTrace.objects.values_list("reference", flat=True)))
    lines = ledger.remembered_lines(LEDGER_NAME)
    missing = {line["reference"]: line for line in lines if line["reference"] not in known}
    return [read_trace(line) for line in missing.values()]


def find_undone_redactions() -> Iterator[Fault]:
    """Yield a fault if the database lacks redactions, as after a restore that was not finished.

    Without it a redaction of private rows would go unnoticed: no entry is missing.
    """
    if count := len(missing_traces()):
        problem = f"the ledger remembers redactions that were undone ({count})"
        yield Fault(0, f"{problem}: run put_back_from_ledger")


def key_of(row: models.Model) -> str:
    """Return the public key that a row belongs to, or ""."""
    key = getattr(row, "key", "") or getattr(row, "about", "")
    if keys.is_key(key):
        return str(key)
    parents = (getattr(row, name, None) for name in PARENTS)
    return next((key_of(parent) for parent in parents if parent), "")


def _ledger_line(trace: RedactionTrace) -> dict[str, Any]:
    return {
        "what": LEDGER_NAME,
        "reference": str(trace.reference),
        "at": trace.redacted_at.isoformat(timespec="seconds"),
        "rows": trace.rows,
        "evidence": [str(reference) for reference in trace.evidence],
        "salt": trace.salt,
        "digests": trace.digests,
    }


def _rows_with_text(findings: Findings) -> Iterator[tuple[str, int]]:
    """Yield label and number of each row, and of what the record of acts had the text from."""
    for place in findings.places:
        row: Any = place.row
        yield row._meta.label, row.pk
        if isinstance(row, ActObject):
            yield row.label, row.object_id


def _removed_texts(findings: Findings) -> dict[str, set[str]]:
    """Return each whole text that has a passage, and what identifies evidence, by public key."""
    found = [(entry.key, json.loads(entry.item or "{}")) for entry in findings.entries]
    found += [(key_of(place.row), getattr(place.row, place.column)) for place in findings.places]
    texts: dict[str, set[str]] = {}
    for key, value in found:
        with_passage = {text for text in _texts_in(value) if findings.passages.occur_in(text)}
        if key and with_passage:
            texts.setdefault(key, set()).update(with_passage)
    for piece in findings.pieces:
        identity = {text for text in (piece.url, piece.sha256) if text}
        texts.setdefault(key_of(piece), set()).update(identity)
    return texts


def _texts_in(value: Any) -> Iterator[str]:
    """Yield every text inside lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(member)


def _digest(text: str, salt: str) -> str:
    """Return the digest of a text; case and white space do not matter."""
    normal = " ".join(text.split()).casefold()
    keyed_salt = f"{salt}:{settings.SECRET_KEY}".encode()
    return hashlib.scrypt(normal.encode(), salt=keyed_salt, n=2**12, r=8, p=1, dklen=32).hex()
