"""Plan the import of a list of organisations. Pure, apart from load_snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from charter.forms.imports import OrganisationRowForm
from charter.models import Charter, Identifier, Invitation, Membership, Organisation, Signatory
from charter.seen_digest import make_digest
from charter.spreadsheets.tables import Remark, Row, Table, normalise_text
from registry.reference_data import sectors
from registry.schema.code_lists import OrganisationKind, Route, Size
from registry.wording.formatting import format_day

# The columns that we read with their fields, and other headings in use for them.
FIELDS = {
    "Legal name": "legal_name",
    "Known as": "trading_name",
    "Kind": "kind",
    "People": "size",
    "Sector": "sector",
    "Company number": "company_number",
    "Charity number": "charity_number",
    "Other number": "other_number",
    "Route": "route",
    "Website": "website",
    "Contact email": "contact_email",
    "Signed on": "signed_on",
    "Document": "document",
}
OTHER_NAMES = {
    "Legal name": ("EmployerName", "Employer", "Name", "Organisation", "Organisation name"),
    "Known as": ("Trading name",),
    "People": ("EmployerSize", "Size", "Employees", "Staff"),
    "Sector": ("SicCodes", "SIC code", "SIC"),
    "Company number": ("Companies House number", "CRN"),
    "Other number": ("Identifier", "org-id"),
    "Website": ("Web site", "Web address"),
    "Contact email": ("Email", "Email address", "Contact"),
    "Signed on": ("Date signed", "Date of signature"),
    "Document": ("Signed document", "Proof of signature"),
}
COLUMNS = {name: OTHER_NAMES.get(name, ()) for name in FIELDS}
COLUMN_OF = {field: column for column, field in FIELDS.items()}
SIGNATORY_FIELDS = {"route", "covers"}


@dataclass(frozen=True)
class RegisterSnapshot:
    """The register's current data: signatories of a charter, numbers, and people.

    `people` has (organisation, email) of members and of everyone ever invited.
    """

    by_number: Mapping[tuple[str, str], Organisation]
    by_name: Mapping[str, list[Signatory]]
    by_organisation: Mapping[int, Signatory]
    numbers: Mapping[int, dict[str, str]]
    people: frozenset[tuple[int, str]]
    former: frozenset[int]  # organisations that left the charter


@dataclass(frozen=True)
class Admission:
    """A row that adds a signatory."""

    row: int
    values: dict[str, Any]
    signature: dict[str, str] | None = None  # from the council's files

    def __str__(self) -> str:
        return str(self.values["legal_name"])

    @property
    def signature_text(self) -> str:
        return signature_text(self.signature) if self.signature else ""


@dataclass(frozen=True)
class Revision:
    """A row that changes a signatory: values, numbers, a person to invite, a signature."""

    row: int
    signatory: Signatory
    values: dict[str, str]
    identifiers: list[tuple[str, str]]
    contact_email: str
    signature: dict[str, str] | None = None

    @property
    def is_public(self) -> bool:
        """Return True if the public page changes. An invitation alone is private."""
        return self.signatory.is_public and bool(self.values or self.identifiers)

    @property
    def changes_nothing(self) -> bool:
        return not (self.values or self.identifiers or self.contact_email or self.signature)

    def changed_values(self) -> list[tuple[str, str, str]]:
        """Return (column, old value, new value) for every change."""
        lines = [
            (
                COLUMN_OF[name],
                display_value(name, current_value(self.signatory, name)),
                display_value(name, new_value),
            )
            for name, new_value in self.values.items()
        ]
        lines += [("Number", "", f"{scheme}-{number}") for scheme, number in self.identifiers]
        if self.signature:
            lines.append(("Signed on", "", signature_text(self.signature)))
        return lines + ([("Invited", "", self.contact_email)] if self.contact_email else [])


@dataclass
class Plan:
    """All additions and changes of a file, or the problems that prevent saving it."""

    admissions: list[Admission] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    # Our columns that the file lacks, and columns of the file that we do not know.
    missing: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not (self.admissions or self.revisions)

    @property
    def total(self) -> int:
        """Return the number of rows that add or change a signatory."""
        return len(self.admissions) + len(self.revisions)

    @property
    def needs_a_reason(self) -> bool:
        return any(revision.is_public for revision in self.revisions)

    @property
    def invitations(self) -> int:
        emails = [a.values["contact_email"] for a in self.admissions]
        return sum(map(bool, [*emails, *(r.contact_email for r in self.revisions)]))

    @property
    def signatures(self) -> list[dict[str, str]]:
        """Return the signatures from the council's files."""
        signatures = [admission.signature for admission in self.admissions]
        signatures += [revision.signature for revision in self.revisions]
        return [signature for signature in signatures if signature]

    def public_words(self) -> list[str]:
        """Return the words of the file that are public at once, or after the time to object."""
        public = [r for r in self.revisions if r.is_public]
        return [
            *(str(value) for revision in public for value in revision.values.values()),
            *(signature["document"] for signature in self.signatures),
        ]

    def outcome(self) -> str:
        """Return a sentence that sums up the plan."""
        signatures = _format_count(len(self.signatures), "signature")
        return (
            f"{_format_count(len(self.admissions), 'organisation')} added, "
            f"{len(self.revisions)} changed, "
            f"{self.unchanged} as they were; {_format_count(self.invitations, 'invitation')} sent."
            + (f" {signatures} from the council’s files." if self.signatures else "")
        )

    def digest(self) -> str:
        """Return a digest of the plan, to save exactly the plan that was previewed."""
        rows = [[a.row, a.values, a.signature] for a in self.admissions] + [
            [r.row, r.signatory.key, r.changed_values()] for r in self.revisions
        ]
        return make_digest(rows)


