"""A form, a page and the API use one word for one thing."""

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
def test_words_of_the_form_are_those_of_the_page(private, public):
    assert dict(private.choices) == public


def test_natures_have_the_same_codes():
    assert set(Measure.Nature.values) == set(code_lists.NATURES)
