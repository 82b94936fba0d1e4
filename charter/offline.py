"""Commitments as rows of a spreadsheet: what a row says of a promise, and what it would change."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from charter.forms.commitments import IN_WORDS, CommitmentForm
from charter.forms.fields import DayField, FigureField
from charter.forms.imports import LooseChoiceField
from charter.models import Charter, Commitment, Measure, Signatory, Theme
from charter.models.commitments import EvidenceKind
from charter.spreadsheets import Cell, plainly
from registry import places

# The columns that a signatory writes, and the field each is for.
PROMISE_FIELDS = {
    "Measure": "measure",
    "Commitment": "title",
    "What we will do": "description",
    "Target": "target_value",
    "Starting figure": "baseline_value",
    "Starting figure of": "baseline_on",
    "Start": "start_on",
    "Done by": "end_on",
    "Places": "area_codes",
    "More than usual work": "additionality",
    "Kind of evidence": "evidence_kind",
    "How people will know": "evidence_text",
}
FIGURES = {"target_value", "baseline_value", "baseline_on"}
CHOICES: dict[str, list[tuple[str, str]]] = {
    "additionality": list(Commitment.Additionality.choices),
    "evidence_kind": list(EvidenceKind.choices),
}
IS_PUBLIC = "This commitment is public: change it on its page, where you say why"
IS_SENT = "It is with the council now, so it cannot be edited"


class Menu:
    """The measures of a charter, by all that people may write for them."""

    def __init__(self, charter: Charter) -> None:
        self.words: list[str] = []
        self.keys: dict[str, str] = {}
        for theme in charter.themes.all():
            for measure in theme.measures.all():
                self._offer(measure_in_words(measure, theme), measure.key, measure.code)
            self._offer(measure_in_words(None, theme), theme.key, theme.title)

    def key(self, text: str) -> str:
        """Return the key of the measure, or theme for words, that is meant; empty for none."""
        return self.keys.get(plainly(text), "")

    def _offer(self, words: str, key: str, short: str) -> None:
        self.words.append(words)
        for name in (words, key, short):
            self.keys.setdefault(plainly(name), key)


def measure_in_words(measure: Measure | None, theme: Theme) -> str:
    return f"{measure.code} {measure.title}" if measure else f"{theme.title}: {IN_WORDS}"


def cells(commitment: Commitment) -> dict[str, Cell]:
    """Return what a promise says, by column."""
    said: dict[str, Cell] = {}
    for column, name in PROMISE_FIELDS.items():
        match name:
            case "measure":
                said[column] = measure_in_words(commitment.measure, commitment.theme)
            case "area_codes":
                said[column] = "; ".join(places.name(code) for code in commitment.area_codes)
            case "additionality" | "evidence_kind":
                code = getattr(commitment, name)
                said[column] = str(dict(CHOICES[name]).get(code, code))
            case _:
                said[column] = getattr(commitment, name)
    return said


def form(
    said: Mapping[str, str],
    *,
    signatory: Signatory,
    menu: Menu,
    commitment: Commitment | None,
    draft: bool,
) -> CommitmentForm:
    """Return the form of a promise as a row fills it in, with everything wrong with it as errors.

    `said`: the row's text by column; a column that it lacks leaves the promise as it is.
    """
    data: dict[str, Any] = {
        name: field.initial for name, field in CommitmentForm.base_fields.items() if field.initial
    }
    if commitment:
        data |= CommitmentForm.initial_of(commitment)
    wrong: dict[str, str] = {}
    for column, name in PROMISE_FIELDS.items():
        if column not in said:
            continue
        try:
            data[name] = _read(name, said[column], menu)
        except forms.ValidationError as error:
            wrong[name] = " ".join(error.messages)
            data.pop(name, None)
    filled = CommitmentForm(data, signatory=signatory, draft=draft)
    filled.full_clean()
    for name, words in wrong.items():
        filled.errors.pop(name, None)
        filled.add_error(name if name in filled.fields else None, words)
    for column, name in PROMISE_FIELDS.items():
        if name in FIGURES and name not in filled.fields and said.get(column):
            filled.errors[name] = filled.error_class(["This measure takes no number"])
    return filled


def same(column: str, one: str, other: str) -> bool:
    """Say whether two cells mean the same, however a spreadsheet wrote them."""
    name = PROMISE_FIELDS.get(column, "")
    return _meaning(name, one) == _meaning(name, other)


def as_text(cell: Cell) -> str:
    """Return a cell as reading it back would."""
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell.normalize():f}"
        case date():
            return cell.isoformat()
    return cell.strip()


def meaning_of_figure(text: str) -> str:
    return str(_or_text(lambda: f"{FigureField(required=False).clean(text).normalize():f}", text))


def meaning_of_choice(choices: list[tuple[str, str]], text: str) -> str:
    return str(
        _or_text(lambda: LooseChoiceField(choices=choices, required=False).clean(text), text)
    )


def _read(name: str, text: str, menu: Menu) -> Any:
    """Return a cell as the form takes it."""
    match name:
        case "measure":
            if text and not menu.key(text):
                raise forms.ValidationError("We do not know this measure: write its code, as LE12")
            return menu.key(text)
        case "area_codes":
            return _codes(text)
        case "additionality" | "evidence_kind":
            return LooseChoiceField(choices=CHOICES[name], required=False).clean(text)
    return text


def _codes(text: str) -> list[str]:
    """Return the codes of places that are written as names or codes, with semicolons between."""
    by_name = {place.name.casefold(): code for code, place in places.all_places().items()}
    codes = []
    for written in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        code = written.upper() if places.get(written.upper()) else by_name.get(written.casefold())
        if code is None:
            raise forms.ValidationError(f"We do not know the place “{written}”")
        codes.append(code)
    return codes


def _meaning(name: str, text: str) -> Any:
    match name:
        case "target_value" | "baseline_value":
            return meaning_of_figure(text)
        case "baseline_on" | "start_on" | "end_on":
            return _or_text(lambda: DayField(required=False).clean(text), text)
        case "area_codes":
            return _or_text(lambda: sorted(_codes(text)), text)
        case "additionality" | "evidence_kind":
            return meaning_of_choice(CHOICES[name], text)
        case "measure":
            return plainly(text)
    return text


def _or_text(read: Any, text: str) -> Any:
    """Return what a text means; itself where it means nothing."""
    try:
        return read() if text else ""
    except forms.ValidationError:
        return text
