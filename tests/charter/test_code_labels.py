"""Forms, pages and the API use the same label for each code."""

import pytest

from charter.models import Measure, Organisation, Signatory
from charter.models.charters import Cadence
from charter.workflow import Standing
from registry.schema import code_lists
from reporting.models import Evidence
from reporting.models.updates import SelfAssessment


@pytest.mark.parametrize(
    ("private", "public"),
    [
        (Cadence, code_lists.CADENCES),
        (Signatory.Route, code_lists.ROUTES),
        (Standing, code_lists.STANDINGS),
        (Organisation.Size, code_lists.SIZES),
        (Evidence.Kind, code_lists.EVIDENCE_TYPES),
        (SelfAssessment, {code: code_lists.DELIVERY[code] for code in code_lists.SELF_ASSESSMENTS}),
    ],
)
def test_forms_and_pages_use_the_same_labels(private, public):
    assert dict(private.choices) == public


def test_measure_natures_have_the_same_codes():
    assert set(Measure.Nature.values) == set(code_lists.NATURES)
