"""What a list of organisations would make and change. Pure: a table and what is known come in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from charter.forms.imports import ListedOrganisationForm
from charter.models import Charter, Identifier, Invitation, Membership, Organisation, Signatory
from charter.spreadsheets import Remark, Row, Table, plainly
from registry import sectors

# The columns that are read, the field each is for, and how others call them.
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
    "Contact e-mail": "contact_email",
}
OTHER_NAMES = {
    "Legal name": ("EmployerName", "Employer", "Name", "Organisation", "Organisation name"),
    "Known as": ("Trading name",),
    "People": ("EmployerSize", "Size", "Employees", "Staff"),
    "Sector": ("SicCodes", "SIC code", "SIC"),
    "Company number": ("Companies House number", "CRN"),
    "Other number": ("Identifier", "org-id"),
    "Website": ("Web site", "Web address"),
    "Contact e-mail": ("Email", "E-mail address", "Contact"),
}
COLUMNS = {name: OTHER_NAMES.get(name, ()) for name in FIELDS}
COLUMN_OF = {field: column for column, field in FIELDS.items()}
OF_THE_SIGNATORY = {"route", "covers"}


@dataclass(frozen=True)
class Known:
    """What the register holds: signatories of a charter, numbers, and people already asked."""

    by_number: Mapping[tuple[str, str], Organisation]
    by_name: Mapping[str, list[Signatory]]
    by_organisation: Mapping[int, Signatory]
    numbers: Mapping[int, dict[str, str]]
    people: frozenset[tuple[int, str]]


@dataclass(frozen=True)
class Admission:
    """A row that makes a signatory."""

    row: int
    values: dict[str, Any]

    def __str__(self) -> str:
        return str(self.values["legal_name"])


@dataclass(frozen=True)
class Revision:
    """A row that changes a signatory: new values, numbers it lacked, a person to be invited."""

    row: int
    signatory: Signatory
    values: dict[str, str]
    identifiers: list[tuple[str, str]]
    contact_email: str

    @property
    def is_public(self) -> bool:
        """Say whether the public page changes; an invitation alone is nobody's business."""
        return bool(self.values or self.identifiers)

    def in_words(self) -> list[tuple[str, str, str]]:
        """Return column, value before and value after, of all that changes."""
        said = [
            (COLUMN_OF[name], words_for(name, current(self.signatory, name)), words_for(name, new))
            for name, new in self.values.items()
        ]
        said += [("Number", "", f"{scheme}-{number}") for scheme, number in self.identifiers]
        return said + ([("Invited", "", self.contact_email)] if self.contact_email else [])


