"""The form to change a public commitment, with a public reason."""

from typing import Any, ClassVar

from django import forms

from charter.actions import changes
from charter.forms import contracts
from charter.forms.commitment_fields import display_value, form_fields, show_units
from charter.forms.fields import MultilineTextField
from charter.models import Change, Commitment
from registry import clock
from registry.schema.code_lists import EndReason
from registry.schema.codes import choices_of
from registry.schema.commitment_fields import COMMITMENT_FIELDS

CHANGEABLE_FIELDS = [declared for declared in COMMITMENT_FIELDS if declared.may_change]
WEAKENING_NAMES = {declared.name for declared in COMMITMENT_FIELDS if declared.may_weaken}
WEAKENING_HINTS: dict[str, str] = {
    Change.Action.AMEND: "A lower target, a later deadline or a moved starting point is shown as "
    "weakened.",
    Change.Action.CORRECT: "If you promise less than before, your commitment will be shown as "
    "corrected downwards. You cannot do this once an update was sent.",
}
CADENCE_HINT = "Updates that are already due keep their due dates."


class ChangeForm(forms.Form):
    """The changed values of a commitment. A change that ends it has no values, only reasons."""

    REASONS: ClassVar[dict[str, str]] = {
        Change.Action.CORRECT: "What was wrong, and how did it happen?",
        Change.Action.AMEND: "Why are you changing the commitment?",
        Change.Action.CLOSE: "How did it end?",
        Change.Action.WITHDRAW: "Why are you withdrawing it?",
    }

    weakening_hints: ClassVar[dict[str, str]] = WEAKENING_HINTS

    # The declared fields that may change. A class body may add to its own names.
    locals().update(form_fields(CHANGEABLE_FIELDS))
    end_reason = forms.ChoiceField(
        label="Why are you closing it?",
        choices=choices_of(EndReason.closing_reasons()),
        widget=forms.RadioSelect,
        error_messages={"required": "Select why you are closing it"},
    )
    reason = MultilineTextField(
        max_length=2_000,
        help_text="This will be public.",
        error_messages={"required": "Enter a reason"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, commitment: Commitment, action: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.commitment = commitment
        self.action = action
        self.ends = action in changes.END_STATUSES
        self.is_refused_correction = False
        # A copy, because applying the change (for a preview) alters the commitment.
        self.published_values = {name: getattr(commitment, name) for name in changes.CHANGEABLE}
        for name in self._unneeded_fields():
            del self.fields[name]
        for name, value in self.published_values.items():
            if name in self.fields and value in (None, ""):
                self.fields[name].required = False  # Not said at first, and not asked for now.
        self.fields["reason"].label = self.REASONS[action]
        if self.ends:
            return
        if commitment.measure:
            show_units(self, commitment.measure)
        self.fields["cadence"].help_text = CADENCE_HINT
        for name in self.fields.keys() & WEAKENING_NAMES:
            help_text = f"{self.fields[name].help_text} {self.weakening_hints.get(action, '')}"
            self.fields[name].help_text = help_text.strip()

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
            self.add_error("start_on", "Start date must be before the deadline")
        is_new_end = (
            self.action == Change.Action.AMEND and end_on != self.published_values["end_on"]
        )
        if end_on and is_new_end and end_on <= clock.today():
            self.add_error("end_on", "Deadline must be in the future")
        if not self.errors and not self.values():
            self.add_error(None, changes.NOTHING_CHANGED)
        if not self.errors and self.action == Change.Action.CORRECT:
            self._check_correction()
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
                "theirs": display_value(field, saved_values.get(name)),
                "yours": display_value(field, self.cleaned_data[name]),
            }
            for name, field in self.fields.items()
            if name != "version" and saved_values.get(name) != self.cleaned_data[name]
        ]

    def _check_correction(self) -> None:
        """Refuse what lowers it once an update was sent; the page offers to change it."""
        proposed = changes.propose_correction(self.commitment, self.values())
        for name, message in changes.refused_fields(proposed).items():
            self.is_refused_correction = True
            self.add_error(name if name in self.fields else None, message)

    def _clean_end(self, cleaned: dict[str, Any]) -> None:
        if self.action == Change.Action.CLOSE and cleaned.get("end_reason"):
            problem = changes.closing_problem(self.commitment)
            if problem:
                self.add_error(None, problem)

    def _unneeded_fields(self) -> set[str]:
        if self.action == Change.Action.WITHDRAW:
            return {*form_fields(CHANGEABLE_FIELDS), "end_reason"}
        if self.action == Change.Action.CLOSE:
            return set(form_fields(CHANGEABLE_FIELDS))
        return {"end_reason"} | {
            declared.name for declared in CHANGEABLE_FIELDS if not self.commitment.takes(declared)
        }
