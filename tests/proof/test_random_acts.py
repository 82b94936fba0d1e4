"""Thousands of random acts of several people on one commitment."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import factories
from tests.charter.random_acts import RandomActs

pytestmark = pytest.mark.django_db


def test_commitment_stays_in_a_legal_state_under_thousands_of_acts():
    factories.brookfield()
    many = settings(
        max_examples=300,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    run_state_machine_as_test(RandomActs, settings=many)
