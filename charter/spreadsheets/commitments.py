"""Commitments as rows of a spreadsheet: writing them, and parsing edited rows into forms."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from charter.forms.commitments import NO_MEASURE_LABEL, CommitmentForm
from charter.forms.fields import DayField, FigureField
from charter.forms.imports import LooseChoiceField
from charter.models import Charter, Commitment, Measure, Signatory, Theme
from charter.models.commitments import EvidenceKind
from charter.spreadsheets.tables import Cell, normalise_text
from registry.reference_data import places

# The columns for signatories to fill in, with their form fields.
COMMITMENT_FIELDS = {
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
FIGURE_FIELDS = {"target_value", "baseline_value", "baseline_on"}
CHOICES: dict[str, list[tuple[str, str]]] = {
    "additionality": list(Commitment.Additionality.choices),
    "evidence_kind": list(EvidenceKind.choices),
}
ALREADY_PUBLIC = "This commitment is public: change it on its page, where you say why"
ALREADY_SUBMITTED = "It is with the council now, so it cannot be edited"


class MeasureMenu:
    """A charter's measures, with every label, key and code that people may write for them."""

    def __init__(self, charter: Charter) -> None:
        self.labels: list[str] = []
        self.keys: dict[str, str] = {}
        for theme in charter.themes.all():
            for measure in theme.measures.all():
                self._add_choice(measure_label(measure, theme), measure.key, measure.code)
            self._add_choice(measure_label(None, theme), theme.key, theme.title)

    def find_key(self, text: str) -> str:
        """Return the key of a measure, or of a theme for commitments in words; "" if unknown."""
        return self.keys.get(normalise_text(text), "")

    def _add_choice(self, label: str, key: str, short_name: str) -> None:
        self.labels.append(label)
        for name in (label, key, short_name):
            self.keys.setdefault(normalise_text(name), key)


def measure_label(measure: Measure | None, theme: Theme) -> str:
    return f"{measure.code} {measure.title}" if measure else f"{theme.title}: {NO_MEASURE_LABEL}"


def commitment_cells(commitment: Commitment) -> dict[str, Cell]:
    """Return a commitment's values by column."""
    cells: dict[str, Cell] = {}
    for column, name in COMMITMENT_FIELDS.items():
        match name:
            case "measure":
                cells[column] = measure_label(commitment.measure, commitment.theme)
            case "area_codes":
                cells[column] = "; ".join(places.place_name(code) for code in commitment.area_codes)
            case "additionality" | "evidence_kind":
                code = getattr(commitment, name)
                cells[column] = str(dict(CHOICES[name]).get(code, code))
            case _:
                cells[column] = getattr(commitment, name)
    return cells


def build_form(
    cells: Mapping[str, str],
    *,
    signatory: Signatory,
    menu: MeasureMenu,
    commitment: Commitment | None,
    draft: bool,
) -> CommitmentForm:
    """Return a validated form with the row's values; all problems of the row are its errors.

    `cells` has text by column. A missing column leaves the commitment's value unchanged.
    """
    data: dict[str, Any] = {
        name: field.initial for name, field in CommitmentForm.base_fields.items() if field.initial
    }
    if commitment:
        data |= CommitmentForm.initial_of(commitment)
    errors: dict[str, str] = {}
    for column, name in COMMITMENT_FIELDS.items():
        if column not in cells:
            continue
        try:
            data[name] = _parse_cell(name, cells[column], menu)
        except forms.ValidationError as error:
            errors[name] = " ".join(error.messages)
            data.pop(name, None)
    form = CommitmentForm(data, signatory=signatory, draft=draft)
    form.full_clean()
    for name, message in errors.items():
        form.errors.pop(name, None)
        form.add_error(name if name in form.fields else None, message)
    for column, name in COMMITMENT_FIELDS.items():
        if name in FIGURE_FIELDS and name not in form.fields and cells.get(column):
            form.errors[name] = form.error_class(["Leave blank: this measure takes none"])
    return form


def is_same_cell(column: str, first: str, second: str) -> bool:
    """Return True if two cells mean the same, despite different formats."""
    name = COMMITMENT_FIELDS.get(column, "")
    return _normalise_cell(name, first) == _normalise_cell(name, second)


def as_text(cell: Cell) -> str:
    """Return a cell as text, equal to reading it back from a file."""
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell.normalize():f}"
        case date():
            return cell.isoformat()
    return cell.strip()


def normalise_figure(text: str) -> str:
    field = FigureField(required=False, min_value=None)
    return str(_parse_or_text(lambda: f"{field.clean(text).normalize():f}", text))


def normalise_choice(choices: list[tuple[str, str]], text: str) -> str:
    return str(
        _parse_or_text(lambda: LooseChoiceField(choices=choices, required=False).clean(text), text)
    )


def _parse_cell(name: str, text: str, menu: MeasureMenu) -> Any:
    """Return a cell's value as form data; raise ValidationError if it is unknown."""
    match name:
        case "measure":
            if text and not menu.find_key(text):
                raise forms.ValidationError("We do not know this measure: write its code, as LE12")
            return menu.find_key(text)
        case "area_codes":
            return _parse_places(text)
        case "additionality" | "evidence_kind":
            return LooseChoiceField(choices=CHOICES[name], required=False).clean(text)
    return text


def _parse_places(text: str) -> list[str]:
    """Return place codes from names or codes, separated by semicolons or new lines."""
    by_name = {place.name.casefold(): code for code, place in places.all_places().items()}
    codes = []
    for name in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        code = name.upper() if places.get_place(name.upper()) else by_name.get(name.casefold())
        if code is None:
            raise forms.ValidationError(f"We do not know the place “{name}”")
        codes.append(code)
    return codes


def _normalise_cell(name: str, text: str) -> Any:
    match name:
        case "target_value" | "baseline_value":
            return normalise_figure(text)
        case "baseline_on" | "start_on" | "end_on":
            return _parse_or_text(lambda: DayField(required=False).clean(text), text)
        case "area_codes":
            return _parse_or_text(lambda: sorted(_parse_places(text)), text)
        case "additionality" | "evidence_kind":
            return normalise_choice(CHOICES[name], text)
        case "measure":
            return normalise_text(text)
    return text


def _parse_or_text(parse: Any, text: str) -> Any:
    """Return the parsed text, or the text itself if it is invalid."""
    try:
        return parse() if text else ""
    except forms.ValidationError:
        return text
