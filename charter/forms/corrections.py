"""The form in which the council corrects a commitment downwards."""

from typing import Any

from django import forms

from charter import correction_rules
from charter.actions import changes, corrections
from charter.forms.changes import ChangeForm
from charter.forms.fields import PlainTextField
from charter.models import Change, Commitment
from registry.schema.code_lists import CorrectionGround
from registry.schema.codes import choices_of


class CouncilCorrectionForm(ChangeForm):
    """The corrected values, with the public ground for promising less."""

    weakening_hints = {}  # This page is for nothing else.

    ground = forms.ChoiceField(
        label="Why is it corrected downwards?",
        choices=choices_of(CorrectionGround.of_council()),
        widget=forms.RadioSelect,
        error_messages={"required": "Select why it is corrected downwards"},
    )
    document = PlainTextField(
        label="Which document shows it?",
        max_length=200,
        required=False,
        help_text="Only if it was checked against a document. For example, “Contract 2024/117, "
        "schedule 3”. This will be public.",
    )

    def __init__(self, *args: Any, commitment: Commitment, **options: Any) -> None:
        super().__init__(*args, commitment=commitment, action=Change.Action.CORRECT, **options)
        del self.fields["version"]  # Nothing of it is saved as a draft.
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        needs_document = cleaned.get("ground") == CorrectionGround.CHECKED_AGAINST_DOCUMENT
        if needs_document and not cleaned.get("document"):
            self.add_error("document", "Enter the document")
        elif not needs_document:
            cleaned["document"] = ""
        return cleaned

    def submission(self) -> dict[str, Any]:
        """Return the correction, as arguments of the action."""
        names = ("reason", "ground", "document")
        return {"values": self.values()} | {name: self.cleaned_data[name] for name in names}

    def _check_correction(self) -> None:
        """Let the council correct what a signatory no longer can, and nothing else."""
        proposed = changes.propose_correction(self.commitment, self.values())
        if not correction_rules.downward_fields(changes.entry_to_append(proposed)):
            self.add_error(None, corrections.LOWERS_NOTHING)
