"""The form for a commitment, in two parts: the outcome, and the planned evidence."""

from typing import Any, cast

from django import forms
from django.core import signing
from django.db.models import prefetch_related_objects

from charter.forms import contracts
from charter.forms.fields import DayField, FigureField, MultilineTextField, PlainTextField
from charter.models import Commitment, Signatory
from charter.models.commitments import EvidenceKind
from registry import clock
from registry.models import Record
from registry.reference_data import places

NO_MEASURE_LABEL = "In words: none of these measures fits"
# Optional for small organisations, required for everyone else.
OPTIONAL_FOR_SMALL = ("description", "additionality", "evidence_kind")
NEW_KEY_SIGNER = signing.Signer(salt="key of a new commitment")


class CommitmentForm(forms.Form):
    """The form for a commitment. Only a draft may be incomplete."""

    measure = forms.ChoiceField(
        label="What will you measure?",
        error_messages={"required": "Choose what you will measure"},
    )
    title = PlainTextField(
        label="Your commitment in one sentence",
        max_length=200,
        help_text=(
            "Who does what, how many, by when: “Start 20 apprenticeships for care leavers by "
            "30 June 2027”."
        ),
    )
    description = MultilineTextField(
        label="What will you do, and what will change?", max_length=10_000
    )
    target_value = FigureField(label="Target", min_value=None)
    baseline_value = FigureField(
        label="Where you start",
        help_text="The figure today. Leave blank if you do not know it.",
        min_value=None,
        required=False,
    )
    baseline_on = DayField(label="The starting figure is of", required=False)
    start_on = DayField(label="Start", required=False)
    end_on = DayField(label="Done by")
    area_codes = forms.MultipleChoiceField(
        label="Where does it happen?",
        required=False,
        choices=lambda: sorted(
            ((p.code, p.name) for p in places.all_places().values()),
            key=lambda place: (place[0].startswith("E05"), place[1]),
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    additionality = forms.ChoiceField(
        label="Is this more than your usual work?",
        choices=Commitment.Additionality.choices,
        widget=forms.RadioSelect,
        initial=Commitment.Additionality.ADDITIONAL,
    )
    evidence_kind = forms.ChoiceField(
        label="What will you be able to show?",
        choices=[("", "Choose a kind of evidence"), *EvidenceKind.choices],
    )
    evidence_text = MultilineTextField(
        label="How will people know?",
        max_length=2_000,
        help_text=(
            "One sentence, such as “Payroll records and letters from the two colleges”. "
            "It stays as it is once published, and we remind you of it each time we ask for "
            "updates."
        ),
    )
    contract_reference = contracts.REFERENCE
    contract_title = contracts.TITLE
    contract_department = contracts.DEPARTMENT
    contract_stage = contracts.STAGE
    contract_clause = contracts.CLAUSE
    contract_ocid = contracts.OCID
    contract_value = contracts.VALUE
    contract_weighting = contracts.WEIGHTING
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    new_key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, signatory: Signatory, draft: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.draft = draft
        self.small = signatory.organisation.is_small
        themes = list(signatory.charter.themes.all())
        # No query if the caller has prefetched the measures for many forms.
        prefetch_related_objects(themes, "measures")
        self.themes = {theme.key: theme for theme in themes}
        self.measures = {m.key: m for theme in themes for m in theme.measures.all()}
        measure = cast(forms.ChoiceField, self.fields["measure"])
        measure.choices = [("", "Choose a measure")] + [
            (
                theme.title,
                [(m.key, f"{m.title} ({m.unit_label})") for m in theme.measures.all()]
                + [(theme.key, NO_MEASURE_LABEL)],
            )
            for theme in themes
        ]
        self._fit_to_measure()
        if self.small:
            self.fields["evidence_text"].help_text = "In a few words, such as “Photographs”."
            for name in OPTIONAL_FOR_SMALL:
                self.fields[name].required = False
        if draft:
            for name in set(self.fields) - {"measure", "title", "version"}:
                self.fields[name].required = False
        for name, message in Commitment.MISSING_MESSAGES.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = message

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
        met_commitments = Record.objects.of_kind("commitment").filter(key=key, delivery="met")
        if key and not met_commitments.exists():
            raise forms.ValidationError("The commitment that this was made like was not met.")
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
            problems = Commitment(**self.values()).problems(clock.today())
            for name, message in problems.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, message)
        self._check_figures(cleaned)
        return cleaned

    def _check_figures(self, cleaned: dict[str, Any]) -> None:
        """Refuse figures that the measure rejects, in drafts too."""
        measure = self.chosen_measure
        for name in ("target_value", "baseline_value"):
            value = cleaned.get(name)
            if measure and value is not None and (problem := measure.value_problem(value)):
                self.add_error(name, problem)

    def values(self) -> dict[str, Any]:
        """Return the commitment's fields, as arguments of the actions."""
        chosen_key = self.cleaned_data["measure"]
        measure = self.measures.get(chosen_key)
        values: dict[str, Any] = {"target_value": None, "baseline_value": None, "baseline_on": None}
        values |= {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("measure", "version", "new_key", *contracts.NAMES)
        }
        values["contracts"] = contracts.published_contracts(self.cleaned_data)
        if self.small:
            values["description"] = values.get("description") or values.get("title", "")
            values["evidence_kind"] = values.get("evidence_kind") or EvidenceKind.OTHER
        if not values.get("additionality"):
            values["additionality"] = Commitment.Additionality.ADDITIONAL
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
        """Return a field's value as readers see it."""
        if name not in self.fields:
            return ""
        value = self[name].value()
        if name == "measure":
            measure = self.measures.get(value)
            return measure.title if measure else f"{self.themes[value].title}: {NO_MEASURE_LABEL}"
        if name == "area_codes":
            return ", ".join(places.place_name(code) for code in value)
        labels = dict(EvidenceKind.choices + Commitment.Additionality.choices)
        return str(labels.get(value, value) or "")

    def _fit_to_measure(self) -> None:
        """Add the unit to the labels of figures, or remove figures if the measure has none."""
        self.chosen_measure = self.measures.get(self["measure"].value() or "")
        if self.chosen_measure and Commitment(measure=self.chosen_measure).takes_a_number:
            for name in ("target_value", "baseline_value"):
                field = self.fields[name]
                field.label = f"{field.label} ({self.chosen_measure.unit_label})"
            if not self.chosen_measure.has_starting_point:
                del self.fields["baseline_value"], self.fields["baseline_on"]
        elif self["measure"].value():
            for name in ("target_value", "baseline_value", "baseline_on"):
                del self.fields[name]
