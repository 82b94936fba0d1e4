"""Forms for a success, as part of an update or on its own."""

from typing import Any

from django import forms
from django.core import signing

from charter.forms.fields import DayField, MultilineTextField, PlacesField, PlainTextField
from charter.models import Commitment
from registry import clock
from registry.log import keys
from registry.schema.code_lists import PeopleConsent
from reporting.actions.successes import SuccessSubmission
from reporting.forms.evidence import EVIDENCE_FIELDS, EvidenceForm
from reporting.models import Success

SUCCESS_FIELDS = ["success_title", "success_story", "success_on", "success_consent"]
SUCCESS_KEY_SIGNER = signing.Signer(salt="key of a new success")


class SuccessForm(EvidenceForm):
    """A short dated account of a result, with optional evidence."""

    success_title = PlainTextField(
        label="Title",
        max_length=200,
        error_messages={"required": "Give the success a title"},
    )
    success_story = MultilineTextField(
        label="What happened?",
        max_length=10_000,
        help_text="Do not name individuals unless they have agreed in writing.",
        error_messages={"required": "Tell what happened"},
    )
    success_on = DayField(
        label="When?",
        help_text="For example 27/3/2026.",
        error_messages={"required": "Say when it happened"},
    )
    success_consent = forms.ChoiceField(
        label="Can anyone be recognised in the story?",
        choices=PeopleConsent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether anyone can be recognised"},
    )

    # The signed key of the success, so that submitting twice saves one and changes no other.
    success_key = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def initial_of(cls, success: Success | None) -> dict[str, Any]:
        """Return the initial data for a success, or for a new one."""
        if success is None:
            return {"success_key": SUCCESS_KEY_SIGNER.sign(keys.new_key("success"))}
        return {
            "success_key": SUCCESS_KEY_SIGNER.sign(success.key),
            "success_title": success.title,
            "success_story": success.story,
            "success_on": success.happened_from,
            "success_consent": success.people_consent,
        }

    def clean(self) -> dict[str, Any]:
        self.check_evidence()
        return self.cleaned_data

    def clean_success_key(self) -> str:
        signed_key = self.cleaned_data["success_key"]
        try:
            if signed_key:
                return keys.DrawnKey(SUCCESS_KEY_SIGNER.unsign(signed_key))
            return keys.new_key("success")
        except signing.BadSignature:
            raise forms.ValidationError("Open the form again: its address was altered.") from None

    def clean_success_on(self) -> Any:
        day = self.cleaned_data["success_on"]
        if day and day > clock.today():
            raise forms.ValidationError("A success has happened: its day cannot be to come.")
        return day

    def success_values(self) -> dict[str, Any]:
        """Return the success's fields for the actions."""
        return {
            "key": self.cleaned_data["success_key"],
            "title": self.cleaned_data["success_title"],
            "story": self.cleaned_data["success_story"],
            "happened_from": self.cleaned_data["success_on"],
            "people_consent": self.cleaned_data["success_consent"],
        }


class StandaloneSuccessForm(SuccessForm):
    """A success on its own page, with places and other commitments."""

    field_order = [*SUCCESS_FIELDS, "also", "area_codes", *EVIDENCE_FIELDS]

    area_codes = PlacesField(label="Where did it happen?", required=False)
    also = forms.MultipleChoiceField(
        label="Did it come of other commitments too?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, commitment: Commitment, success: Success | None, **options: Any
    ) -> None:
        super().__init__(
            *args,
            initial=self.initial_of(success),
            existing_evidence=success.evidence.all() if success else (),
            **options,
        )
        if success:
            self.initial["area_codes"] = success.area_codes
            self.initial["also"] = list(success.commitments.values_list("key", flat=True))
        others = (
            commitment.signatory.commitments.public().exclude(pk=commitment.pk).order_by("title")
        )
        self.others = {other.key: other for other in others}
        if others:
            choices = [(key, other.title) for key, other in self.others.items()]
            self.fields["also"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["also"]

    def success_values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return super().success_values() | {"area_codes": cleaned["area_codes"]}

    def submission(self) -> SuccessSubmission:
        """Return everything that the author submits."""
        return SuccessSubmission(
            success=self.success_values(),
            evidence=self.evidence_items(),
            removed_references=self.removed_references(),
            other_commitments=[self.others[key] for key in self.cleaned_data.get("also", [])],
        )
