"""Preview and apply the changes of a signatory's spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from charter import acts, review
from charter.actions import commitments
from charter.forms.commitments import CommitmentForm
from charter.models import Commitment, Reviewable, Signatory, User
from charter.seen_digest import make_digest
from charter.spreadsheets import commitments as spreadsheet_commitments
from charter.spreadsheets.commitments import COMMITMENT_COLUMNS, normalise_choice
from charter.spreadsheets.tables import Remark, Row, Table
from charter.workflow import CommitmentStatus
from registry.schema.code_lists import EvidenceType
from reporting.actions import updates
from reporting.forms.update_types import UpdateType
from reporting.forms.updates import UpdateForm
from reporting.models import ProgressUpdate
from reporting.spreadsheets.update_rows import (
    COLUMNS,
    FIELDS_BY_UPDATE_TYPE,
    LINK_COLUMNS,
    ONGOING,
    RESULTS,
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
    """The changes of one row."""

    row: int
    title: str
    changes: list[tuple[str, str, str]]  # Column, old value, new value.
    signatory: Signatory
    existing: CommitmentRow | None  # None for a new commitment.
    commitment_values: dict[str, Any] | None
    update_values: dict[str, Any] | None
    sends: bool
    is_final: bool = False

    @property
    def is_update(self) -> bool:
        return (
            self.existing is not None
            and self.existing.commitment.status == CommitmentStatus.PUBLISHED
        )


@dataclass
class Plan:
    """All changes of a file, or the problems that prevent them."""

    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """Return a digest of the plan, so that a button applies exactly the previewed plan."""
        return make_digest(
            [
                [s.row, s.title, s.changes, s.sends, s.existing.version if s.existing else ""]
                for s in self.steps
            ]
        )

    def outcome(self) -> str:
        """Return a one-sentence summary of the changes."""
        new_count = sum(step.existing is None for step in self.steps)
        update_count = sum(step.is_update for step in self.steps)
        draft_count = len(self.steps) - new_count - update_count
        return (
            f"New commitments: {new_count}. Changed drafts: {draft_count}. "
            f"Update: {update_count}. Sent to the council: "
            f"{sum(step.sends for step in self.steps)}."
        )


def build_plan(table: Table, scope: SpreadsheetScope) -> Plan:
    """Return the plan for a file, with the problems of all rows."""
    plan = Plan(problems=list(table.problems), ignored=table.unknown_columns(COLUMNS))
    seen_rows: dict[Any, int] = {}
    for row in table.rows:
        reader = _RowReader(row, scope, seen_rows)
        step = reader.read_step()
        plan.problems += reader.problems
        if step and not reader.problems:
            plan.steps.append(step)
        plan.unchanged += step is None and not reader.problems
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


@acts.act("spreadsheet.apply")
def apply_steps(steps: Sequence[Step], *, by: User) -> None:
    """Apply all steps or none. Publication comes last."""
    to_send: list[Reviewable] = []
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
            update = updates.start_draft(commitment, by=by, final=step.is_final)
            if step.update_values:
                update = updates.save_draft(
                    update, by=by, version=update.version, **step.update_values
                )
            if step.sends:
                to_send.append(update)
        elif step.sends:
            to_send.append(commitment)
    review.submit_all(to_send, by=by)


class _RowReader:
    """One row compared with the saved one, with all its problems."""

    def __init__(self, row: Row, scope: SpreadsheetScope, seen_rows: dict[Any, int]) -> None:
        self.row, self.scope, self.seen_rows = row, scope, seen_rows
        self.problems: list[Remark] = []

    def read_step(self) -> Step | None:
        """Return the step of the row, or None without changes or with problems."""
        key = self.row.cells.get("Key", "").upper()
        sends = self._is_marked_to_send()
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
        texts = {c: self.row.cells[c] for c in COMMITMENT_COLUMNS if c in self.row.cells}
        if not any(texts.values()):
            self._add_problem("Commitment", "A new commitment needs its sentence and its measure")
            return None
        signatory = self.scope.find_signatory(self.row.cells.get("Signatory", ""))
        if signatory is None:
            self._add_problem("Signatory", "Name one of your organisations as the register does")
            return None
        self._check_may_write(signatory, sends=sends)
        title = texts.get("Commitment", "").casefold()
        if key := self.scope.titles.get((signatory.pk, title)):
            self._add_problem("Commitment", f"You have this commitment already: its key is {key}")
        elif title:
            self._is_duplicate((signatory.pk, title), "Commitment", "sentence")
        for column in UPDATE_FIELDS:
            if self.row.cells.get(column):
                self._add_problem(column, "Updates can be sent once the commitment is public")
        form = self._commitment_form(texts, signatory, None, sends=sends)
        if self.problems:
            return None
        changes = [(column, "", text) for column, text in texts.items() if text]
        values = form.values()
        return Step(self.row.number, values["title"], changes, signatory, None, values, None, sends)

    def _existing_commitment_step(self, existing: CommitmentRow, *, sends: bool) -> Step | None:
        commitment, signatory = existing.commitment, existing.commitment.signatory
        saved_cells = {
            column: spreadsheet_commitments.as_text(cell)
            for column, cell in row_cells(existing).items()
        }
        changed_cells = {
            column: text
            for column, text in self.row.cells.items()
            if column in (*COMMITMENT_COLUMNS, *UPDATE_FIELDS)
            and not is_same_cell(column, text, saved_cells[column])
        }
        if not changed_cells and not sends:
            return None
        self._check_may_write(signatory, sends=sends)
        if changed_cells and self.row.cells.get(VERSION, existing.version) != existing.version:
            self._add_problem(
                VERSION, "Someone saved it after you got the file: get the file again"
            )
        update_type = normalise_choice(
            UPDATE_TYPES, self.row.cells.get("Update", saved_cells["Update"])
        )
        update = existing.find_update(update_type)
        is_draft = commitment.is_working_copy
        for column in changed_cells:
            if column in COMMITMENT_COLUMNS and not is_draft:
                is_submitted = commitment.status == CommitmentStatus.SUBMITTED
                self._add_problem(
                    column,
                    spreadsheet_commitments.ALREADY_SUBMITTED
                    if is_submitted
                    else spreadsheet_commitments.ALREADY_PUBLIC,
                )
            elif column in UPDATE_FIELDS and update is None:
                self._add_problem(column, "No update is asked of this commitment now")
        update_texts = {
            column: self.row.cells.get(column, saved_cells[column]) for column in UPDATE_FIELDS
        }
        commitment_form, update_form = None, None
        if is_draft:
            commitment_form = self._commitment_form(
                self.row.cells, signatory, commitment, sends=sends
            )
        elif update and any(update_texts.values()):
            has_link_change = any(column in changed_cells for column in LINK_COLUMNS)
            update_form = self._update_form(
                update_texts, update, sends=sends, has_link_change=has_link_change
            )
        elif sends:
            self._add_problem(SEND, "There is nothing to send")
        if self.problems:
            return None
        changes = [(column, saved_cells[column], text) for column, text in changed_cells.items()]
        return Step(
            self.row.number,
            commitment.title,
            changes,
            signatory,
            existing,
            commitment_form.values() if commitment_form else None,
            update_form.update_values()
            | self._evidence_changes(existing, update_form, changed_cells)
            if update_form
            else None,
            sends,
            is_final=update is not None and update.is_final,
        )

    def _commitment_form(
        self,
        texts: dict[str, str],
        signatory: Signatory,
        commitment: Commitment | None,
        *,
        sends: bool,
    ) -> CommitmentForm:
        form = spreadsheet_commitments.build_form(
            texts,
            signatory=signatory,
            menu=self.scope.get_menu(signatory),
            commitment=commitment,
            draft=not sends,
        )
        columns = {declared.name: column for column, declared in COMMITMENT_COLUMNS.items()}
        for name, errors in form.errors.items():
            for message in errors:
                self._add_problem(columns.get(name, "Commitment"), str(message))
        return form

    def _update_form(
        self, texts: dict[str, str], update: ProgressUpdate, *, sends: bool, has_link_change: bool
    ) -> UpdateForm:
        update_type = normalise_choice(UPDATE_TYPES, texts["Update"]) or (
            UpdateType.FINAL if update.is_final else UpdateType.NUMBER
        )
        fields = FIELDS_BY_UPDATE_TYPE.get(
            UpdateType(update_type) if update_type in UpdateType.values else UpdateType.NUMBER, {}
        )
        data = UpdateForm.initial_of(update) | dict.fromkeys(
            [*UPDATE_FIELDS.values(), "remark", "result"], ""
        )
        data |= {
            name: texts[column]
            for column, name in fields.items()
            if has_link_change or column not in LINK_COLUMNS  # An existing link is not added again.
        }
        data |= {"answer": update_type, "evidence_kind": EvidenceType.WEB_PAGE}
        assessments = RESULTS if update_type == UpdateType.FINAL else ONGOING
        if name := fields.get("How it stands"):
            data[name] = normalise_choice(assessments, texts["How it stands"])
        form = UpdateForm(data, update=update, draft=not sends)
        columns = {name: column for column, name in fields.items()}
        choices_by_column = {"Update": UPDATE_TYPES, "How it stands": assessments}
        for name, errors in form.errors.items():
            column = columns.get(name, "Update")
            for message in errors:
                choices = choices_by_column.get(column, [])
                choices_message = f"Write one of: {', '.join(message for _, message in choices)}"
                code = normalise_choice(choices, texts[column])
                is_unknown_choice = choices and texts[column] and code not in dict(choices)
                self._add_problem(column, choices_message if is_unknown_choice else str(message))
        for column, text in texts.items():
            if text and column not in fields:
                self._add_problem(
                    column, f"Leave this empty beside “{dict(UPDATE_TYPES)[update_type]}”"
                )
            elif text and fields[column] == "result" and "result" not in form.fields:
                self._add_problem(column, "Leave this empty: it follows from the figure")
            elif text and fields.get(column) not in form.fields:
                self._add_problem(column, "This measure takes no such figure")
        return form

    def _evidence_changes(
        self, existing: CommitmentRow, update_form: UpdateForm, changed_cells: dict[str, str]
    ) -> dict[str, Any]:
        """Return the link to add, and the one it replaces."""
        if not any(column in changed_cells for column in LINK_COLUMNS):
            return {}
        return {
            "evidence": update_form.evidence_items(),
            "removed_references": [str(existing.first_link.reference)]
            if existing.first_link
            else [],
        }

    def _is_marked_to_send(self) -> bool:
        text = self.row.cells.get(SEND, "").casefold()
        if text not in YES:
            self._add_problem(SEND, "Write yes to send it to the council, or leave it empty")
        return YES.get(text, False)

    def _check_may_write(self, signatory: Signatory, *, sends: bool) -> None:
        if signatory.pk not in self.scope.writable_ids:
            message = f"Only an owner or editor of {signatory} can write for it"
            self._add_problem("Signatory", message)
        if sends and signatory.must_accept:
            self._add_problem(SEND, f"{signatory} has not signed the charter yet: leave this empty")

    def _is_duplicate(self, identity: Any, column: str, noun: str) -> bool:
        if identity in self.seen_rows:
            self._add_problem(
                column, f"Row {self.seen_rows[identity]} has the same {noun}: keep one of the two"
            )
            return True
        self.seen_rows[identity] = self.row.number
        return False

    def _add_problem(self, column: str, message: str) -> None:
        value = self.row.cells.get(column, "")
        self.problems.append(Remark(self.row.number, column, value, message))
