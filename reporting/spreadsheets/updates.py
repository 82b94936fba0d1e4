"""What a signatory's spreadsheet would change, row by row, and the changing of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from charter.actions import commitments
from charter.forms.commitments import CommitmentForm
from charter.models import Commitment, Signatory, User
from charter.spreadsheets import commitments as spreadsheet_commitments
from charter.spreadsheets.commitments import COMMITMENT_FIELDS
from charter.spreadsheets.tables import Remark, Row, Table
from charter.workflow import CommitmentStatus
from reporting.actions import updates
from reporting.forms.updates import UpdateForm, UpdateType
from reporting.models import Evidence, ProgressUpdate
from reporting.spreadsheets.update_rows import (
    ASSESSMENTS,
    COLUMNS,
    FIELDS_BY_UPDATE_TYPE,
    LINK_COLUMNS,
    SEND,
    UPDATE_FIELDS,
    UPDATE_TYPES,
    VERSION,
    CommitmentRow,
    SpreadsheetScope,
    is_same_cell,
    row_cells,
)

YES = {"yes": True, "y": True, "x": True, "true": True, "1": True, "no": False, "": False}


@dataclass(frozen=True)
class Step:
    """What one row would do."""

    row: int
    title: str
    changes: list[tuple[str, str, str]]  # column, before, after
    signatory: Signatory
    existing: CommitmentRow | None  # none: a new commitment
    commitment_values: dict[str, Any] | None
    update_values: dict[str, Any] | None
    sends: bool

    @property
    def is_update(self) -> bool:
        return (
            self.existing is not None
            and self.existing.commitment.status == CommitmentStatus.PUBLISHED
        )


@dataclass
class Plan:
    """All that a file would do, or why it may not."""

    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """Return what tells this plan from any other: a button is for exactly what was shown."""
        rows = [
            [s.row, s.title, s.changes, s.sends, s.existing.version if s.existing else ""]
            for s in self.steps
        ]
        return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()

    def outcome(self) -> str:
        """Say in one sentence what comes of it."""
        new = sum(step.existing is None for step in self.steps)
        update_count = sum(step.is_update for step in self.steps)
        return (
            f"New commitments: {new}. Changed drafts: {len(self.steps) - new - update_count}. "
            f"Update: {update_count}. Sent to the council: "
            f"{sum(step.sends for step in self.steps)}."
        )


def build_plan(table: Table, scope: SpreadsheetScope) -> Plan:
    """Say what a file would do; problems of all rows at once."""
    plan = Plan(problems=list(table.problems), ignored=table.unknown_columns(COLUMNS))
    seen: dict[Any, int] = {}
    for row in table.rows:
        reading = _RowReader(row, scope, seen)
        step = reading.read_step()
        plan.problems += reading.problems
        if step and not reading.problems:
            plan.steps.append(step)
        plan.unchanged += step is None and not reading.problems
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


@transaction.atomic
def apply_steps(steps: Sequence[Step], *, by: User) -> None:
    """Do all that was planned, or nothing. What is published comes last."""
    updates_to_send = []
    for step in steps:
        commitment = step.existing.commitment if step.existing else None
        if commitment is None:
            commitment = commitments.start_draft(
                by=by, signatory=step.signatory, **(step.commitment_values or {})
            )
        elif step.commitment_values:
            commitment = commitments.save_draft(
                commitment, by=by, version=commitment.version, **step.commitment_values
            )
        if step.is_update:
            update = updates.start_draft(commitment, by=by)
            if step.update_values:
                update = updates.save_draft(
                    update, by=by, version=update.version, **step.update_values
                )
            if step.sends:
                updates_to_send.append(update)
        elif step.sends:
            commitments.submit(commitment, by=by)
    updates.submit_all(updates_to_send, by=by)


class _RowReader:
    """One row, compared with what is saved, with everything that is wrong with it."""

    def __init__(self, row: Row, scope: SpreadsheetScope, seen: dict[Any, int]) -> None:
        self.row, self.scope, self.seen = row, scope, seen
        self.problems: list[Remark] = []

    def read_step(self) -> Step | None:
        """Return what the row would do; None where it does nothing or says something wrong."""
        key = self.row.cells.get("Key", "").upper()
        sends = self._is_to_be_sent()
        if not key:
            return self._new_commitment_step(sends=sends)
        existing = self.scope.rows.get(key)
        if existing is None:
            self._add_problem("Key", "You have no commitment of this key. Leave it empty for one")
            return None
        if self._is_duplicate(key, "Key", "key"):
            return None
        return self._existing_commitment_step(existing, sends=sends)

    def _new_commitment_step(self, *, sends: bool) -> Step | None:
        texts = {c: self.row.cells[c] for c in COMMITMENT_FIELDS if c in self.row.cells}
        if not any(texts.values()):
            self._add_problem("Commitment", "A new commitment needs its sentence and its measure")
            return None
        signatory = self.scope.find_signatory(self.row.cells.get("Signatory", ""))
        if signatory is None:
            self._add_problem("Signatory", "Name one of your organisations as the register does")
            return None
        self._check_may_write(signatory)
        title = texts.get("Commitment", "").casefold()
        if key := self.scope.titles.get((signatory.pk, title)):
            self._add_problem("Commitment", f"You have this commitment already: its key is {key}")
        elif title:
            self._is_duplicate((signatory.pk, title), "Commitment", "sentence")
        for column in UPDATE_FIELDS:
            if self.row.cells.get(column):
                self._add_problem(column, "Updates can be sent once the commitment is public")
        filled = self._commitment_form(texts, signatory, None, sends=sends)
        if self.problems:
            return None
        changed = [(column, "", text) for column, text in texts.items() if text]
        values = filled.values()
        return Step(self.row.number, values["title"], changed, signatory, None, values, None, sends)

    def _existing_commitment_step(self, existing: CommitmentRow, *, sends: bool) -> Step | None:
        commitment, signatory = existing.commitment, existing.commitment.signatory
        saved = {
            column: spreadsheet_commitments.as_text(cell)
            for column, cell in row_cells(existing).items()
        }
        changed = {
            column: text
            for column, text in self.row.cells.items()
            if column in COMMITMENT_FIELDS | UPDATE_FIELDS
            and not is_same_cell(column, text, saved[column])
        }
        if not changed and not sends:
            return None
        self._check_may_write(signatory)
        if changed and self.row.cells.get(VERSION, existing.version) != existing.version:
            self._add_problem(
                VERSION, "Somebody saved it after you got the file: get the file again"
            )
        is_draft = commitment.is_working_copy
        for column in changed:
            if column in COMMITMENT_FIELDS and not is_draft:
                sent = commitment.status == CommitmentStatus.SUBMITTED
                self._add_problem(
                    column,
                    spreadsheet_commitments.ALREADY_SUBMITTED
                    if sent
                    else spreadsheet_commitments.ALREADY_PUBLIC,
                )
            elif column in UPDATE_FIELDS and existing.update is None:
                self._add_problem(column, "No update is asked of this commitment now")
        update_texts = {
            column: self.row.cells.get(column, saved[column]) for column in UPDATE_FIELDS
        }
        commitment_form, update_form = None, None
        if is_draft:
            commitment_form = self._commitment_form(
                self.row.cells, signatory, commitment, sends=sends
            )
        elif existing.update and any(update_texts.values()):
            linked = any(column in changed for column in LINK_COLUMNS)
            update_form = self._update_form(
                update_texts, existing.update, sends=sends, linked=linked
            )
        elif sends:
            self._add_problem(SEND, "There is nothing to send")
        if self.problems:
            return None
        changes = [(column, saved[column], text) for column, text in changed.items()]
        return Step(
            self.row.number,
            commitment.title,
            changes,
            signatory,
            existing,
            commitment_form.values() if commitment_form else None,
            update_form.update_values() | self._evidence_changes(existing, update_form, changed)
            if update_form
            else None,
            sends,
        )

    def _commitment_form(
        self,
        texts: dict[str, str],
        signatory: Signatory,
        commitment: Commitment | None,
        *,
        sends: bool,
    ) -> CommitmentForm:
        filled = spreadsheet_commitments.build_form(
            texts,
            signatory=signatory,
            menu=self.scope.get_menu(signatory),
            commitment=commitment,
            draft=not sends,
        )
        columns = {name: column for column, name in COMMITMENT_FIELDS.items()}
        for name, errors in filled.errors.items():
            for message in errors:
                self._add_problem(columns.get(name, "Commitment"), str(message))
        return filled

    def _update_form(
        self, texts: dict[str, str], update: ProgressUpdate, *, sends: bool, linked: bool
    ) -> UpdateForm:
        update_type = (
            spreadsheet_commitments.normalise_choice(UPDATE_TYPES, texts["Update"])
            or UpdateType.NUMBER
        )
        fields = FIELDS_BY_UPDATE_TYPE.get(
            UpdateType(update_type) if update_type in UpdateType.values else UpdateType.NUMBER, {}
        )
        data = UpdateForm.initial_of(update) | dict.fromkeys(
            [*UPDATE_FIELDS.values(), "remark", "help_request"], ""
        )
        data |= {
            name: texts[column]
            for column, name in fields.items()
            if linked or column not in LINK_COLUMNS  # what was given already is not given again
        }
        data |= {"answer": update_type, "evidence_kind": Evidence.Kind.WEB_PAGE}
        if "self_assessment" in fields.values():
            assessment = spreadsheet_commitments.normalise_choice(
                ASSESSMENTS, texts["How it stands"]
            )
            data["self_assessment"] = assessment
        filled = UpdateForm(data, update=update, draft=not sends)
        columns = {name: column for column, name in fields.items()}
        labels = {"Update": UPDATE_TYPES, "How it stands": ASSESSMENTS}
        for name, errors in filled.errors.items():
            column = columns.get(name, "Update")
            for message in errors:
                choices = labels.get(column, [])
                known = f"Write one of: {', '.join(message for _, message in choices)}"
                code = spreadsheet_commitments.normalise_choice(choices, texts[column])
                unknown = choices and texts[column] and code not in dict(choices)
                self._add_problem(column, known if unknown else str(message))
        for column, text in texts.items():
            if text and column not in fields:
                self._add_problem(
                    column, f"Leave this empty beside “{dict(UPDATE_TYPES)[update_type]}”"
                )
            elif text and fields.get(column) not in filled.fields:
                self._add_problem(column, "This measure takes no such figure")
        return filled

    def _evidence_changes(
        self, existing: CommitmentRow, update_form: UpdateForm, changed: dict[str, str]
    ) -> dict[str, Any]:
        """Return the link to give and the one whose place it takes."""
        if not any(column in changed for column in LINK_COLUMNS):
            return {}
        return {
            "evidence": update_form.evidence_items(),
            "removed_references": [str(existing.first_link.reference)]
            if existing.first_link
            else [],
        }

    def _is_to_be_sent(self) -> bool:
        text = self.row.cells.get(SEND, "").casefold()
        if text not in YES:
            self._add_problem(SEND, "Write yes to send it to the council, or leave it empty")
        return YES.get(text, False)

    def _check_may_write(self, signatory: Signatory) -> None:
        if signatory.pk not in self.scope.writable_ids:
            message = f"Only an owner or editor of {signatory} can write for it"
            self._add_problem("Signatory", message)

    def _is_duplicate(self, mark: Any, column: str, what: str) -> bool:
        if mark in self.seen:
            self._add_problem(
                column, f"Row {self.seen[mark]} has the same {what}: keep one of the two"
            )
            return True
        self.seen[mark] = self.row.number
        return False

    def _add_problem(self, column: str, message: str) -> None:
        value = self.row.cells.get(column, "")
        self.problems.append(Remark(self.row.number, column, value, message))
