"""Seed data of the demonstration: fictitious signatories, their commitments and updates.

The tables are in signatories/*.toml; a key that is not a field below is an error. Days are counted
back from today for `ago`, and from the publication of a commitment for `after`.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from registry.reference_data import places

SEEDS = Path(__file__).parent / "signatories"
FIGURE_FIELDS = ("target", "baseline", "percentage_of")

# The planned evidence of commitments without a text of their own for it.
EVIDENCE_TEXTS = {
    "payroll": "A payroll extract without names",
    "invoices": "An extract from our purchase ledger, with suppliers' postcodes",
    "attendance": "Attendance sheets without names",
    "partner_letter": "A letter from each school or group we work with",
    "timesheet": "Timesheets signed by the group we helped",
    "photograph": "Photographs taken before and after",
    "case_study": "A short case study with quotations from the people involved",
    "management_information": "Our report to the board",
    "survey": "Survey results, with the number of people asked",
    "certificate": "A copy of the certificate",
    "evaluation": "An independent evaluation report",
    "environment_record": "Meter readings and weighbridge tickets",
    "public_link": "A public statement on our website",
}


@dataclass(frozen=True)
class UpdateSeed:
    """The update for one period; a `figure` of None reports no change.

    A `final` one closes the commitment; without a number it says the `result`.
    """

    figure: str | None
    narrative: str = ""
    view: str = "on_track"
    final: bool = False
    result: str = ""
    why: str = ""  # The reason for a missing figure.
    obstacles: str = ""
    lessons: str = ""
    # Evidence: a page of the signatory's website, a sample file, the reason for a withheld page.
    link: str = ""
    file: str = ""
    hidden: str = ""
    evaluation: str = ""  # Its author.
    check: tuple[str, str, str] | None = None  # Result, finding, reply ("waits": none yet).
    confirm: tuple[str, str, bool] | None = None  # Body, answer, may be named.
    stays: str = ""  # "waits" for the council, or "returned" by it.
    returned: str = ""


@dataclass(frozen=True)
class ChangeSeed:
    """A change `after` days after the commitment's publication, or before today if negative."""

    after: int
    action: str
    reason: str
    target: str = ""
    months: int = 0
    end: str = ""
    pointed_out: bool = False  # By a reader.
    ground: str = ""  # Of a downward correction by the council.
    document: str = ""
    waits: bool = False


@dataclass(frozen=True)
class CommitmentSeed:
    """A commitment, with its delivery and its reporting.

    `updates` has one update for each period, sent `late` days after its due date (negative:
    before). When they are used up, no more are sent.
    """

    measure: str
    title: str
    description: str
    shows: str
    showing: str = ""
    target: str = ""
    baseline: str = ""
    percentage_of: str = ""
    months: int = 24
    wards: tuple[str, ...] = ()
    core: bool = False
    role: str = ""
    cadence: str = ""  # Empty for the charter's cadence.
    after: int = 3  # Days after joining.
    late: int | None = None
    like: str = ""  # "Signatory: title of its commitment".
    updates: tuple[UpdateSeed, ...] = ()
    changes: tuple[ChangeSeed, ...] = ()
    # Days after publication, title, text, page on it, sample file.
    successes: tuple[tuple[Any, ...], ...] = ()
    stays: str = ""  # In the "queue", "returned" or "draft".
    returned: str = ""


@dataclass(frozen=True)
class SignatorySeed:
    """A fictitious signatory of any kind, which joined `joined` days ago."""

    name: str
    kind: str
    size: str
    sector: str
    route: str
    owner: str
    joined: int
    commitments: tuple[CommitmentSeed, ...]
    late: int = -20
    sponsor: str = ""
    editor: str = ""
    helper: bool = False  # A support body sends its updates.
    social_enterprise: bool = False
    wards: tuple[str, ...] = ()
    number: tuple[str, str] | None = None
    website: str = ""
    covers: str = ""
    standing: str = "accredited"
    contract: dict[str, Any] = field(default_factory=dict)
    # Events, each with its days ago.
    paused: tuple[int, int, str] | None = None  # For days, reason.
    extended: tuple[int, int, str] | None = None  # By days, reason.
    renamed: tuple[int, str, str] | None = None  # Name, reason.
    delegated: tuple[int, str, str] | None = (
        None  # Title of the commitment, address of the colleague.
    )
    helped: tuple[int, str, str, str] | None = None  # Commitment, message, answer if any.
    suspended: tuple[int, str, str] | None = None  # Reason, plan.
    reinstated: tuple[int, str] | None = None  # Reason.
    left: tuple[int, str, str, str] | None = None  # Standing, reason, successor.
    lost: tuple[int, ...] = ()  # Its address was gone.
    retracted: tuple[int, str] | None = None  # That was the council's fault: what went wrong.
    emptied: tuple[int, ...] = ()  # Its last person left.
    called: tuple[int, str, str] | None = None  # “letter” or “call”, note.
    letter: tuple[int, ...] = ()  # The council published a letter.
    # Title of the commitment, and the reply beside what its page says.
    replied: tuple[int, str, str] | None = None

    @property
    def address(self) -> str:
        """Return the address of its fictitious website."""
        return f"https://www.example.org/{self.owner.partition('@')[2].partition('.')[0]}"


