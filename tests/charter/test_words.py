"""A form, a page and the API use one word for one thing."""

import pytest

from charter.models import Measure, Organisation, Signatory
from charter.models.charters import Cadence
from charter.workflow import Standing
from registry import codelists
from reporting.models import Evidence
from reporting.models.updates import SelfAssessment


@pytest.mark.parametrize(
    ("private", "public"),
    [
        (Cadence, codelists.CADENCES),
        (Signatory.Route, codelists.ROUTES),
        (Standing, codelists.STANDINGS),
        (Organisation.Size, codelists.SIZES),
        (Evidence.Kind, codelists.EVIDENCE_TYPES),
        (SelfAssessment, {code: codelists.DELIVERY[code] for code in codelists.SELF_ASSESSMENTS}),
    ],
)
def test_words_of_the_form_are_those_of_the_page(private, public):
    assert dict(private.choices) == public


def test_natures_have_the_same_codes():
    assert set(Measure.Nature.values) == set(codelists.NATURES)
