"""The form for a progress update, with an optional success."""

from typing import Any, cast

from django import forms

from charter.forms.fields import FigureField, MultilineTextField, PlainTextField
from registry.schema.code_lists import Delivery
from registry.schema.codes import choices_of
from registry.schema.fields import REFUSED_CHARACTERS
from registry.wording.formatting import format_day
from reporting.actions import updates
from reporting.actions.updates import UpdateSubmission
from reporting.forms.evidence import EVIDENCE_FIELDS, RESTORABLE_EVIDENCE_FIELDS
from reporting.forms.figures import fit_figure_fields, fit_final_fields
from reporting.forms.successes import SUCCESS_FIELDS, SuccessForm
from reporting.forms.update_types import (
    FIELDS_BY_TYPE,
    FIGURE_AND_TEXT_FIELDS,
    FIGURE_TYPES,
    ORDINARY_TYPES,
    UpdateType,
    initial_form_data,
)
from reporting.models import ProgressUpdate, Success

ONLY_FINAL = "The deadline has passed, so this must be the final update. Check it and send it again"
SHORT_SUCCESS_FIELDS = ["success_title", "success_story", "success_on"]


class UpdateForm(SuccessForm):
    """A progress update; fields of the types that are not selected are not validated.

    The final update is a form of its own: it has one type and asks whether the commitment was met.
    """

    field_order = [
        "answer",
        "remark",
        *FIGURE_AND_TEXT_FIELDS[:3],
        "result",
        *FIGURE_AND_TEXT_FIELDS[3:],
        *EVIDENCE_FIELDS,
        *SUCCESS_FIELDS,
    ]

    answer = forms.ChoiceField(
        label="What is the update?",
        choices=ORDINARY_TYPES,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what you want to report"},
    )
    # Nothing has changed.
    remark = MultilineTextField(label="Anything to add?", max_length=10_000, required=False)
    # Report a new figure.
    value = FigureField(
        label="To date",
        min_value=None,
        required=False,
        error_messages={
            "required": "Enter the figure to date, or say why you cannot measure it yet"
        },
    )
    percentage_of = FigureField(
        label="Out of how many?",
        help_text="What the percentage is of, such as 240 employees: write 240.",
        required=False,
    )
    not_measured_reason = PlainTextField(
        label="Not measured yet? Say why", max_length=500, required=False
    )
    self_assessment = forms.ChoiceField(
        label="How is it going?",
        choices=choices_of(Delivery.ongoing()),
        widget=forms.RadioSelect,
        required=False,
    )
    # It is finished: a commitment without a number.
    result = forms.ChoiceField(
        label="Was it met?",
        choices=choices_of(Delivery.final_results()),
        widget=forms.RadioSelect,
        required=False,
        error_messages={"required": "Select whether it was met"},
    )
    narrative = MultilineTextField(label="What happened?", max_length=10_000, required=False)
    obstacles = MultilineTextField(
        label="What is getting in the way?", max_length=10_000, required=False
    )
    lessons = MultilineTextField(label="What have you learned?", max_length=10_000, required=False)
    period = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, update: ProgressUpdate, draft: bool = False, **options: Any
    ) -> None:
        existing_evidence = update.evidence.all() if update.pk else ()
        super().__init__(*args, existing_evidence=existing_evidence, **options)
        self.update = update
        self.draft = draft
        for name in SUCCESS_FIELDS:
            self.fields[name].required = False
        self.unchanged_from = updates.no_change_allowed_from(update) if update.period_id else None
        type_field = cast(forms.ChoiceField, self.fields["answer"])
        if update.is_final:
            type_field.choices = [(UpdateType.FINAL.value, UpdateType.FINAL.label)]
            type_field.error_messages["invalid_choice"] = ONLY_FINAL
        elif self.unchanged_from:
            type_field.choices = [
                choice for choice in ORDINARY_TYPES if choice[0] != UpdateType.SAME
            ]
            type_field.error_messages["invalid_choice"] = (
                f"“Nothing has changed” can be said from {format_day(self.unchanged_from)}"
            )
        fit_figure_fields(self, update)
        fit_final_fields(self, update)

    @classmethod
    def initial_of(cls, update: ProgressUpdate, success: Success | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Return the initial data for an update; a draft restores the whole form."""
        return {
            **SuccessForm.initial_of(success),
            **initial_form_data(update),
            "period": update.period.key,
            "version": update.version,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        for name in self._fields_of_other_types():
            self.errors.pop(name, None)
        if cleaned.get("answer") not in FIGURE_TYPES and cleaned.get("evidence_file"):
            self.add_error(
                "evidence_file",
                "A file goes with “Report a new figure”: choose that, or send it without the file",
            )
        if not self.draft:
            check_type = {
                UpdateType.SAME: self._check_same,
                UpdateType.NUMBER: self._check_number,
                UpdateType.FINAL: self._check_final,
            }.get(cleaned.get("answer", ""))
            if check_type:
                check_type(cleaned)
        if cleaned.get("answer") in FIGURE_TYPES:
            self.check_evidence()
        self._check_success(cleaned)
        return cleaned

    def _check_same(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("remark") and updates.needs_explanation(self.update.commitment):
            self.add_error(
                "remark", "You said so the last two times: add a sentence on how things stand"
            )

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        value = cleaned.get("value")  # Fields with an error are missing.
        has_value = value is not None
        needs_figure = "value" in self.fields and "value" not in self.errors
        reason = cleaned.get("not_measured_reason")
        if needs_figure and not has_value and not reason:
            self.add_error("value", self.fields["value"].error_messages["required"])
        if has_value and reason:
            for name in ("value", "not_measured_reason"):
                self.add_error(name, "Enter the figure, or say why there is none yet, not both")
        self._check_value(cleaned)
        if not cleaned.get("self_assessment"):
            self.add_error("self_assessment", "Select how it is going")
        if "value" not in self.fields and not cleaned.get("narrative"):
            self.add_error("narrative", "Say what happened")

    def _check_final(self, cleaned: dict[str, Any]) -> None:
        # A figure or a choice decides, not both.
        deciding = "result" if "result" in self.fields else "value"
        for name in (deciding, "narrative"):
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        self._check_value(cleaned)

    def _check_value(self, cleaned: dict[str, Any]) -> None:
        value, measure = cleaned.get("value"), self.update.commitment.measure
        if measure and value is not None and (problem := measure.value_problem(value)):
            self.add_error("value", problem)
        needs_base = "percentage_of" in self.fields and value is not None
        if needs_base and not cleaned.get("percentage_of"):
            self.add_error("percentage_of", "Say what the percentage is of")

    def _check_success(self, cleaned: dict[str, Any]) -> None:
        """Add errors for missing parts of an optional success."""
        if self.has_success:
            for name in SUCCESS_FIELDS:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])

    @property
    def offered_types(self) -> dict[str, str]:
        """Return the labels of the update types available now, by code."""
        return dict(cast(forms.ChoiceField, self.fields["answer"]).choices)  # type: ignore[arg-type]

    @property
    def has_success(self) -> bool:
        return bool(self["success_title"].value() or self["success_story"].value())

    def submission(self) -> UpdateSubmission:
        """Return everything that the author submits."""
        return UpdateSubmission(
            version=self.cleaned_data["version"],
            is_final=self.update.is_final,
            update=self.update_values(),
            draft_form_data=self.draft_form_data(),
            evidence=self.evidence_items(),
            removed_references=self.removed_references(),
            success_key=self.cleaned_data["success_key"],
            success=self.success_values() if self.has_success else None,
        )

    def update_values(self) -> dict[str, Any]:
        """Return the update's fields for the actions."""
        cleaned = self.cleaned_data
        defaults: dict[str, Any] = {
            "nothing_changed": cleaned.get("answer") == UpdateType.SAME,
            "value": None,
            "percentage_of": None,
            "not_measured_reason": "",
            "self_assessment": self.update.self_assessment,
            "narrative": "",
            "obstacles": "",
            "lessons": "",
        }
        if cleaned.get("answer") == UpdateType.SAME:
            return defaults | {"narrative": cleaned["remark"]}
        entered_fields = {name: cleaned[name] for name in FIGURE_AND_TEXT_FIELDS if name in cleaned}
        assessment = cleaned.get("result") or cleaned.get("self_assessment")
        return (
            defaults
            | entered_fields
            | {"self_assessment": assessment or self.update.self_assessment}
        )

    def draft_form_data(self) -> dict[str, Any]:
        """Return everything entered, for all update types, so that a draft restores the whole form.

        Evidence is left out, because it is stored as records.
        """
        selected_type = self.cleaned_data["answer"]
        own_fields = [
            name
            for name in FIELDS_BY_TYPE[selected_type]
            if name in self.fields and name not in RESTORABLE_EVIDENCE_FIELDS
        ]
        entered_values = {
            name: self._entered_value(name)
            for name in [*own_fields, *self._fields_of_other_types()]
        }
        return {"answer": selected_type} | {
            name: value for name, value in entered_values.items() if value
        }

    def unsent_field_labels(self) -> list[str]:
        """Return the labels of fields that were filled in but are not sent."""
        preselected = {"evidence_kind", "evidence_visibility", "self_assessment"}
        return [
            str(self.fields[name].label)
            for name in self._fields_of_other_types()
            if name not in preselected and self._entered_value(name)
        ]

    def _fields_of_other_types(self) -> list[str]:
        """Return the fields that belong only to unselected update types."""
        own_fields = FIELDS_BY_TYPE.get(self["answer"].value(), ())
        fields = dict.fromkeys(name for names in FIELDS_BY_TYPE.values() for name in names)
        return [name for name in fields if name in self.fields and name not in own_fields]

    def _entered_value(self, name: str) -> str:
        """Return a field's entered text, or its initial text if the page hid it."""
        if name in self.data:
            return REFUSED_CHARACTERS.sub("", str(self.data[name]).replace("\r\n", "\n"))
        initial = self.initial_of(self.update).get(name)
        return str(self.fields[name].prepare_value(initial) or "")

    def evidence_items(self) -> list[dict[str, Any]]:
        """Return the evidence to add; only updates with figures have evidence."""
        return super().evidence_items() if self.cleaned_data.get("answer") in FIGURE_TYPES else []

    def is_resubmission_of(self, sent: ProgressUpdate) -> bool:
        """Return True if `sent` already has everything entered, as after a second click.

        A no-change update is sent with figures copied from the previous one, so they are not
        compared.
        """
        if not self.is_valid():
            return False
        values = self.update_values()
        if values["nothing_changed"]:
            values = {name: values[name] for name in ("nothing_changed", "narrative")}
        evidence_titles = set(sent.evidence.values_list("title", flat=True))
        success_titles = set(sent.commitment.successes.values_list("title", flat=True))
        return (
            all(getattr(sent, name) == value for name, value in values.items())
            and {item["title"] for item in self.evidence_items()} <= evidence_titles
            and (not self.has_success or self.cleaned_data["success_title"] in success_titles)
        )

    def typed_rows(self) -> list[dict[str, str]]:
        """Return the entered values field by field, as displayed text."""
        return [
            {"key": str(self.fields[name].label), "value": self._display_value(name), "href": ""}
            for name in (
                "answer",
                *FIELDS_BY_TYPE.get(self["answer"].value(), ()),
                *SHORT_SUCCESS_FIELDS,
            )
            if name in self.fields and self._display_value(name)
        ]

    def differences_from(self, current: ProgressUpdate) -> list[dict[str, str]]:
        """Return the fields whose entered value differs from the saved one."""
        saved_form = UpdateForm(update=current, initial=self.initial_of(current))
        field_names = [
            name
            for name, field in self.fields.items()
            if not field.widget.is_hidden and name not in SuccessForm.base_fields
        ]
        return [
            {
                "label": str(self.fields[name].label),
                "theirs": saved_form._display_value(name),
                "yours": self._display_value(name),
            }
            for name in field_names
            if saved_form._display_value(name) != self._display_value(name)
        ]

    def _display_value(self, name: str) -> str:
        field, value = self.fields[name], self[name].value()
        if isinstance(field, forms.ChoiceField):
            labels: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
            return str(labels.get(value, value or ""))
        return str(value if value is not None else "")
