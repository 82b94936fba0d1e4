"""Promises and the news owed of them as rows of a spreadsheet: what is given out."""

from dataclasses import dataclass
from datetime import date

from charter import offline, permissions
from charter.models import Commitment, Signatory, User
from charter.offline import PROMISE_FIELDS
from charter.spreadsheets import Cell
from registry import clock
from registry.website import words
from reporting.actions import updates
from reporting.forms.updates import Answer, told
from reporting.models import Evidence, ProgressUpdate
from reporting.models.updates import SelfAssessment

# The columns of news that a signatory writes, and the field each is for.
NEWS_FIELDS = {
    "News": "answer",
    "To date": "value",
    "Out of": "base",
    "Not measured because": "not_measured_reason",
    "How it stands": "self_assessment",
    "What happened": "narrative",
    "In the way": "obstacles",
    "Learned": "lessons",
    "Evidence": "evidence_title",
    "Link to evidence": "evidence_url",
}
# One link; more of them, and files, are given on the page of the update.
LINK = ("Evidence", "Link to evidence")
SEND, VERSION = "Send", "Version"
# What says which row is which, and what was told last: a change there changes nothing.
COLUMNS = [
    "Key",
    "Signatory",
    "Status",
    *PROMISE_FIELDS,
    "Told last",
    "News due",
    *NEWS_FIELDS,
    SEND,
    VERSION,
]
# Which field of the form a column fills, by answer; the other columns of news stay empty then.
BY_ANSWER = {
    Answer.SAME: {"News": "answer", "What happened": "remark"},
    Answer.NUMBER: NEWS_FIELDS,
    Answer.TALK: {"News": "answer", "In the way": "talk"},
}
ANSWERS = [(str(code), str(words)) for code, words in Answer.choices]
ASSESSMENTS = [(str(code), str(words)) for code, words in SelfAssessment.choices]


@dataclass(frozen=True)
class Held:
    """A commitment with the news that is owed of it now, if any."""

    commitment: Commitment
    update: ProgressUpdate | None

    @property
    def link(self) -> Evidence | None:
        """Return the first link given with the news so far."""
        given = self.update.evidence.exclude(url="") if self.update and self.update.pk else None
        return given.order_by("pk").first() if given is not None else None

    @property
    def version(self) -> str:
        """Name what was saved, so that a colleague's later saving is noticed."""
        begun = self.update.version if self.update and self.update.pk else 0
        return f"v{self.commitment.version}u{begun}"


class Holdings:
    """What a person may see and write, read once for all rows."""

    def __init__(self, user: User, today: date) -> None:
        self.user = user
        self.signatories = list(
            Signatory.objects.for_user(user)
            .filter(left_on=None)
            .select_related("charter", "organisation")
            .prefetch_related("charter__themes__measures")
        )
        self.held = {
            commitment.key: Held(commitment, updates.expected(commitment, today))
            for commitment in Commitment.objects.for_user(user)
            .select_related("signatory__charter", "signatory__organisation", "theme", "measure")
            .prefetch_related("signatory__charter__themes__measures")
            .order_by("pk")
        }
        self.titles = {
            (held.commitment.signatory_id, held.commitment.title.casefold()): key
            for key, held in self.held.items()
        }
        self.writes = set(permissions.writes_for(user).values_list("pk", flat=True))
        self.menus: dict[int, offline.Menu] = {}

    def menu(self, signatory: Signatory) -> offline.Menu:
        if signatory.charter_id not in self.menus:
            self.menus[signatory.charter_id] = offline.Menu(signatory.charter)
        return self.menus[signatory.charter_id]

    def signatory(self, text: str) -> Signatory | None:
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


def rows(holdings: Holdings) -> list[list[Cell]]:
    """Return the spreadsheet of a person: a row for each commitment."""
    return [list(cells(held).values()) for held in holdings.held.values()]


def choices(holdings: Holdings) -> dict[str, list[str]]:
    """Return what people may choose from, by column."""
    offered = {
        "News": [label for _, label in ANSWERS],
        "How it stands": [label for _, label in ASSESSMENTS],
        SEND: ["yes"],
    }
    for column, name in PROMISE_FIELDS.items():
        if name in offline.CHOICES:
            offered[column] = [label for _, label in offline.CHOICES[name]]
    if holdings.signatories:
        offered["Measure"] = holdings.menu(holdings.signatories[0]).words
    return offered


def cells(held: Held) -> dict[str, Cell]:
    """Return what is saved of a commitment and its owed news, by column and in their order."""
    commitment, update = held.commitment, held.update
    said: dict[str, Cell] = dict.fromkeys(COLUMNS)
    said |= offline.cells(commitment)
    said |= {
        "Key": commitment.key,
        "Signatory": str(commitment.signatory),
        "Status": commitment.get_status_display(),
        "Told last": _told_last(commitment),
        "News due": update.period.due_on if update else None,
        VERSION: held.version,
    }
    if update and update.pk:
        begun = told(update)
        answer = begun["answer"]
        for column, name in BY_ANSWER.get(answer, {}).items():
            said[column] = begun.get(name)
        said["News"] = dict(ANSWERS).get(answer)
        if answer == Answer.NUMBER:
            said["How it stands"] = dict(ASSESSMENTS)[begun["self_assessment"]]
            if link := held.link:
                said |= dict(zip(LINK, (link.title, link.url), strict=True))
    return said


def _told_last(commitment: Commitment) -> str | None:
    last = updates.last_sent(commitment)
    if last is None or last.submitted_at is None:
        return None
    return f"{last.in_short}, {words.day(clock.local_date(last.submitted_at))}"


def same(column: str, one: str, other: str) -> bool:
    match NEWS_FIELDS.get(column):
        case "value" | "base":
            return offline.meaning_of_figure(one) == offline.meaning_of_figure(other)
        case "answer":
            return offline.meaning_of_choice(ANSWERS, one) == offline.meaning_of_choice(
                ANSWERS, other
            )
        case "self_assessment":
            return offline.meaning_of_choice(ASSESSMENTS, one) == offline.meaning_of_choice(
                ASSESSMENTS, other
            )
    return offline.same(column, one, other)
