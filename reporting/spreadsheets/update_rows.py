"""Rows of a signatory's spreadsheet: commitments with their owed updates."""

from dataclasses import dataclass
from datetime import date

from charter import permissions
from charter.forms.commitment_fields import code_choices
from charter.models import Commitment, Signatory, User
from charter.spreadsheets import commitments as spreadsheet_commitments
from charter.spreadsheets.commitments import COMMITMENT_COLUMNS
from charter.spreadsheets.tables import Cell
from registry import clock
from registry.schema.code_lists import Delivery
from registry.schema.codes import choices_of
from registry.schema.commitment_fields import FieldType
from registry.wording.formatting import format_day
from reporting.actions.expected_updates import expected_update, last_sent_update
from reporting.forms.update_types import FIGURE_TYPES, UpdateType, saved_form_data
from reporting.models import Evidence, ProgressUpdate

# The columns of an update, and the form field of each.
UPDATE_FIELDS = {
    "Update": "answer",
    "To date": "value",
    "Out of": "percentage_of",
    "Not measured because": "not_measured_reason",
    "How it stands": "self_assessment",
    "What happened": "narrative",
    "In the way": "obstacles",
    "Learned": "lessons",
    "Evidence": "evidence_title",
    "Link to evidence": "evidence_url",
}
# One link only; further links, and files, are added on the update page.
LINK_COLUMNS = ("Evidence", "Link to evidence")
SEND, VERSION = "Send", "Version"
# Changes in the columns that identify a row or show its last update have no effect.
COLUMNS = [
    "Key",
    "Signatory",
    "Status",
    *COMMITMENT_COLUMNS,
    "Told last",
    "Update due",
    *UPDATE_FIELDS,
    SEND,
    VERSION,
]
# The columns used by each update type, with their form fields; the other columns stay empty.
FIELDS_BY_UPDATE_TYPE = {
    UpdateType.SAME: {"Update": "answer", "What happened": "remark"},
    UpdateType.NUMBER: UPDATE_FIELDS,
    UpdateType.FINAL: {
        column: "result" if name == "self_assessment" else name
        for column, name in UPDATE_FIELDS.items()
        if name != "not_measured_reason"
    },
}
UPDATE_TYPES = [(str(code), str(words)) for code, words in UpdateType.choices]
ASSESSMENTS = choices_of(Delivery.self_assessments())
# What the final update can say, and those before it.
RESULTS, ONGOING = choices_of(Delivery.final_results()), choices_of(Delivery.ongoing())


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment with its owed update, if any."""

    commitment: Commitment
    update: ProgressUpdate | None

    def find_update(self, update_type: str) -> ProgressUpdate | None:
        """Return the update of a type that the file may write: the final one at any time."""
        if not update_type or (update_type == UpdateType.FINAL) == self.expects_final:
            return self.update
        is_final = update_type == UpdateType.FINAL
        return expected_update(self.commitment, clock.today(), final=is_final)

    @property
    def expects_final(self) -> bool:
        return self.update is not None and self.update.is_final

    @property
    def first_link(self) -> Evidence | None:
        """Return the first evidence link of the update so far, or None."""
        links = self.update.evidence.exclude(url="") if self.update and self.update.pk else None
        return links.order_by("pk").first() if links is not None else None

    @property
    def version(self) -> str:
        """Return a label of the saved versions, to detect later changes by colleagues."""
        update_version = self.update.version if self.update and self.update.pk else 0
        return f"v{self.commitment.version}u{update_version}"


class SpreadsheetScope:
    """The rows that a user may see and write, read once."""

    def __init__(self, user: User, today: date) -> None:
        self.user = user
        self.signatories = list(
            Signatory.objects.for_user(user)
            .filter(left_on=None)
            .select_related("charter", "organisation")
            .prefetch_related("charter__themes__measures")
        )
        self.rows = {
            commitment.key: CommitmentRow(commitment, expected_update(commitment, today))
            for commitment in Commitment.objects.for_user(user)
            .select_related("signatory__charter", "signatory__organisation", "theme", "measure")
            .prefetch_related("signatory__charter__themes__measures")
            .order_by("pk")
        }
        self.titles = {
            (row.commitment.signatory_id, row.commitment.title.casefold()): key
            for key, row in self.rows.items()
        }
        self.writable_ids = set(
            permissions.signatories_with(user, "spreadsheet.apply").values_list("pk", flat=True)
        )
        self.menus: dict[int, spreadsheet_commitments.MeasureMenu] = {}

    def get_menu(self, signatory: Signatory) -> spreadsheet_commitments.MeasureMenu:
        if signatory.charter_id not in self.menus:
            self.menus[signatory.charter_id] = spreadsheet_commitments.MeasureMenu(
                signatory.charter
            )
        return self.menus[signatory.charter_id]

    def find_signatory(self, text: str) -> Signatory | None:
        """Return the signatory by name or reference, or the only one."""
        if not text and len(self.signatories) == 1:
            return self.signatories[0]
        matches = [
            s
            for s in self.signatories
            if text.casefold() in (str(s).casefold(), s.organisation.legal_name.casefold())
            or text.upper() == s.key
        ]
        return matches[0] if len(matches) == 1 else None


def spreadsheet_rows(scope: SpreadsheetScope) -> list[list[Cell]]:
    """Return the user's spreadsheet, with a row for each commitment."""
    return [list(row_cells(row).values()) for row in scope.rows.values()]