def load_snapshot(charter: Charter) -> RegisterSnapshot:
    """Load the register's data in a fixed number of queries."""
    signatories = list(
        charter.signatories.filter(left_on=None).select_related("organisation", "stated_signature")
    )
    by_name: dict[str, list[Signatory]] = {}
    for signatory in signatories:
        by_name.setdefault(normalise_text(signatory.organisation.legal_name), []).append(signatory)
    identifiers = list(Identifier.objects.select_related("organisation"))
    numbers: dict[int, dict[str, str]] = {}
    for identifier in identifiers:
        numbers.setdefault(identifier.organisation_id, {})[identifier.scheme] = identifier.number
    people = {
        *Membership.objects.current().values_list("organisation", "user__email"),
        *Invitation.objects.exclude(organisation=None).values_list("organisation", "email"),
    }
    return RegisterSnapshot(
        by_number={(i.scheme, i.number): i.organisation for i in identifiers},
        by_name=by_name,
        by_organisation={s.organisation_id: s for s in signatories},
        numbers=numbers,
        people=frozenset(people),
        former=frozenset(
            charter.signatories.exclude(left_on=None).values_list("organisation", flat=True)
        ),
    )


def build_plan(table: Table, snapshot: RegisterSnapshot) -> Plan:
    """Return the plan for a file, with the problems of all rows."""
    plan = Plan(
        problems=list(table.problems),
        missing=[column for column in FIELDS if column not in table.columns],
        ignored=table.unknown_columns(COLUMNS),
    )
    rows_by_mark: dict[Any, int] = {}
    for row in table.rows:
        form = OrganisationRowForm(
            {name: row.cells.get(column, "") for column, name in FIELDS.items()}
        )
        if form.is_valid():
            _add_row(plan, row, form, snapshot=snapshot, rows_by_mark=rows_by_mark)
        for name, errors in form.errors.items():
            plan.problems += [_build_remark(row, name, message) for message in errors]
        plan.notes += [_build_remark(row, name, message) for name, message in form.notes.items()]
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def current_value(signatory: Signatory, name: str) -> Any:
    return getattr(signatory if name in SIGNATORY_FIELDS else signatory.organisation, name)


def display_value(name: str, code: str) -> str:
    """Return a value as readers see it."""
    labels: dict[str, str] = {
        "kind": dict(OrganisationKind.choices),
        "size": dict(Size.choices),
        "route": dict(Route.choices),
        "sector": sectors.section_titles(),
    }.get(name, {})
    return str(labels.get(code, code))