@dataclass
class Plan:
    """All that a file would do, or why it may not."""

    admissions: list[Admission] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    # What the file has no column for stays open; what it has beside ours is not looked at.
    missing: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not (self.admissions or self.revisions)

    @property
    def total(self) -> int:
        """Say how many rows do something."""
        return len(self.admissions) + len(self.revisions)

    @property
    def needs_a_reason(self) -> bool:
        return any(revision.is_public for revision in self.revisions)

    @property
    def invitations(self) -> int:
        asked = [a.values["contact_email"] for a in self.admissions]
        return sum(map(bool, [*asked, *(r.contact_email for r in self.revisions)]))

    def outcome(self) -> str:
        """Say in one sentence what comes of it."""
        return (
            f"{_count(len(self.admissions), 'organisation')} added, {len(self.revisions)} changed, "
            f"{self.unchanged} as they were; {_count(self.invitations, 'invitation')} sent."
        )

    def digest(self) -> str:
        """Return what tells this plan from any other: a button is for exactly what was shown."""
        told = [[a.row, a.values] for a in self.admissions] + [
            [r.row, r.signatory.key, r.in_words()] for r in self.revisions
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def known(charter: Charter) -> Known:
    """Read what the register holds, in a few queries for any number of rows."""
    signatories = list(charter.signatories.filter(left_on=None).select_related("organisation"))
    by_name: dict[str, list[Signatory]] = {}
    for signatory in signatories:
        by_name.setdefault(plainly(signatory.organisation.legal_name), []).append(signatory)
    found = list(Identifier.objects.select_related("organisation"))
    numbers: dict[int, dict[str, str]] = {}
    for identifier in found:
        numbers.setdefault(identifier.organisation_id, {})[identifier.scheme] = identifier.number
    people = {
        *Membership.objects.current().values_list("organisation", "user__email"),
        *Invitation.objects.exclude(organisation=None).values_list("organisation", "email"),
    }
    return Known(
        by_number={(i.scheme, i.number): i.organisation for i in found},
        by_name=by_name,
        by_organisation={s.organisation_id: s for s in signatories},
        numbers=numbers,
        people=frozenset(people),
    )


def plan(table: Table, known: Known) -> Plan:
    """Say what a file would make and change; problems of all rows at once."""
    made = Plan(
        problems=list(table.problems),
        missing=[column for column in FIELDS if column not in table.columns],
        ignored=table.ignored(COLUMNS),
    )
    seen: dict[Any, int] = {}
    for row in table.rows:
        form = ListedOrganisationForm(
            {name: row.cells.get(column, "") for column, name in FIELDS.items()}
        )
        if form.is_valid():
            _take(made, row, form, known, seen)
        for name, errors in form.errors.items():
            made.problems += [_remark(row, name, words) for words in errors]
        made.notes += [_remark(row, name, words) for name, words in form.notes.items()]
    made.problems.sort(key=lambda problem: problem.row)
    return made


def current(signatory: Signatory, name: str) -> Any:
    return getattr(signatory if name in OF_THE_SIGNATORY else signatory.organisation, name)


def words_for(name: str, code: str) -> str:
    """Say a value as people read it."""
    labels: dict[str, str] = {
        "kind": dict(Organisation.Kind.choices),
        "size": dict(Organisation.Size.choices),
        "route": dict(Signatory.Route.choices),
        "sector": sectors.sections(),
    }.get(name, {})
    return str(labels.get(code, code))


def choices() -> dict[str, list[str]]:
    """Return what people may choose from in a column of our empty file."""
    return {
        "Kind": [str(words) for words in Organisation.Kind.labels],
        "People": [str(words) for words in Organisation.Size.labels],
        "Sector": list(sectors.sections().values()),
        "Route": [str(words) for words in Signatory.Route.labels],
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _take(
    made: Plan, row: Row, form: ListedOrganisationForm, known: Known, seen: dict[Any, int]
) -> None:
    """Put a row that can be read into the plan, unless something in the register speaks against."""
    numbers, values = form.identifiers(), form.values()
    name = plainly(values["legal_name"])
    marks: list[Any] = [*numbers] or [name]
    for mark in marks:
        if mark in seen:
            what = "number" if numbers else "name"
            form.add_error(
                _field_of(form, mark), f"Row {seen[mark]} has the same {what}: keep one of the two"
            )
            return
        seen[mark] = row.number
    owners = {o.pk: o for number in numbers if (o := known.by_number.get(number))}
    if len(owners) > 1:
        form.add_error("legal_name", "Its numbers are of two organisations of the register")
        return
    if owners:
        [owner] = owners.values()
        signatory = known.by_organisation.get(owner.pk)
        if signatory is None:
            form.add_error(
                "legal_name",
                f"{owner} has left the charter: invite it again on the page “Invite a signatory”",
            )
            return
    else:
        namesakes = [s for s in known.by_name.get(name, []) if _fits(s, numbers, known)]
        if len(namesakes) > 1:
            form.add_error("legal_name", "Several have this name: give the number of the one")
            return
        signatory = namesakes[0] if namesakes else None
    contact = form.cleaned_data["contact_email"]
    if signatory is None:
        if not values.get("kind") and COLUMN_OF["kind"] in row.cells:
            form.notes["kind"] = "Not said what it is: this stays open"
        values |= {"identifiers": numbers, "contact_email": contact}
        made.admissions.append(Admission(row.number, values))
        return
    revision = Revision(
        row.number,
        signatory,
        {n: value for n, value in values.items() if value != current(signatory, n)},
        [number for number in numbers if number not in known.by_number],
        "" if (signatory.organisation_id, contact) in known.people else contact,
    )
    if revision.is_public or revision.contact_email:
        made.revisions.append(revision)
    else:
        made.unchanged += 1


def _fits(signatory: Signatory, numbers: list[tuple[str, str]], known: Known) -> bool:
    """Say whether a namesake can be the one meant: it has no other number in the same list."""
    own = known.numbers.get(signatory.organisation_id, {})
    return all(own.get(scheme, number) == number for scheme, number in numbers)


def _field_of(form: ListedOrganisationForm, mark: Any) -> str:
    names = ("company_number", "charity_number", "other_number")
    return next((name for name in names if form.cleaned_data.get(name) == mark), "legal_name")


def _remark(row: Row, name: str, words: Any) -> Remark:
    column = COLUMN_OF.get(name, "")
    return Remark(row.number, column, row.cells.get(column, ""), str(words))
