"""The guidance of all 64 measures agrees with what the fields of the forms take."""

import copy
import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms

from charter import reference
from charter.forms.fields import FigureField, YesNoField
from charter.models import Measure
from registry.schema.measure_codes import Counts, Unit, ValueType
from reporting.forms.figures import fit_figure_fields
from reporting.forms.updates import UpdateForm

pytestmark = pytest.mark.django_db
# Words of the guidance by the unit of the figure that it asks for.
WORDS = {
    Unit.COUNT: "Count each",
    Unit.FTE: "full-time equivalent",
    Unit.WEEKS: "weeks",
    Unit.HOURS: "hours",
    Unit.PERSON_HOURS: "Multiply the length of each",
    Unit.GBP: "spent|paid|cost|price",
    Unit.PERCENT: "Divide|Give the share|Give the latest median",
    Unit.DAYS: "Divide all training days",
    Unit.TCO2E: "tonnes avoided",
    Unit.KWH: "metered use",
    Unit.TONNES: "tonnes",
    Unit.KM: "journeys",
    Unit.SQM: "square metre",
    Unit.YESNO: "Answer yes only if",
    Unit.TEXT: "Describe each",
}


@pytest.fixture
def measures():
    """Return the measures of the library, unsaved."""
    return [Measure(**values | {"theme": None}) for values in reference.measures()]


def update_fields(measure: Measure) -> dict[str, forms.Field]:
    """Return the fields of an update's form as a person sees them for a measure."""
    form = forms.Form()
    form.fields = copy.deepcopy(UpdateForm.base_fields)
    commitment = SimpleNamespace(measure=measure, value_type=measure.value_type)
    period = SimpleNamespace(ends_on=date(2026, 9, 30))
    update = SimpleNamespace(commitment=commitment, period_id=1, period=period, is_final=False)
    fit_figure_fields(form, update)
    return form.fields


def all_text(measure: Measure) -> str:
    return f"{measure.definition} {measure.not_counted}"


def test_guidance_asks_for_the_figure_that_the_field_takes(measures):
    for measure in measures:
        fields, text, code = update_fields(measure), measure.definition, measure.code
        assert re.search(WORDS[Unit(measure.unit)], text), code
        is_number = measure.value_type in ValueType.numeric_types()
        starts_anywhere = is_number and measure.counts != Counts.SINCE_PROMISE
        assert measure.has_starting_point is starts_anywhere, code
        if not is_number:
            is_yes_or_no = isinstance(fields.get("value"), YesNoField)
            assert is_yes_or_no is (measure.unit == Unit.YESNO), code
            continue
        hint = fields["value"].help_text
        if measure.counts == Counts.SINCE_PROMISE:
            assert "not just this period" in hint, code
            assert not re.search(r"in the period|last day|12 months", text), code
            assert re.search("(since|after) the commitment began", measure.counts_reason), code
        elif measure.counts == Counts.IN_A_YEAR:
            assert "whole 12 months" in hint, code
            assert re.search("(in the|of the same) 12 months", text), code
        else:
            assert "on this day" in hint, code
            assert re.search("on the last day of the period|snapshot date", text), code


def test_field_takes_the_figures_that_the_guidance_speaks_of(measures):
    below_zero = FigureField(min_value=None).clean("−2.3")
    assert below_zero == FigureField(min_value=None).clean("(2.3)") == Decimal("-2.3")
    for measure in measures:
        text, code = all_text(measure), measure.code
        is_share, is_whole = measure.unit == Unit.PERCENT, measure.unit == Unit.COUNT
        assert ("negative" in text) is measure.may_be_negative, code
        assert bool(measure.value_problem(below_zero)) is not measure.may_be_negative, code
        assert bool(measure.value_problem(Decimal("100.5"))) is (is_share or is_whole), code
        assert bool(measure.value_problem(Decimal("1.5"))) is is_whole, code
        assert measure.unit_label.startswith("%") is is_share, code
        assert ("FTE" in measure.unit_label) is ("full-time equivalent" in text), code


def test_guidance_asks_for_nothing_that_has_no_field(measures):
    codes = {measure.code for measure in measures}
    for measure in measures:
        fields, text = update_fields(measure), all_text(measure)
        asks_for_two = re.search("give both (numbers|amounts)", text)
        assert not asks_for_two or "percentage_of" in fields, measure.code
        labels = {str(field.label) for field in fields.values()}
        assert set(re.findall("“(.+?)”", text)) <= labels, measure.code
        assert set(re.findall(r"\b[A-Z]{2}\d\d\b", text)) <= codes, measure.code
        assert measure.usual_evidence, measure.code
        assert measure.evidence_strength, measure.code
