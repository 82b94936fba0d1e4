"""Commitments and the update owed of them as rows of a spreadsheet: what is given out."""

from dataclasses import dataclass
from datetime import date

from charter import permissions
from charter.models import Commitment, Signatory, User
from charter.spreadsheets import commitments as spreadsheet_commitments
from charter.spreadsheets.commitments import COMMITMENT_FIELDS
from charter.spreadsheets.tables import Cell
from registry import clock
from registry.wording.formatting import format_day
from reporting.actions import updates
from reporting.forms.updates import UpdateType, saved_form_data
from reporting.models import Evidence, ProgressUpdate
from reporting.models.updates import SelfAssessment

# The columns of updates that a signatory writes, and the field each is for.
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
# One link; more of them, and files, are given on the page of the update.
LINK_COLUMNS = ("Evidence", "Link to evidence")
SEND, VERSION = "Send", "Version"
# What says which row is which, and what was told last: a change there changes nothing.
COLUMNS = [
    "Key",
    "Signatory",
    "Status",
    *COMMITMENT_FIELDS,
    "Told last",
    "Update due",
    *UPDATE_FIELDS,
    SEND,
    VERSION,
]
# Which field of the form a column fills, by answer; the other columns of updates stay empty then.
FIELDS_BY_UPDATE_TYPE = {
    UpdateType.SAME: {"Update": "answer", "What happened": "remark"},
    UpdateType.NUMBER: UPDATE_FIELDS,
    UpdateType.HELP_REQUEST: {"Update": "answer", "In the way": "help_request"},
}
UPDATE_TYPES = [(str(code), str(words)) for code, words in UpdateType.choices]
ASSESSMENTS = [(str(code), str(words)) for code, words in SelfAssessment.choices]


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment with the updates that are owed of it now, if any."""

    commitment: Commitment
    update: ProgressUpdate | None

    @property
    def first_link(self) -> Evidence | None:
        """Return the first link given with the update so far."""
        links = self.update.evidence.exclude(url="") if self.update and self.update.pk else None
        return links.order_by("pk").first() if links is not None else None

    @property
    def version(self) -> str:
        """Name what was saved, so that a colleague's later saving is noticed."""
        update_version = self.update.version if self.update and self.update.pk else 0
        return f"v{self.commitment.version}u{update_version}"


class SpreadsheetScope:
    """What a person may see and write, read once for all rows."""

    def __init__(self, user: User, today: date) -> None:
        self.user = user
        self.signatories = list(
            Signatory.objects.for_user(user)
            .filter(left_on=None)
            .select_related("charter", "organisation")
            .prefetch_related("charter__themes__measures")
        )
        self.rows = {
            commitment.key: CommitmentRow(commitment, updates.expected_update(commitment, today))
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
            permissions.signatories_writable_by(user).values_list("pk", flat=True)
        )
        self.menus: dict[int, spreadsheet_commitments.MeasureMenu] = {}

    def get_menu(self, signatory: Signatory) -> spreadsheet_commitments.MeasureMenu:
        if signatory.charter_id not in self.menus:
            self.menus[signatory.charter_id] = spreadsheet_commitments.MeasureMenu(
                signatory.charter
            )
        return self.menus[signatory.charter_id]

    def find_signatory(self, text: str) -> Signatory | None:
        """Return the signatory that is named, by name or key; the only one where none is."""
        if not text and len(self.signatories) == 1:
            return self.signatories[0]
        named = [
            s
            for s in self.signatories
            if text.casefold() in (str(s).casefold(), s.organisation.legal_name.casefold())
            or text.upper() == s.key
        ]
        return named[0] if len(named) == 1 else None


def spreadsheet_rows(scope: SpreadsheetScope) -> list[list[Cell]]:
    """Return the spreadsheet of a person: a row for each commitment."""
    return [list(row_cells(row).values()) for row in scope.rows.values()]


def column_choices(scope: SpreadsheetScope) -> dict[str, list[str]]:
    """Return what people may choose from, by column."""
    offered = {
        "Update": [label for _, label in UPDATE_TYPES],
        "How it stands": [label for _, label in ASSESSMENTS],
        SEND: ["yes"],
    }
    for column, name in COMMITMENT_FIELDS.items():
        if name in spreadsheet_commitments.CHOICES:
            offered[column] = [label for _, label in spreadsheet_commitments.CHOICES[name]]
    if scope.signatories:
        offered["Measure"] = scope.get_menu(scope.signatories[0]).labels
    return offered


def row_cells(row: CommitmentRow) -> dict[str, Cell]:
    """Return what is saved of a commitment and its owed updates, by column and in their order."""
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
        saved = saved_form_data(update)
        update_type = saved["answer"]
        for column, name in FIELDS_BY_UPDATE_TYPE.get(update_type, {}).items():
            cells[column] = saved.get(name)
        cells["Update"] = dict(UPDATE_TYPES).get(update_type)
        if update_type == UpdateType.NUMBER:
            cells["How it stands"] = dict(ASSESSMENTS)[saved["self_assessment"]]
            if link := row.first_link:
                cells |= dict(zip(LINK_COLUMNS, (link.title, link.url), strict=True))
    return cells


def _last_update_text(commitment: Commitment) -> str | None:
    last = updates.last_sent_update(commitment)
    if last is None or last.submitted_at is None:
        return None
    return f"{last.in_short}, {format_day(clock.local_date(last.submitted_at))}"


def is_same_cell(column: str, one: str, other: str) -> bool:
    match UPDATE_FIELDS.get(column):
        case "value" | "percentage_of":
            return spreadsheet_commitments.normalise_figure(
                one
            ) == spreadsheet_commitments.normalise_figure(other)
        case "answer":
            return spreadsheet_commitments.normalise_choice(
                UPDATE_TYPES, one
            ) == spreadsheet_commitments.normalise_choice(UPDATE_TYPES, other)
        case "self_assessment":
            return spreadsheet_commitments.normalise_choice(
                ASSESSMENTS, one
            ) == spreadsheet_commitments.normalise_choice(ASSESSMENTS, other)
    return spreadsheet_commitments.is_same_cell(column, one, other)
