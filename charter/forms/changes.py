"""The form to change a public commitment, with a public reason."""

from typing import Any, ClassVar, cast

from django import forms

from charter.actions import changes
from charter.forms import contracts
from charter.forms.commitments import CommitmentForm
from charter.forms.fields import MultilineTextField, PlainTextField
from charter.models import Change, Commitment
from charter.models.charters import Cadence
from registry import clock
from registry.reference_data import places
from registry.schema import code_lists

# Withdrawing is an action of its own, and a signatory leaves the charter through the council.
EXCLUDED_END_REASONS = ("withdrawn", "left_charter")
END_REASON_CHOICES = [
    (code, label)
    for code, label in code_lists.END_REASONS.items()
    if code not in EXCLUDED_END_REASONS
]
# Form fields that belong to the commitment. Its `contracts` field is split into several.
COMMITMENT_FIELDS = {*changes.CHANGEABLE, *contracts.NAMES} - {"contracts"}


class ChangeForm(forms.Form):
    """The changed values of a commitment. A change that ends it has no values, only reasons."""

    REASONS: ClassVar[dict[str, str]] = {
        Change.Action.CORRECT: "What was written wrongly, and how did it come about?",
        Change.Action.AMEND: "Why do you change the commitment?",
        Change.Action.CLOSE: "What came of it?",
        Change.Action.WITHDRAW: "Why do you take it back?",
    }

    title = CommitmentForm.base_fields["title"]
    description = CommitmentForm.base_fields["description"]
    target_value = CommitmentForm.base_fields["target_value"]
    baseline_value = CommitmentForm.base_fields["baseline_value"]
    baseline_on = CommitmentForm.base_fields["baseline_on"]
    start_on = CommitmentForm.base_fields["start_on"]
    end_on = CommitmentForm.base_fields["end_on"]
    area_codes = CommitmentForm.base_fields["area_codes"]
    additionality = CommitmentForm.base_fields["additionality"]
    cadence = forms.ChoiceField(
        label="How often will you send an update?",
        choices=Cadence.choices,
        widget=forms.RadioSelect,
        help_text="What was asked for already stays due on its day.",
    )
    responsible_role = PlainTextField(
        label="Who answers for it",
        max_length=100,
        required=False,
        help_text="A role, such as “Head of people”; never a name.",
    )
    contract_reference = contracts.REFERENCE
    contract_title = contracts.TITLE
    contract_department = contracts.DEPARTMENT
    contract_stage = contracts.STAGE
    contract_clause = contracts.CLAUSE
    contract_ocid = contracts.OCID
    contract_value = contracts.VALUE
    contract_weighting = contracts.WEIGHTING
    end_reason = forms.ChoiceField(
        label="Why is it over?",
        choices=END_REASON_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is over"},
    )
    reason = MultilineTextField(
        max_length=2_000,
        help_text="Everybody will read this beside the change, for as long as the register lasts.",
        error_messages={"required": "Give the reason: everybody will read it"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, commitment: Commitment, action: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.commitment = commitment
        self.action = action
        self.ends = action in changes.END_STATUSES
        # A copy, because applying the change (for a preview) alters the commitment.
        self.published_values = {name: getattr(commitment, name) for name in changes.CHANGEABLE}
        for name in self._unneeded_fields():
            del self.fields[name]
        self.fields["reason"].label = self.REASONS[action]
        for name in ("target_value", "baseline_value"):
            if name in self.fields and commitment.measure:
                unit = commitment.measure.unit_label
                self.fields[name].label = f"{self.fields[name].label} ({unit})"
        for name, message in Commitment.MISSING_MESSAGES.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = message

    @classmethod
    def initial_of(cls, commitment: Commitment, change: Change | None) -> dict[str, Any]:
        """Return initial values from the commitment, or from the draft change if there is one."""
        proposed_commitment = changes.with_change_applied(change) if change else commitment
        initial = {name: getattr(proposed_commitment, name) for name in changes.CHANGEABLE}
        initial |= contracts.initial_of(proposed_commitment.contracts)
        if change is None:
            return initial
        return initial | {
            "reason": change.reason,
            "end_reason": change.end_reason,
            "version": change.version,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.ends:
            self._clean_end(cleaned)
            return cleaned
        contracts.require_reference(self)
        start_on, end_on = cleaned.get("start_on"), cleaned.get("end_on")
        if start_on and end_on and start_on > end_on:
            self.add_error("start_on", "The start must be before the end")
        is_new_end = (
            self.action == Change.Action.AMEND and end_on != self.published_values["end_on"]
        )
        if end_on and is_new_end and end_on <= clock.today():
            self.add_error("end_on", "A new date must be in the future")
        if not self.errors and not self.values():
            self.add_error(None, changes.NOTHING_CHANGED)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return only the changed values, as arguments of the action."""
        form_values = self.cleaned_data | {
            "contracts": contracts.published_contracts(self.cleaned_data)
        }
        return {
            name: form_values[name]
            for name in changes.CHANGEABLE
            if name in form_values and form_values[name] != self.published_values[name]
        }

    def submission(self) -> dict[str, Any]:
        """Return the whole change, as arguments of the action."""
        cleaned = self.cleaned_data
        return {
            "action": self.action,
            "reason": cleaned["reason"],
            "values": {} if self.ends else self.values(),
            "end_reason": cleaned.get("end_reason", ""),
            "version": cleaned["version"],
        }

    def differences(self, current: Change) -> list[dict[str, str]]:
        """Return the fields that differ from a colleague's saved version: label, theirs, yours."""
        saved_values = self.initial_of(self.commitment, current)
        return [
            {
                "label": str(field.label),
                "theirs": _display_value(name, saved_values.get(name)),
                "yours": _display_value(name, self.cleaned_data[name]),
            }
            for name, field in self.fields.items()
            if name != "version" and saved_values.get(name) != self.cleaned_data[name]
        ]

    def _clean_end(self, cleaned: dict[str, Any]) -> None:
        if self.action == Change.Action.CLOSE and not changes.has_final_update(self.commitment):
            self.add_error(None, changes.NO_FINAL_UPDATE)

    def _unneeded_fields(self) -> set[str]:
        if self.action == Change.Action.WITHDRAW:
            return {*COMMITMENT_FIELDS, "end_reason"}
        if self.action == Change.Action.CLOSE:
            return set(COMMITMENT_FIELDS)
        measure = self.commitment.measure
        if measure and measure.has_starting_point:
            return {"end_reason"}
        if self.commitment.takes_a_number:
            return {"end_reason", "baseline_value", "baseline_on"}
        return {"end_reason", "target_value", "baseline_value", "baseline_on"}


def _display_value(name: str, value: Any) -> str:
    if name == "area_codes":
        return ", ".join(places.place_name(code) for code in cast(list[str], value or []))
    labels = dict(Commitment.Additionality.choices + Cadence.choices)
    labels |= code_lists.END_REASONS | code_lists.CONTRACT_STAGES
    return "" if value is None else str(labels.get(value, value))
