"""The form for a commitment, in two parts: the outcome, and the planned evidence."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core import signing
from django.db.models import prefetch_related_objects

from charter.forms import contracts
from charter.forms.commitment_fields import (
    CODE_NAMES,
    FIGURE_NAMES,
    MEASURE_DEPENDENT_NAMES,
    display_value,
    form_fields,
    show_units,
)
from charter.models import Commitment, Signatory
from registry import clock
from registry.models import Record
from registry.schema.code_lists import Delivery, PlannedEvidenceType
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, Section
from registry.schema.measure_codes import ValueType

NO_MEASURE_LABEL = "In words: none of these measures fits"
NEW_KEY_SIGNER = signing.Signer(salt="key of a new commitment")


class CommitmentForm(forms.Form):
    """The form for a commitment. Only a draft may be incomplete."""

    # The declared fields. A class body may add to its own names.
    locals().update(form_fields(COMMITMENT_FIELDS))
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    new_key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, signatory: Signatory, draft: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.draft, self.signatory = draft, signatory
        self.small = signatory.organisation.is_small
        themes = list(signatory.charter.themes.all())
        # No query if the caller has prefetched the measures for many forms.
        prefetch_related_objects(themes, "measures")
        self.themes = {theme.key: theme for theme in themes}
        self.measures = {m.key: m for theme in themes for m in theme.measures.all()}
        measure = cast(forms.ChoiceField, self.fields["measure"])
        measure.choices = [("", "Select a measure")] + [
            (
                theme.title,
                [(m.key, f"{m.title} ({m.unit_label})") for m in theme.measures.all()]
                + [(theme.key, NO_MEASURE_LABEL)],
            )
            for theme in themes
        ]
        self.fields["cadence"].initial = signatory.usual_cadence
        self._fit_to_measure()
        if self.small:
            self.fields["evidence_text"].help_text = "A few words. For example, “Photographs”."
            self._offer_silence()
        if draft:
            for name in set(self.fields) - {"measure", "title", "version"}:
                self.fields[name].required = False

    def _offer_silence(self) -> None:
        """Let a small organisation leave out what it is not asked, and say nothing for it."""
        for bound_field in self.optional_for_small:
            field = bound_field.field
            field.required = False
            is_unanswered = isinstance(field.widget, forms.RadioSelect) and not field.initial
            if is_unanswered and isinstance(field, forms.ChoiceField):
                field.choices = [*cast(Iterable[Any], field.choices), ("", "Not said")]

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the parts of the full form: headings with their fields."""
        return [
            (
                section.value,
                self._bound_fields(f for f in COMMITMENT_FIELDS if f.section is section),
            )
            for section in Section
        ]

    @property
    def asked_of_small(self) -> list[forms.BoundField]:
        return self._bound_fields(f for f in COMMITMENT_FIELDS if f.asked_of_small)

    @property
    def optional_for_small(self) -> list[forms.BoundField]:
        return self._bound_fields(f for f in COMMITMENT_FIELDS if not f.asked_of_small)

    @classmethod
    def initial_of(cls, commitment: Commitment) -> dict[str, Any]:
        """Return initial values from a saved commitment."""
        names = set(cls.base_fields) - {"measure", "new_key", *contracts.NAMES}
        measure_or_theme = commitment.measure or commitment.theme
        initial = {name: getattr(commitment, name) for name in names} | {
            "measure": measure_or_theme.key
        }
        return initial | contracts.initial_of(commitment.contracts)

    @classmethod
    def initial_of_new(cls, signatory: Signatory) -> dict[str, Any]:
        """Return initial values of an empty form; those of the fields need no form to be built."""
        declared = {name: field.initial for name, field in cls.base_fields.items()}
        initial = declared | {"cadence": signatory.usual_cadence}
        return {name: value for name, value in initial.items() if value}

    @classmethod
    def initial_for(cls, signatory: Signatory, chosen_key: str) -> dict[str, Any]:
        """Return initial values for a new commitment with the measure or theme `chosen_key`."""
        form = cls(signatory=signatory)
        measure = form.measures.get(chosen_key)
        return {
            "measure": chosen_key,
            "evidence_text": measure.usual_evidence if measure else "",
        }

    @classmethod
    def initial_based_on(
        cls, signatory: Signatory, key: str, commitment: dict[str, Any]
    ) -> dict[str, Any]:
        """Return initial values from another signatory's commitment, without its figures.

        `commitment` is the public item with the key `key`. A measure or theme of
        another charter is replaced by a theme of the signatory's own.
        """
        form = cls(signatory=signatory)
        candidates = [commitment.get("measure"), commitment["theme"], next(iter(form.themes))]
        chosen_key = next(
            candidate
            for candidate in candidates
            if candidate in form.measures or candidate in form.themes
        )
        return {
            "measure": chosen_key,
            "title": commitment["title"],
            "description": commitment["description"],
            "evidence_kind": commitment["planned_evidence"]["type"],
            "evidence_text": commitment["planned_evidence"]["text"],
            "based_on": key,
        }

    def clean_based_on(self) -> str:
        key = self.cleaned_data["based_on"]
        commitments = Record.objects.of_kind("commitment")
        met_commitments = commitments.filter(key=key, delivery=Delivery.MET)
        if key and not met_commitments.exists():
            raise forms.ValidationError("The commitment this is based on was not met.")
        return str(key)

    def clean_new_key(self) -> str:
        try:
            return (
                NEW_KEY_SIGNER.unsign(self.cleaned_data["new_key"])
                if self.cleaned_data["new_key"]
                else ""
            )
        except signing.BadSignature:
            raise forms.ValidationError("Open the form again: its address was altered.") from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        contracts.require_reference(self)
        if "measure" in cleaned and not self.draft:
            commitment = Commitment(signatory=self.signatory, **self.values())
            problems = commitment.problems(clock.today())
            for name, message in problems.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, message)
        self._check_figures(cleaned)
        return cleaned

    def _check_figures(self, cleaned: dict[str, Any]) -> None:
        """Refuse figures that the measure rejects, in drafts too."""
        measure = self.chosen_measure
        for name in FIGURE_NAMES:
            value = cleaned.get(name)
            if measure and value is not None and (problem := measure.value_problem(value)):
                self.add_error(name, problem)

    def values(self) -> dict[str, Any]:
        """Return the commitment's fields, as arguments of the actions."""
        chosen_key = self.cleaned_data["measure"]
        measure = self.measures.get(chosen_key)
        values: dict[str, Any] = dict.fromkeys(MEASURE_DEPENDENT_NAMES)
        values |= {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("measure", "version", "new_key", *contracts.NAMES)
        }
        values["contracts"] = contracts.published_contracts(self.cleaned_data)
        if self.small:
            values["description"] = values.get("description") or values.get("title", "")
            values["evidence_kind"] = values.get("evidence_kind") or PlannedEvidenceType.OTHER
        for name in CODE_NAMES:
            values[name] = values.get(name) or self.fields[name].initial or ""
        if measure and measure.value_type == ValueType.YES_NO:
            values["target_value"] = Decimal(1)  # The aim is a yes.
        return values | {
            "measure": measure,
            "theme": measure.theme if measure else self.themes[chosen_key],
        }

    def differences(self, current: Commitment) -> list[dict[str, str]]:
        """Return the fields that differ from the saved commitment: label, theirs, yours."""
        saved_form = CommitmentForm(signatory=current.signatory, initial=self.initial_of(current))
        new_values = self.values()
        saved_values = {name: getattr(current, name) for name in new_values}
        saved_values |= contracts.initial_of(current.contracts)
        new_values |= contracts.initial_of(new_values["contracts"])
        return [
            {
                "label": str(self.fields[name].label),
                "theirs": saved_form._display_value(name),
                "yours": self._display_value(name),
            }
            for name in self.fields
            if name in new_values and new_values[name] != saved_values[name]
        ]

    def _display_value(self, name: str) -> str:
        return display_value(self.fields[name], self[name].value()) if name in self.fields else ""

    def _bound_fields(self, declared: Iterable[CommitmentField]) -> list[forms.BoundField]:
        return [self[name] for name in form_fields(declared) if name in self.fields]

    def _fit_to_measure(self) -> None:
        """Name the measure's unit and usual evidence; remove figures if it has none."""
        self.chosen_measure = self.measures.get(self["measure"].value() or "")
        if self.chosen_measure:
            usual_evidence = f"Usual for this measure: {self.chosen_measure.usual_evidence}."
            self.fields["evidence_kind"].help_text = usual_evidence
            show_units(self, self.chosen_measure)
        if self["measure"].value():
            commitment = Commitment(measure=self.chosen_measure)
            for declared in COMMITMENT_FIELDS:
                if not commitment.takes(declared):
                    del self.fields[declared.name]