def column_choices(scope: SpreadsheetScope) -> dict[str, list[str]]:
    """Return the choices of each column with a list of choices."""
    choices = {
        "Update": [label for _, label in UPDATE_TYPES],
        "How it stands": [label for _, label in ASSESSMENTS],
        SEND: ["yes"],
    }
    for column, declared in COMMITMENT_COLUMNS.items():
        if declared.type is FieldType.CODE:
            choices[column] = [label for _, label in code_choices(declared)]
    if scope.signatories:
        choices["Measure"] = scope.get_menu(scope.signatories[0]).labels
    return choices


def row_cells(row: CommitmentRow) -> dict[str, Cell]:
    """Return the saved cells of a commitment and its owed update, in column order."""
    commitment, update = row.commitment, row.update
    cells: dict[str, Cell] = dict.fromkeys(COLUMNS)
    cells |= spreadsheet_commitments.commitment_cells(commitment)
    cells |= {
        "Key": commitment.key,
        "Signatory": str(commitment.signatory),
        "Status": commitment.get_status_display(),
        "Told last": _last_update_text(commitment),
        "Update due": update.period.due_on if update else None,
        VERSION: row.version,
    }
    if update and update.pk:
        form_data = saved_form_data(update)
        update_type = form_data["answer"]
        for column, name in FIELDS_BY_UPDATE_TYPE.get(update_type, {}).items():
            cells[column] = form_data.get(name)
        cells["Update"] = dict(UPDATE_TYPES).get(update_type)
        if update_type in FIGURE_TYPES:
            name = "result" if update_type == UpdateType.FINAL else "self_assessment"
            cells["How it stands"] = dict(ASSESSMENTS).get(form_data[name])
            if link := row.first_link:
                cells |= dict(zip(LINK_COLUMNS, (link.title, link.url), strict=True))
    return cells


def _last_update_text(commitment: Commitment) -> str | None:
    last_update = last_sent_update(commitment)
    if last_update is None or last_update.submitted_at is None:
        return None
    return f"{last_update.in_short}, {format_day(clock.local_date(last_update.submitted_at))}"


def is_same_cell(column: str, first: str, second: str) -> bool:
    match UPDATE_FIELDS.get(column):
        case "value" | "percentage_of":
            return spreadsheet_commitments.normalise_figure(
                first
            ) == spreadsheet_commitments.normalise_figure(second)
        case "answer":
            return spreadsheet_commitments.normalise_choice(
                UPDATE_TYPES, first
            ) == spreadsheet_commitments.normalise_choice(UPDATE_TYPES, second)
        case "self_assessment":
            return spreadsheet_commitments.normalise_choice(
                ASSESSMENTS, first
            ) == spreadsheet_commitments.normalise_choice(ASSESSMENTS, second)
    return spreadsheet_commitments.is_same_cell(column, first, second)
