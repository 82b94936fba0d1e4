"""What a signatory's spreadsheet would change, row by row, and the changing of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from charter import offline
from charter.actions import commitments
from charter.forms.commitments import CommitmentForm
from charter.models import Commitment, Signatory, User
from charter.offline import PROMISE_FIELDS
from charter.spreadsheets import Remark, Row, Table
from charter.workflow import CommitmentStatus
from reporting.actions import updates
from reporting.forms.updates import Answer, UpdateForm
from reporting.models import Evidence, ProgressUpdate
from reporting.offline import (
    ANSWERS,
    ASSESSMENTS,
    BY_ANSWER,
    COLUMNS,
    LINK,
    NEWS_FIELDS,
    SEND,
    VERSION,
    Held,
    Holdings,
    cells,
    same,
)

YES = {"yes": True, "y": True, "x": True, "true": True, "1": True, "no": False, "": False}


@dataclass(frozen=True)
class Step:
    """What one row would do."""

    row: int
    title: str
    said: list[tuple[str, str, str]]  # column, before, after
    signatory: Signatory
    held: Held | None  # none: a new commitment
    promise: dict[str, Any] | None
    news: dict[str, Any] | None
    sends: bool

    @property
    def is_news(self) -> bool:
        return self.held is not None and self.held.commitment.status == CommitmentStatus.PUBLISHED


@dataclass
class Plan:
    """All that a file would do, or why it may not."""

    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """Return what tells this plan from any other: a button is for exactly what was shown."""
        told = [
            [s.row, s.title, s.said, s.sends, s.held.version if s.held else ""] for s in self.steps
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def outcome(self) -> str:
        """Say in one sentence what comes of it."""
        new = sum(step.held is None for step in self.steps)
        news = sum(step.is_news for step in self.steps)
        return (
            f"New commitments: {new}. Changed drafts: {len(self.steps) - new - news}. "
            f"News: {news}. Sent to the council: {sum(step.sends for step in self.steps)}."
        )


def plan(table: Table, holdings: Holdings) -> Plan:
    """Say what a file would do; problems of all rows at once."""
    made = Plan(problems=list(table.problems), ignored=table.ignored(COLUMNS))
    seen: dict[Any, int] = {}
    for row in table.rows:
        reading = _Reading(row, holdings, seen)
        step = reading.step()
        made.problems += reading.problems
        if step and not reading.problems:
            made.steps.append(step)
        made.unchanged += step is None and not reading.problems
    made.problems.sort(key=lambda problem: problem.row)
    return made


@transaction.atomic
def apply(steps: Sequence[Step], *, by: User) -> None:
    """Do all that was planned, or nothing. What is published comes last."""
    told = []
    for step in steps:
        commitment = step.held.commitment if step.held else None
        if commitment is None:
            commitment = commitments.start(by=by, signatory=step.signatory, **(step.promise or {}))
        elif step.promise:
            commitment = commitments.save(
                commitment, by=by, version=commitment.version, **step.promise
            )
        if step.is_news:
            update = updates.start(commitment, by=by)
            if step.news:
                update = updates.save(update, by=by, version=update.version, **step.news)
            if step.sends:
                told.append(update)
        elif step.sends:
            commitments.submit(commitment, by=by)
    updates.submit_all(told, by=by)


class _Reading:
    """One row, compared with what is saved, with everything that is wrong with it."""

    def __init__(self, row: Row, holdings: Holdings, seen: dict[Any, int]) -> None:
        self.row, self.holdings, self.seen = row, holdings, seen
        self.problems: list[Remark] = []

    def step(self) -> Step | None:
        """Return what the row would do; None where it does nothing or says something wrong."""
        key = self.row.cells.get("Key", "").upper()
        sends = self._sends()
        if not key:
            return self._new(sends=sends)
        held = self.holdings.held.get(key)
        if held is None:
            self._wrong("Key", "You have no commitment of this key. Leave it empty for one")
            return None
        if self._is_twice(key, "Key", "key"):
            return None
        return self._change(held, sends=sends)

    def _new(self, *, sends: bool) -> Step | None:
        said = {c: self.row.cells[c] for c in PROMISE_FIELDS if c in self.row.cells}
        if not any(said.values()):
            self._wrong("Commitment", "A new commitment needs its sentence and its measure")
            return None
        signatory = self.holdings.signatory(self.row.cells.get("Signatory", ""))
        if signatory is None:
            self._wrong("Signatory", "Name one of your organisations as the register does")
            return None
        self._check_may_write(signatory)
        title = said.get("Commitment", "").casefold()
        if key := self.holdings.titles.get((signatory.pk, title)):
            self._wrong("Commitment", f"You have this commitment already: its key is {key}")
        elif title:
            self._is_twice((signatory.pk, title), "Commitment", "sentence")
        for column in NEWS_FIELDS:
            if self.row.cells.get(column):
                self._wrong(column, "News can be told once the commitment is public")
        filled = self._promise(said, signatory, None, sends=sends)
        if self.problems:
            return None
        changed = [(column, "", text) for column, text in said.items() if text]
        values = filled.values()
        return Step(self.row.number, values["title"], changed, signatory, None, values, None, sends)

    def _change(self, held: Held, *, sends: bool) -> Step | None:
        commitment, signatory = held.commitment, held.commitment.signatory
        saved = {column: offline.as_text(cell) for column, cell in cells(held).items()}
        changed = {
            column: text
            for column, text in self.row.cells.items()
            if column in PROMISE_FIELDS | NEWS_FIELDS and not same(column, text, saved[column])
        }
        if not changed and not sends:
            return None
        self._check_may_write(signatory)
        if changed and self.row.cells.get(VERSION, held.version) != held.version:
            self._wrong(VERSION, "Somebody saved it after you got the file: get the file again")
        is_draft = commitment.is_working_copy
        for column in changed:
            if column in PROMISE_FIELDS and not is_draft:
                sent = commitment.status == CommitmentStatus.SUBMITTED
                self._wrong(column, offline.IS_SENT if sent else offline.IS_PUBLIC)
            elif column in NEWS_FIELDS and held.update is None:
                self._wrong(column, "No news is asked of this commitment now")
        told = {column: self.row.cells.get(column, saved[column]) for column in NEWS_FIELDS}
        promise, news = None, None
        if is_draft:
            promise = self._promise(self.row.cells, signatory, commitment, sends=sends)
        elif held.update and any(told.values()):
            linked = any(column in changed for column in LINK)
            news = self._news(told, held.update, sends=sends, linked=linked)
        elif sends:
            self._wrong(SEND, "There is nothing to send")
        if self.problems:
            return None
        said = [(column, saved[column], text) for column, text in changed.items()]
        return Step(
            self.row.number,
            commitment.title,
            said,
            signatory,
            held,
            promise.values() if promise else None,
            news.values() | self._evidence(held, news, changed) if news else None,
            sends,
        )

    def _promise(
        self,
        said: dict[str, str],
        signatory: Signatory,
        commitment: Commitment | None,
        *,
        sends: bool,
    ) -> CommitmentForm:
        filled = offline.form(
            said,
            signatory=signatory,
            menu=self.holdings.menu(signatory),
            commitment=commitment,
            draft=not sends,
        )
        columns = {name: column for column, name in PROMISE_FIELDS.items()}
        for name, errors in filled.errors.items():
            for words in errors:
                self._wrong(columns.get(name, "Commitment"), str(words))
        return filled

    def _news(
        self, told: dict[str, str], update: ProgressUpdate, *, sends: bool, linked: bool
    ) -> UpdateForm:
        answer = offline.meaning_of_choice(ANSWERS, told["News"]) or Answer.NUMBER
        fields = BY_ANSWER.get(Answer(answer) if answer in Answer.values else Answer.NUMBER, {})
        data = UpdateForm.initial_of(update) | dict.fromkeys(
            [*NEWS_FIELDS.values(), "remark", "talk"], ""
        )
        data |= {
            name: told[column]
            for column, name in fields.items()
            if linked or column not in LINK  # what was given already is not given again
        }
        data |= {"answer": answer, "evidence_kind": Evidence.Kind.WEB_PAGE}
        if "self_assessment" in fields.values():
            stands = offline.meaning_of_choice(ASSESSMENTS, told["How it stands"])
            data["self_assessment"] = stands
        filled = UpdateForm(data, update=update, draft=not sends)
        columns = {name: column for column, name in fields.items()}
        labels = {"News": ANSWERS, "How it stands": ASSESSMENTS}
        for name, errors in filled.errors.items():
            column = columns.get(name, "News")
            for words in errors:
                choices = labels.get(column, [])
                known = f"Write one of: {', '.join(words for _, words in choices)}"
                code = offline.meaning_of_choice(choices, told[column])
                unknown = choices and told[column] and code not in dict(choices)
                self._wrong(column, known if unknown else str(words))
        for column, text in told.items():
            if text and column not in fields:
                self._wrong(column, f"Leave this empty beside “{dict(ANSWERS)[answer]}”")
            elif text and fields.get(column) not in filled.fields:
                self._wrong(column, "This measure takes no such figure")
        return filled

    def _evidence(self, held: Held, news: UpdateForm, changed: dict[str, str]) -> dict[str, Any]:
        """Return the link to give and the one whose place it takes."""
        if not any(column in changed for column in LINK):
            return {}
        return {
            "evidence": news.evidence(),
            "without": [str(held.link.reference)] if held.link else [],
        }

    def _sends(self) -> bool:
        text = self.row.cells.get(SEND, "").casefold()
        if text not in YES:
            self._wrong(SEND, "Write yes to send it to the council, or leave it empty")
        return YES.get(text, False)

    def _check_may_write(self, signatory: Signatory) -> None:
        if signatory.pk not in self.holdings.writes:
            words = f"Only an owner or editor of {signatory} can write for it"
            self._wrong("Signatory", words)

    def _is_twice(self, mark: Any, column: str, what: str) -> bool:
        if mark in self.seen:
            self._wrong(column, f"Row {self.seen[mark]} has the same {what}: keep one of the two")
            return True
        self.seen[mark] = self.row.number
        return False

    def _wrong(self, column: str, words: str) -> None:
        value = self.row.cells.get(column, "")
        self.problems.append(Remark(self.row.number, column, value, words))
