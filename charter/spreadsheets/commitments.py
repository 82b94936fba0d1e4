"""Commitments as rows of a spreadsheet: writing them, and parsing edited rows into forms."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from charter.forms.commitment_fields import code_choices
from charter.forms.commitments import NO_MEASURE_LABEL, CommitmentForm
from charter.forms.fields import DayField, FigureField
from charter.forms.imports import LooseChoiceField
from charter.models import Charter, Commitment, Measure, Signatory, Theme
from charter.spreadsheets.tables import Cell, normalise_text
from registry.reference_data import places
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType

# The columns for signatories to fill in. A contract is added on the page.
COMMITMENT_COLUMNS = {
    declared.label: declared
    for declared in COMMITMENT_FIELDS
    if declared.type is not FieldType.CONTRACT
}
ALREADY_PUBLIC = "This commitment is public. Change it on its page, where you give a reason"
ALREADY_SUBMITTED = "The council is reviewing it, so it cannot be edited now"


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
    return {
        column: _commitment_cell(declared, commitment)
        for column, declared in COMMITMENT_COLUMNS.items()
    }


def _commitment_cell(declared: CommitmentField, commitment: Commitment) -> Cell:
    if not commitment.takes(declared):
        return None
    value: Any = getattr(commitment, declared.name)
    match declared.type:
        case FieldType.MEASURE:
            return measure_label(commitment.measure, commitment.theme)
        case FieldType.PLACES:
            return "; ".join(places.place_name(code) for code in value)
        case FieldType.CODE:
            return dict(code_choices(declared)).get(value, value)
    return value


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
    data = CommitmentForm.initial_of_new(signatory)
    if commitment:
        data |= CommitmentForm.initial_of(commitment)
    errors: dict[str, str] = {}
    for column, declared in COMMITMENT_COLUMNS.items():
        if column not in cells:
            continue
        try:
            data[declared.name] = _parse_cell(declared, cells[column], menu)
        except forms.ValidationError as error:
            errors[declared.name] = " ".join(error.messages)
            data.pop(declared.name, None)
    form = CommitmentForm(data, signatory=signatory, draft=draft)
    form.full_clean()
    for name, message in errors.items():
        form.errors.pop(name, None)
        form.add_error(name if name in form.fields else None, message)
    for column, declared in COMMITMENT_COLUMNS.items():
        if declared.needs and declared.name not in form.fields and cells.get(column):
            form.errors[declared.name] = form.error_class(["Leave blank: this measure takes none"])
    return form


def is_same_cell(column: str, first: str, second: str) -> bool:
    """Return True if two cells mean the same, despite different formats."""
    declared = COMMITMENT_COLUMNS.get(column)
    if declared is None:
        return first == second
    return bool(_normalise_cell(declared, first) == _normalise_cell(declared, second))


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


def _parse_cell(declared: CommitmentField, text: str, menu: MeasureMenu) -> Any:
    """Return a cell's value as form data; raise ValidationError if it is unknown."""
    match declared.type:
        case FieldType.MEASURE:
            if text and not menu.find_key(text):
                raise forms.ValidationError("Select a measure from the list, or enter its code")
            return menu.find_key(text)
        case FieldType.PLACES:
            return _parse_places(text)
        case FieldType.CODE:
            return LooseChoiceField(choices=code_choices(declared), required=False).clean(text)
    return text


def _parse_places(text: str) -> list[str]:
    """Return place codes from names or codes, separated by semicolons or new lines."""
    by_name = {place.name.casefold(): code for code, place in places.all_places().items()}
    codes = []
    for name in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        code = name.upper() if places.get_place(name.upper()) else by_name.get(name.casefold())
        if code is None:
            raise forms.ValidationError(
                f"Enter the city, constituencies or wards by name: “{name}” is not one of them"
            )
        codes.append(code)
    return codes


def _normalise_cell(declared: CommitmentField, text: str) -> Any:
    match declared.type:
        case FieldType.NUMBER:
            return normalise_figure(text)
        case FieldType.DAY:
            return _parse_or_text(lambda: DayField(required=False).clean(text), text)
        case FieldType.PLACES:
            return _parse_or_text(lambda: sorted(_parse_places(text)), text)
        case FieldType.CODE:
            return normalise_choice(code_choices(declared), text)
        case FieldType.MEASURE:
            return normalise_text(text)
    return text


def _parse_or_text(parse: Any, text: str) -> Any:
    """Return the parsed text, or the text itself if it is invalid."""
    try:
        return parse() if text else ""
    except forms.ValidationError:
        return text
