"""Forms to upload a spreadsheet, and to parse one organisation from a row."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from charter import identifiers
from charter.forms.fields import AddressField, DayField, PlainTextField
from charter.identifiers import Scheme
from charter.spreadsheets import tables
from registry import clock
from registry.reference_data import sectors
from registry.schema.code_lists import OrganisationKind, Route, Size


class UploadForm(forms.Form):
    """A spreadsheet within the limits of size and rows (spreadsheets.tables)."""

    file = forms.FileField(
        label="Your file",
        help_text=(
            f"CSV or XLSX, at most {tables.MAX_BYTES // 1024**2} MB and "
            f"{tables.MAX_ROWS:,} rows. The first sheet is read."
        ),
        error_messages={
            "required": "Choose a file",
            "empty": "The file is empty",
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > tables.MAX_BYTES:
            raise forms.ValidationError("The file is larger than 2 MB. Split it.")
        return file


class ConfirmImportForm(forms.Form):
    """Confirmation to save a whole plan, exactly as previewed (`seen_digest`)."""

    seen_digest = forms.CharField(widget=forms.HiddenInput)
    reason = PlainTextField(
        label="Why do the organisations change?",
        help_text="Everyone can read this beside the change.",
        max_length=300,
        required=False,
        initial="Brought up to date from a list of the council.",
    )

    def __init__(self, *args: Any, needs_a_reason: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if needs_a_reason:
            self.fields["reason"].required = True
            self.fields["reason"].error_messages["required"] = "Enter a reason"
        else:
            del self.fields["reason"]


class LooseChoiceField(forms.CharField):
    """A choice given by its label or code, in any capitals. The cleaned value is the code."""

    def __init__(self, *, choices: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self.labels = {str(code): str(label) for code, label in choices if code}
        self.codes = {code.casefold(): code for code in self.labels}
        self.codes |= {label.casefold(): code for code, label in self.labels.items()}

    def to_python(self, value: Any) -> str:
        text = " ".join((super().to_python(value) or "").split())
        if not text:
            return ""
        code = self.codes.get(text.casefold())
        if code is None:
            raise forms.ValidationError(f"Write one of: {', '.join(self.labels.values())}")
        return code


class OrganisationRowForm(forms.Form):
    """One organisation from a list. Only the name is required.

    `notes` has messages by field for values that were left out.
    """

    legal_name = PlainTextField(max_length=200, error_messages={"required": "Give the legal name"})
    trading_name = PlainTextField(max_length=200, required=False)
    kind = LooseChoiceField(choices=OrganisationKind.choices, required=False)
    size = PlainTextField(required=False)
    sector = PlainTextField(required=False)
    company_number = PlainTextField(required=False)
    charity_number = PlainTextField(required=False)
    other_number = PlainTextField(required=False)
    route = LooseChoiceField(choices=Route.choices, required=False)
    website = forms.URLField(required=False, assume_scheme="https")
    contact_email = AddressField(
        required=False, error_messages={"invalid": "Give an email address, such as name@firm.uk"}
    )
    # A signature of earlier times, and what in the council's files shows it.
    signed_on = DayField(required=False)
    document = PlainTextField(max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.notes: dict[str, str] = {}

    def clean_size(self) -> str:
        size, note = parse_size(self.cleaned_data["size"])
        self._add_note("size", note)
        return size

    def clean_sector(self) -> str:
        sector, note = parse_sector(self.cleaned_data["sector"])
        self._add_note("sector", note)
        return sector

    def clean_company_number(self) -> tuple[str, str] | None:
        return self._clean_number("company_number", Scheme.COMPANIES_HOUSE)

    def clean_charity_number(self) -> tuple[str, str] | None:
        return self._clean_number("charity_number", Scheme.CHARITY_COMMISSION)

    def clean_other_number(self) -> tuple[str, str] | None:
        text = self.cleaned_data["other_number"].upper()
        if not text:
            return None
        scheme = next((s for s in Scheme if text.startswith(f"{s}-")), None)
        if scheme is None:
            raise forms.ValidationError("Begin with the list, such as GB-NHS-RAX or GB-LAE-BIR")
        return self._clean_number("other_number", scheme)

    def clean_contact_email(self) -> str:
        return str(self.cleaned_data["contact_email"]).lower()

    def clean_signed_on(self) -> date | None:
        day: date | None = self.cleaned_data["signed_on"]
        if day and day > clock.today():
            raise forms.ValidationError("This day is in the future")
        return day

    def clean(self) -> None:
        has_day, has_document = (bool(self.cleaned_data.get(n)) for n in ("signed_on", "document"))
        if has_day and not has_document:
            self.add_error("document", "Name the document in your files that shows the signature")
        if has_document and not has_day and "signed_on" not in self.errors:
            self.add_error("signed_on", "Give the day on which it signed, such as 30/6/2027")

    def signature_values(self) -> dict[str, str] | None:
        """Return the signature in the council's files as texts, or None with a note.

        Without a contact nobody could object to it, so it is left out.
        """
        signed_on, email = self.cleaned_data["signed_on"], self.cleaned_data["contact_email"]
        if not signed_on:
            return None
        if not email:
            self._add_note(
                "signed_on",
                "Without a contact’s email nobody could object: it stays private until it signs",
            )
            return None
        return {
            "signed_on": signed_on.isoformat(),
            "document": self.cleaned_data["document"],
            "contact": email,
        }

    def identifier_pairs(self) -> list[tuple[str, str]]:
        names = ("company_number", "charity_number", "other_number")
        return [number for name in names if (number := self.cleaned_data.get(name))]

    def values(self) -> dict[str, Any]:
        """Return the row's values without empty ones, as arguments of the actions."""
        names = ("legal_name", "trading_name", "kind", "size", "sector", "route", "website")
        return {name: value for name in names if (value := self.cleaned_data[name])}

    def _clean_number(self, name: str, scheme: Scheme) -> tuple[str, str] | None:
        number = identifiers.normalise_number(scheme, self.cleaned_data[name])
        if not number:
            return None
        if problem := identifiers.number_problem(scheme, number):
            raise forms.ValidationError(problem)
        self._add_note(name, identifiers.number_warning(scheme, number))
        return str(scheme), number

    def _add_note(self, name: str, note: str) -> None:
        if note:
            self.notes[name] = note


