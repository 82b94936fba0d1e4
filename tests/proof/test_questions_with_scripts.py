"""Readers with scripts find the same answers within three clicks as readers without."""

import pytest

from tests.journeys import test_public_questions as without_scripts

pytestmark = pytest.mark.django_db(transaction=True)
register = without_scripts.register

test_every_question_is_answered_within_three_clicks = (
    without_scripts.test_every_question_is_answered_within_three_clicks
)


@pytest.fixture
def scripts() -> bool:
    return True