def signature_text(signature: Mapping[str, str]) -> str:
    """Return a signature from the council's files, in one line: “3 May 2013 (form 12)”."""
    day = format_day(date.fromisoformat(signature["signed_on"]))
    return f"{day} ({signature['document']})"


def column_choices() -> dict[str, list[str]]:
    """Return the choices by column for our empty file."""
    return {
        "Kind": [str(label) for label in OrganisationKind.labels],
        "People": [str(label) for label in Size.labels],
        "Sector": list(sectors.section_titles().values()),
        "Route": [str(label) for label in Route.labels],
    }


def _format_count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _add_row(
    plan: Plan,
    row: Row,
    form: OrganisationRowForm,
    *,
    snapshot: RegisterSnapshot,
    rows_by_mark: dict[Any, int],
) -> None:
    """Add a valid row to the plan, or an error to its form if it conflicts with the register."""
    numbers, values = form.identifier_pairs(), form.values()
    name = normalise_text(values["legal_name"])
    marks: list[Any] = [*numbers] or [name]
    for mark in marks:
        if mark in rows_by_mark:
            shared = "number" if numbers else "name"
            form.add_error(
                _field_of_identifier(form, mark),
                f"Row {rows_by_mark[mark]} has the same {shared}: keep one of the two",
            )
            return
        rows_by_mark[mark] = row.number
    owners = {o.pk: o for number in numbers if (o := snapshot.by_number.get(number))}
    if len(owners) > 1:
        form.add_error("legal_name", "Its numbers are of two organisations of the register")
        return
    if owners:
        [owner] = owners.values()
        signatory = snapshot.by_organisation.get(owner.pk)
        if signatory is None and owner.pk in snapshot.former:
            form.add_error(
                "legal_name",
                f"{owner} has left the charter: invite it again on the page “Invite a signatory”",
            )
            return
    else:
        namesakes = [
            s for s in snapshot.by_name.get(name, []) if _identifiers_match(s, numbers, snapshot)
        ]
        if len(namesakes) > 1:
            form.add_error("legal_name", "Several have this name: give the number of the one")
            return
        signatory = namesakes[0] if namesakes else None
    contact = form.cleaned_data["contact_email"]
    if signatory is None:
        if not values.get("kind") and COLUMN_OF["kind"] in row.cells:
            form.notes["kind"] = "Not said what it is: this stays open"
        values |= {"identifiers": numbers, "contact_email": contact}
        plan.admissions.append(Admission(row.number, values, form.signature_values()))
        return
    revision = Revision(
        row.number,
        signatory,
        {n: value for n, value in values.items() if value != current_value(signatory, n)},
        [number for number in numbers if number not in snapshot.by_number],
        "" if (signatory.organisation_id, contact) in snapshot.people else contact,
        form.signature_values() if _takes_signature(signatory) else None,
    )
    if revision.changes_nothing:
        plan.unchanged += 1
    else:
        plan.revisions.append(revision)


def _takes_signature(signatory: Signatory) -> bool:
    """Return True for a private signatory without a signature from the council's files."""
    return not (signatory.is_public or hasattr(signatory, "stated_signature"))


def _identifiers_match(
    signatory: Signatory, numbers: list[tuple[str, str]], snapshot: RegisterSnapshot
) -> bool:
    """Return True unless a namesake has another number in the same list."""
    own_numbers = snapshot.numbers.get(signatory.organisation_id, {})
    return all(own_numbers.get(scheme, number) == number for scheme, number in numbers)


def _field_of_identifier(form: OrganisationRowForm, mark: Any) -> str:
    names = ("company_number", "charity_number", "other_number")
    return next((name for name in names if form.cleaned_data.get(name) == mark), "legal_name")


def _build_remark(row: Row, name: str, message: Any) -> Remark:
    column = COLUMN_OF.get(name, "")
    return Remark(row.number, column, row.cells.get(column, ""), str(message))
