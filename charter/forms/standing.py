"""One form for each step of a signatory's charter status. Every reason is public."""

from typing import Any

from django import forms

from charter.actions import standing
from charter.forms.fields import DayField, MultilineTextField, PlainTextField
from charter.models import Signatory
from registry import clock
from registry.schema.code_lists import Standing


class ReasonForm(forms.Form):
    """A step that needs only a reason."""

    reason = MultilineTextField(
        label="Why?",
        max_length=300,
        help_text="Everyone can read this, and its people get it by email.",
        error_messages={"required": "Enter a reason"},
    )

    def __init__(self, *args: Any, signatory: Signatory, **options: Any) -> None:
        super().__init__(*args, **options)
        self.signatory = signatory


class RetractForm(ReasonForm):
    """Taking back what was wrongly published needs only what went wrong."""

    reason = MultilineTextField(
        label="What did we do wrong?",
        max_length=300,
        help_text="For example, “Our mail server was set up wrongly”. This will be public.",
        error_messages={"required": "Enter what we did wrong"},
    )


class AccreditForm(ReasonForm):
    certificate_number = PlainTextField(
        label="Number of the certificate",
        max_length=20,
        error_messages={"required": "Enter the number of the certificate"},
    )
    accredited_from = DayField(
        label="Accredited from", error_messages={"required": "Give the first day"}
    )

    field_order = ("certificate_number", "accredited_from", "reason")

    @classmethod
    def initial_for(cls, signatory: Signatory) -> dict[str, Any]:
        """Return the certificate's number, or the next free one, and today."""
        number = signatory.certificate_number or standing.next_certificate(signatory)
        return {"certificate_number": number, "accredited_from": clock.today()}


class SuspendForm(ReasonForm):
    plan = MultilineTextField(
        label="What has to happen before it is reinstated?",
        max_length=500,
        help_text="The plan that you agreed on, with its dates. Everyone can read it.",
        error_messages={"required": "Say what has to happen: the public reads it"},
    )


class EndForm(ReasonForm):
    standing = forms.ChoiceField(
        label="How does it end?",
        choices=[(code.value, code.description) for code in Standing.left_standings()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it ends"},
    )

    on = DayField(
        label="When did this change?", required=False, help_text="Leave it empty for today."
    )
    successor = forms.ModelChoiceField(
        label="Which signatory did it become part of?",
        queryset=Signatory.objects.none(),
        required=False,
        empty_label="None in this register",
    )
    goes_on = forms.BooleanField(
        label="That signatory keeps its open commitments",
        required=False,
        help_text="Otherwise they end with it, in public.",
    )

    field_order = ("standing", "on", "successor", "goes_on", "reason")

    def __init__(self, *args: Any, signatory: Signatory, **options: Any) -> None:
        super().__init__(*args, signatory=signatory, **options)
        others = (
            signatory.charter.signatories.public().filter(left_on=None).exclude(pk=signatory.pk)
        )
        by_name = others.select_related("organisation").order_by("organisation__legal_name")
        self.fields["successor"].queryset = by_name  # type: ignore[attr-defined]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on and on > clock.today():
            raise forms.ValidationError("Date must be today or in the past")
        return on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("goes_on") and not cleaned.get("successor"):
            self.add_error("successor", "Choose the signatory that keeps its commitments")
        return cleaned


class ResumeForm(ReasonForm):
    """The end of a pause, which is published and not emailed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "Everyone can read this."


class PauseForm(ResumeForm):
    until = DayField(
        label="Until",
        required=False,
        help_text="For example 30/6/2027. Leave it empty if nobody knows yet.",
    )

    field_order = ("until", "reason")