def parse_size(text: str) -> tuple[str, str]:
    """Return the size code for a headcount, a band or a label, and a note or ""."""
    sizes = {code.casefold(): str(code) for code in Size}
    sizes |= {str(label).casefold(): code for code, label in Size.choices}
    if not text or text.casefold() in sizes:
        return sizes.get(text.casefold(), ""), ""
    counts = [int(figure) for figure in re.findall(r"\d+", text.replace(",", ""))]
    bands = {_size_band(count) for count in counts}
    if len(bands) == 1 and not re.search(r"less|under|fewer|below|<|up to", text, re.IGNORECASE):
        return bands.pop(), ""
    return "", "This does not say which of our sizes it is: the size stays open"


def parse_sector(text: str) -> tuple[str, str]:
    """Return the SIC 2007 section for a letter, a title or codes, and a note or "".

    Real lists put several codes into one cell, lose leading zeros, and write 1 for public bodies.
    """
    by_name = {letter.casefold(): letter for letter in sectors.section_titles()}
    by_name |= {title.casefold(): letter for letter, title in sectors.section_titles().items()}
    if not text or text.casefold() in by_name:
        return by_name.get(text.casefold(), ""), ""
    words = re.findall(r"[^\s,;]+", text)
    known_codes = [
        code for code in (code.zfill(5) for code in words) if code in sectors.code_descriptions()
    ]
    sections = list(dict.fromkeys(sectors.section_of(code) for code in known_codes))
    if not sections:
        return "", "This is no sector and no code of SIC 2007: the sector stays open"
    section = sections[0]
    if len(sections) > 1:
        return section, f"The codes are of several sectors: we take {section}, the first"
    if len(known_codes) < len(words):
        return section, "Some of these are no codes of SIC 2007: we take the sector of the others"
    return section, ""


def _size_band(people: int) -> str:
    if people < 10:
        return str(Size.MICRO)
    if people < 50:
        return str(Size.SMALL)
    return str(Size.MEDIUM if people < 250 else Size.LARGE)
