"""Thousands of acts of a business that tries to lower a commitment without the words for it."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reporting.correction_paths import CorrectionPaths, make_commitments

pytestmark = pytest.mark.django_db


def test_no_path_lowers_a_commitment_without_the_words_for_it():
    make_commitments()
    many = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    run_state_machine_as_test(CorrectionPaths, settings=many)