@cache
def signatory_seeds() -> tuple[SignatorySeed, ...]:
    """Return all signatories in the order of joining."""
    seeds = [_signatory_seed(table) for table in _read_tables("signatory")]
    return tuple(sorted(seeds, key=lambda seed: (-seed.joined, seed.name)))


def application_rows() -> list[dict[str, Any]]:
    """Return applications: the form's fields, `asked` days ago, and who `signed` on that day."""
    return _read_tables("application")


def invitation_rows() -> list[dict[str, Any]]:
    """Return organisations `invited` days ago that are not public: the fields of the form.

    One may have `declined` days ago. One with `signed_on` and `document` is a row of an import.
    """
    return _read_tables("invitation")


def featured_record_rows() -> list[dict[str, Any]]:
    """Return features: `about` "Signatory: title of a commitment or success", `why`, `chosen`.

    They were chosen that many days ago.
    """
    return _read_tables("featured_record")


def error_reports() -> list[dict[str, Any]]:
    """Return readers' error reports.

    They have `about` "Signatory: title", the `wrong` and the `right` text, and `reported` days ago.
    If a report was `decided` days ago, they also have `put_right` and the council's `comments`.
    """
    return _read_tables("error_report")


def follower_rows() -> list[dict[str, Any]]:
    """Return requests to follow a commitment, a `ward` or everything.

    They were `asked` days ago and possibly `confirmed` days ago.
    """
    return _read_tables("follower")


def redaction_rows() -> list[dict[str, Any]]:
    """Return redactions: the `text`, the code of the `reason`, and the days ago it was `found`."""
    return _read_tables("redaction")


def area_codes(wards: tuple[str, ...]) -> list[str]:
    """Return the codes of places by their names."""
    by_name = {place.name: code for code, place in places.all_places().items()}
    return [by_name[ward] for ward in wards]


def _read_tables(name: str) -> list[dict[str, Any]]:
    files = [tomllib.loads(path.read_text()) for path in sorted(SEEDS.glob("*.toml"))]
    return [table for file in files for table in file.get(name, [])]


def _signatory_seed(table: dict[str, Any]) -> SignatorySeed:
    commitments = tuple(_commitment_seed(commitment) for commitment in table.pop("commitment"))
    return SignatorySeed(
        commitments=commitments, **{name: _list_to_tuple(value) for name, value in table.items()}
    )


def _commitment_seed(table: dict[str, Any]) -> CommitmentSeed:
    updates = tuple(_update_seed(update) for update in table.pop("updates", []))
    changes = tuple(_change_seed(change) for change in table.pop("changes", []))
    successes = tuple(_list_to_tuple(success) for success in table.pop("successes", []))
    fields: dict[str, Any] = {
        name: str(value) if name in FIGURE_FIELDS else _list_to_tuple(value)
        for name, value in table.items()
    }
    return CommitmentSeed(updates=updates, changes=changes, successes=successes, **fields)


def _update_seed(row: Any) -> UpdateSeed:
    if row == "same":
        return UpdateSeed(None)
    figure, narrative, *details = row
    return UpdateSeed(
        str(figure), narrative, **{n: _list_to_tuple(v) for n, v in (details or [{}])[0].items()}
    )


def _change_seed(row: list[Any]) -> ChangeSeed:
    after, action, reason, values = row
    if "target" in values:
        values["target"] = str(values["target"])
    return ChangeSeed(after, action, reason, **values)


def _list_to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
