"""After a restore: repeat the redactions that only the ledger remembers, in rows and files too."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from charter import acts
from charter.models import Commitment
from charter.workflow import COMMITMENT_MOVES, REVIEW_MOVES, CommitmentStatus, ReviewStatus
from registry.log import ledger, publishing
from registry.models import Entry
from registry.schema.code_lists import EndReason, RedactionReason
from reporting.models import Evidence, ProgressUpdate, RedactionTrace, Success
from reporting.redaction import emptying, traces
from reporting.redaction.text_columns import TEXT_COLUMNS

LedgerLine = dict[str, Any]
FINAL_STATUSES: dict[str, str] = {
    Entry.Action.CLOSE: CommitmentStatus.CLOSED,
    Entry.Action.WITHDRAW: CommitmentStatus.WITHDRAWN,
}
# The reason itself was in the lost text.
END_REASONS: dict[str, str] = {
    CommitmentStatus.CLOSED: EndReason.EXPIRED,
    CommitmentStatus.WITHDRAWN: EndReason.WITHDRAWN,
}


@dataclass(frozen=True)
class Restored:
    """What came back from the ledger, and what did not."""

    entries: int
    lost_keys: list[str]
    redacted_keys: list[str]
    redactions: int


# What it removes must not stay in its own act.
@acts.act("ledger.put_back", keeps_values=False)
def put_back() -> Restored:
    """Put back the entries and redactions that only the ledger knows. Idempotent.

    The rows of a redacted key lose all their text, since nobody knows any more which words were
    removed; so do the rows that a redaction named. Nothing that the ledger knew as redacted can
    then be published from them.
    """
    known = publishing.head().number
    missing_keys: set[str] = set()
    redacted_keys: set[str] = set()
    for line in ledger.remembered_entries():
        if line["number"] > known:
            missing_keys.add(line["key"])
            if _is_redaction(line):
                redacted_keys.add(line["key"])
    new_traces = traces.missing_traces()
    for trace in new_traces:
        _empty_traced(trace)
    emptying.empty_keys(redacted_keys)
    if new_traces or redacted_keys:
        emptying.empty_unsaved()
    _settle_statuses(redacted_keys)
    RedactionTrace.objects.bulk_create(new_traces)
    count = publishing.restore_from_ledger()
    return Restored(
        entries=count,
        lost_keys=sorted(missing_keys - redacted_keys),
        redacted_keys=sorted(redacted_keys),
        redactions=len(new_traces),
    )


def describe(restored: Restored) -> list[str]:
    """Return sentences on what came back and what has to be written again."""
    sentences = [
        f"{restored.entries} entries were put back, {restored.redactions} redactions repeated."
    ]
    if restored.lost_keys:
        sentences.append(
            "The texts of these records were lost, and their pages say so until they are "
            f"published again: {', '.join(restored.lost_keys)}"
        )
    if restored.redacted_keys:
        sentences.append(
            "These records were redacted after the backup. They lost all their text and evidence, "
            "because nobody knows which words were removed. Ask for them to be written again: "
            f"{', '.join(restored.redacted_keys)}"
        )
    return sentences


def _empty_traced(trace: RedactionTrace) -> None:
    """Empty the rows that had the redacted text, and remove the redacted evidence."""
    for label, number in trace.rows:
        if label in TEXT_COLUMNS:
            row = apps.get_model(label)._default_manager.filter(pk=number).first()
            if row:
                emptying.empty_row(row)
    for piece in Evidence.objects.filter(reference__in=trace.evidence):
        emptying.empty_row(piece)


def _is_redaction(line: LedgerLine) -> bool:
    """Return True for a redaction that a person decided on."""
    if line["action"] != Entry.Action.REDACT:
        return False
    return bool(json.loads(line["item"])["reason_code"] != RedactionReason.LOST)


def _settle_statuses(keys: set[str]) -> None:
    """Bring the rows of redacted keys to the status that the log gives them.

    Emptied, they must not wait for the council as if they had never been published.
    """
    lines_by_key: dict[str, list[LedgerLine]] = defaultdict(list)
    for line in ledger.remembered_entries() if keys else ():
        if line["key"] in keys and line["action"] != Entry.Action.REDACT:
            lines_by_key[line["key"]].append(line)
    for model in (Commitment, ProgressUpdate, Success):
        for row in model._default_manager.filter(key__in=lines_by_key):
            _settle_status(row, lines_by_key[row.key])


def _settle_status(row: Any, lines: Sequence[LedgerLine]) -> None:
    """Move a row to its public status, by the moves that the database allows."""
    published_at = datetime.fromisoformat(lines[0]["at"])
    is_commitment = isinstance(row, Commitment)
    endings = [line["action"] for line in lines if line["action"] in FINAL_STATUSES]
    final = FINAL_STATUSES[endings[-1]] if is_commitment and endings else ReviewStatus.PUBLISHED
    moves = COMMITMENT_MOVES if is_commitment else REVIEW_MOVES
    for status in (ReviewStatus.SUBMITTED, ReviewStatus.PUBLISHED, final):
        if status not in moves[row.status]:
            continue
        row.status = status
        row.submitted_at = row.submitted_at or published_at
        if status != ReviewStatus.SUBMITTED:
            row.published_at = row.published_at or published_at
        if is_commitment and row.published_at:
            row.reporting_from = row.reporting_from or published_at.date()
        if status in FINAL_STATUSES.values():
            row.end_reason = row.end_reason or END_REASONS[status]
        row.save()
