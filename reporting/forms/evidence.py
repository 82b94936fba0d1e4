"""The evidence part of the update and success forms."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import URLValidator

from charter.forms.fields import DayField, MultilineTextField, PlainTextField
from registry import clock
from registry.schema.code_lists import EvidenceType, EvidenceVisibility
from reporting.evidence import files as evidence_files
from reporting.evidence import link_checking
from reporting.evidence.rules import CleanFile, RefusedFileError
from reporting.models import Evidence

SHARES = [("", "Not stated"), *Evidence.Share.choices]
# Fields that few evidence items need.
EVIDENCE_DETAIL_FIELDS = [
    "evidence_description",
    "evidence_on",
    "evidence_page",
    "evidence_quote",
    "evidence_author",
    "evidence_assurance",
    "evidence_attribution",
    "evidence_deadweight",
]
# In the order of the page, which is also the order of the error summary.
EVIDENCE_FIELDS = [
    "evidence_removed",
    "evidence_title",
    "evidence_url",
    "evidence_file",
    "evidence_kind",
    "evidence_alt_text",
    "evidence_may_be_shown",
    "evidence_visibility",
    "evidence_withheld_reason",
    *EVIDENCE_DETAIL_FIELDS,
]
# Browsers cannot show a selected file again, so a draft leaves out the file and what it may be.
NOT_RESTORABLE = ("evidence_removed", "evidence_file", "evidence_may_be_shown")
RESTORABLE_EVIDENCE_FIELDS = [name for name in EVIDENCE_FIELDS if name not in NOT_RESTORABLE]


class EvidenceForm(forms.Form):
    """A link or a file. All fields are optional until one of them is used."""

    evidence_title = PlainTextField(label="Name of the evidence", max_length=200, required=False)
    evidence_url = forms.CharField(
        label="Link to the evidence",
        max_length=500,
        help_text="A page or document. Anyone must be able to open it. It starts with https://",
        required=False,
        validators=[
            URLValidator(schemes=["https"], message="Enter a web address that starts with https://")
        ],
    )
    evidence_file = forms.FileField(
        label="Or a file",
        help_text=(
            "PDF, JPEG or PNG, at most 10 MB. We remove hidden details such as location. "
            "Do not include names or anything else that identifies a person."
        ),
        required=False,
        max_length=1_000,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    evidence_kind = forms.ChoiceField(
        label="What is it?",
        choices=[("", "Choose what it is"), *EvidenceType.choices],
        required=False,
    )
    evidence_visibility = forms.ChoiceField(
        label="Who may see it?",
        choices=EvidenceVisibility.choices,
        widget=forms.RadioSelect,
        initial=EvidenceVisibility.PUBLIC,
        required=False,
    )
    evidence_withheld_reason = PlainTextField(
        label="If only the council: why?",
        max_length=300,
        help_text="The public reads this reason, and what kind of evidence it is.",
        required=False,
    )
    evidence_description = MultilineTextField(
        label="What does it show?", max_length=1_000, required=False
    )
    evidence_alt_text = PlainTextField(
        label="If it is a photograph: what can be seen in it?",
        max_length=300,
        help_text="For people who cannot see it.",
        required=False,
    )
    evidence_may_be_shown = forms.BooleanField(
        label=(
            "If it is a photograph: I have the right to publish it, and nobody in it can be "
            "recognised or is named"
        ),
        required=False,
    )
    evidence_on = DayField(label="Its date", required=False)
    evidence_page = PlainTextField(label="The page that matters", max_length=40, required=False)
    evidence_quote = MultilineTextField(
        label="The passage that matters, word by word", max_length=1_000, required=False
    )
    evidence_author = PlainTextField(
        label="If it is an SROI report or evaluation: who wrote it?", max_length=200, required=False
    )
    evidence_assurance = PlainTextField(label="Who assured it?", max_length=300, required=False)
    evidence_attribution = forms.TypedChoiceField(
        label="Attribution: the share that it puts down to you",
        choices=SHARES,
        coerce=int,
        empty_value=None,
        required=False,
    )
    evidence_deadweight = forms.TypedChoiceField(
        label="Deadweight: the share that would have happened anyway",
        choices=SHARES,
        coerce=int,
        empty_value=None,
        required=False,
    )
    evidence_removed = forms.MultipleChoiceField(
        label="Take away what was given", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self, *args: Any, existing_evidence: Iterable[Evidence] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.existing_evidence = list(existing_evidence)
        removal_field = self.fields["evidence_removed"]
        removal_field.choices = [  # type: ignore[attr-defined]
            (str(item.reference), item.title) for item in self.existing_evidence
        ]
        if not self.existing_evidence:
            del self.fields["evidence_removed"]

    def clean_evidence_url(self) -> str:
        url: str = self.cleaned_data["evidence_url"]
        if url and not link_checking.may_be_public(url):
            raise forms.ValidationError(
                "Give a link to a site that everyone can open, such as https://www.example.org/a"
            )
        return url

    def clean_evidence_file(self) -> CleanFile | None:
        upload = self.cleaned_data["evidence_file"]
        try:
            return evidence_files.clean_upload(upload) if upload else None
        except RefusedFileError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_evidence_on(self) -> Any:
        day = self.cleaned_data["evidence_on"]
        if day and day > clock.today():
            raise forms.ValidationError("The date of evidence cannot be to come.")
        return day

    def check_evidence(self) -> None:
        """Add errors for missing parts of evidence."""
        cleaned = self.cleaned_data
        source_fields = ("evidence_url", "evidence_file")
        sources = [name for name in source_fields if cleaned.get(name) or name in self.errors]
        if not sources and cleaned.get("evidence_title"):
            self.add_error("evidence_url", "Add a link or upload a file")
        if not sources:
            return
        if len(sources) > 1:
            self.add_error("evidence_file", "Give a link or a file, not both: add them one by one")
        if not cleaned.get("evidence_title"):
            self.add_error("evidence_title", "Give the evidence a name")
        is_withheld = cleaned.get("evidence_visibility") == EvidenceVisibility.COUNCIL_ONLY
        if is_withheld and not cleaned.get("evidence_withheld_reason"):
            self.add_error(
                "evidence_withheld_reason", "Enter a reason why only the council may see it"
            )
        kind = cleaned.get("evidence_kind")
        if not kind and "evidence_kind" not in self.errors:
            self.add_error("evidence_kind", "Say what kind of evidence it is")
        if (
            kind == EvidenceType.PHOTOGRAPH
            and not is_withheld
            and not cleaned.get("evidence_alt_text")
        ):
            self.add_error("evidence_alt_text", "Say what can be seen in the photograph")
        if (
            kind == EvidenceType.PHOTOGRAPH
            and cleaned.get("evidence_file")
            and not is_withheld
            and not cleaned.get("evidence_may_be_shown")
        ):
            self.add_error(
                "evidence_may_be_shown",
                "Confirm that you may publish the photograph and that nobody can be recognised, "
                "or let only the council see it",
            )
        if kind in EvidenceType.study_types() and not cleaned.get("evidence_author"):
            self.add_error("evidence_author", "Say who wrote it")

    @property
    def has_evidence_details(self) -> bool:
        return any(self[name].value() or self[name].errors for name in EVIDENCE_DETAIL_FIELDS)

    def evidence_items(self) -> list[dict[str, Any]]:
        """Return the evidence to add, as a list for the actions."""
        cleaned = self.cleaned_data
        if not (cleaned.get("evidence_url") or cleaned.get("evidence_file")):
            return []
        reference = uuid.uuid4()
        file = cleaned.get("evidence_file")
        kind = cleaned["evidence_kind"]
        if file and kind == EvidenceType.WEB_PAGE:
            kind = EvidenceType.DOCUMENT
        visibility = cleaned.get("evidence_visibility") or EvidenceVisibility.PUBLIC
        is_withheld = visibility == EvidenceVisibility.COUNCIL_ONLY
        item = {
            "reference": reference,
            "kind": kind,
            "title": cleaned["evidence_title"],
            "url": cleaned["evidence_url"],
            "visibility": visibility,
            "withheld_reason": cleaned["evidence_withheld_reason"] if is_withheld else "",
            "dated_on": cleaned["evidence_on"],
        }
        for name in ("description", "alt_text", "page", "quote"):
            item[name] = cleaned[f"evidence_{name}"]
        if kind in EvidenceType.study_types():
            for name in ("author", "assurance", "attribution", "deadweight"):
                item[name] = cleaned[f"evidence_{name}"]
        if file:
            item |= evidence_files.evidence_fields(file, reference)
            is_photograph = kind == EvidenceType.PHOTOGRAPH and bool(file.sizes)
            is_shown = is_photograph and not is_withheld and cleaned["evidence_may_be_shown"]
            item |= {"may_be_shown": is_shown, "sizes": file.sizes if is_shown else {}}
        return [item]

    def removed_references(self) -> list[str]:
        """Return the references of evidence to remove."""
        return self.cleaned_data.get("evidence_removed", [])
